# SPDX-License-Identifier: Apache-2.0
"""How far apart the images of a stream are, by their stamps, and how they are played."""

from collections import deque
from statistics import median_low

from emorec_vision.stamps import NANOSECONDS

INTERVALS = 9
"""How many intervals count: a stream that changes its rate is followed within five images."""

LONGEST_PAUSE = 2 * NANOSECONDS
"""Nobody waits longer than this for the next image of a file, ns."""


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


class Playback:
    """How long each image of a file is shown: as its stamps say, long gaps shortened.

    Where time does not go on, or goes back, the usual interval counts.
    """

    def __init__(self) -> None:
        self._pace = Pace()
        self._stamp: int | None = None
        self._told = False
        self._news: list[str] = []

    def step(self, stamp: int) -> int:
        """Return how long after the image before it an image is to be shown, ns.

        Args:
            stamp: of the image, ns.
        """
        before, self._stamp = self._stamp, stamp
        self._pace.add(stamp)
        if before is None:
            return 0
        gap = stamp - before
        if gap > LONGEST_PAUSE and not self._told:
            self._told = True
            self._news.append(
                f'the images after {before / NANOSECONDS:.2f} s go on at '
                f'{stamp / NANOSECONDS:.2f} s: gaps longer than '
                f'{LONGEST_PAUSE // NANOSECONDS} s are shortened to that')
        return min(gap if gap > 0 else self._pace.interval, LONGEST_PAUSE)

    def take_news(self) -> list[str]:
        """Return what is worth telling since the last call, one line each."""
        news, self._news = self._news, []
        return news
