# SPDX-License-Identifier: Apache-2.0
"""Measure how far apart the images of a stream are, by their stamps."""

from collections import deque
from statistics import median_low

INTERVALS = 9
"""How many intervals count: a stream that changes its rate is followed within five images."""


class Pace:
    """The usual time between two images of a stream.

    It is the lower median of the last INTERVALS intervals, so that pauses and skipped images
    change nothing. Stamps that repeat or step back tell of no interval.
    """

    def __init__(self) -> None:
        self._newest: int | None = None
        self._intervals: deque[int] = deque(maxlen=INTERVALS)

    def add(self, stamp: int) -> None:
        """Take note of the stamp of the next image, ns."""
        if self._newest is not None and stamp > self._newest:
            self._intervals.append(stamp - self._newest)
        self._newest = stamp if self._newest is None else max(self._newest, stamp)

    @property
    def interval(self) -> int:
        """Return the usual interval, ns; 0 until two are known, since one may be a pause."""
        return median_low(self._intervals) if len(self._intervals) > 1 else 0
