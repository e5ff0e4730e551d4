# SPDX-License-Identifier: Apache-2.0
"""A log that no client can fill: each message once in a while, with the count of the others."""

from collections.abc import Callable
from dataclasses import dataclass
import logging
from time import monotonic

MOST_MESSAGES = 100
"""Kinds that are told apart; what comes beyond them is one more."""


@dataclass
class _Told:
    """When a message was last written, and how often it came since."""

    time: float
    more: int = 0


class QuietLog(logging.Filter):
    """Let a message through once in some seconds, then with the count of those left out.

    Messages are the same that have the same text before their values are put in.

    Args:
        seconds: between two of the same.
        clock: returns the time in seconds.
    """

    def __init__(self, seconds: float = 60.0, clock: Callable[[], float] = monotonic) -> None:
        super().__init__()
        self._seconds = seconds
        self._clock = clock
        self._told: dict[str, _Told] = {}

    def filter(self, record: logging.LogRecord) -> bool:  # noqa: A003
        """Return whether a message is written."""
        text = str(record.msg)
        key = text if text in self._told or len(self._told) < MOST_MESSAGES else ''
        now = self._clock()
        told = self._told.get(key)
        if told is not None and now - told.time < self._seconds:
            told.more += 1
            return False
        if told is not None and told.more:
            record.msg = f'{text.rstrip()} ({told.more} more since)'
        self._told[key] = _Told(now)
        return True

    def left_out(self) -> list[str]:
        """Return a line for each message that came more often than it was written."""
        return [f'{(key or "others").splitlines()[0]} ({told.more} more)'
                for key, told in self._told.items() if told.more]
