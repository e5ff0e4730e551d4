# SPDX-License-Identifier: Apache-2.0
"""Count what a node did and dropped, for /diagnostics."""

from collections import Counter
from collections import deque
from collections.abc import Mapping
from enum import IntEnum
from threading import Lock

ERROR_AFTER = 5.0
"""For which what a node lives on may be gone before that is an error, s."""


class Level(IntEnum):
    """How well a node is; the numbers are those of DiagnosticStatus."""

    OK = 0
    WARN = 1
    ERROR = 2


class Health:
    """Counts, notes and the last error of a node; `now` is always a steady clock in seconds.

    Rates are means over the last `span` seconds. Thread-safe.

    Attributes:
        state: what the node does while all is well.
    """

    def __init__(self, span: float = 5.0) -> None:
        self.state = 'running'
        self._span = span
        self._totals: Counter[str] = Counter()
        self._notes: dict[str, str] = {}
        self._recent: dict[str, deque[float]] = {}
        self._spent: dict[str, deque[float]] = {}
        self._error: str | None = None
        self._error_at = 0.0
        self._gone = ''
        self._gone_at = 0.0
        self._lock = Lock()

    def count(self, event: str, now: float, seconds: float | None = None) -> None:
        """Count one event, and the seconds it took where they matter."""
        with self._lock:
            self._totals[event] += 1
            self._recent.setdefault(event, deque(maxlen=1000)).append(now)
            if seconds is not None:
                self._spent.setdefault(event, deque(maxlen=100)).append(seconds)

    def total(self, event: str) -> int:
        """Return how often an event was counted so far."""
        with self._lock:
            return self._totals[event]

    def note(self, notes: Mapping[str, str]) -> None:
        """Keep texts by name, instead of the earlier ones of these names."""
        with self._lock:
            self._notes.update(notes)

    def error(self, text: str, now: float) -> None:
        """Keep the text of an error, the last one from now on."""
        with self._lock:
            self._error, self._error_at = text, now

    def gone(self, text: str, now: float) -> None:
        """Note that what the node lives on, such as its camera, is gone until `back`.

        The newest text is told; the time counts from the first.
        """
        self.error(text, now)
        with self._lock:
            if not self._gone:
                self._gone_at = now
            self._gone = text

    def back(self) -> None:
        """Note that it is there again."""
        with self._lock:
            self._gone = ''

    def level_and_message(self, now: float) -> tuple[Level, str]:
        """Tell how well the node is, and why.

        An error is a warning for `span` seconds. What is gone is a warning at first, and an
        error from ERROR_AFTER on.
        """
        with self._lock:
            if self._gone:
                lasting = now - self._gone_at >= ERROR_AFTER
                return Level.ERROR if lasting else Level.WARN, self._gone
            if self._error is not None and now - self._error_at < self._span:
                return Level.WARN, self._error
            return Level.OK, self.state

    def values(self, now: float) -> dict[str, str]:
        """Return all figures and notes as text, by name."""
        with self._lock:
            values = {}
            for event, times in self._recent.items():
                while times and now - times[0] > self._span:
                    times.popleft()
                values[event] = str(self._totals[event])
                values[f'{event} per second'] = f'{len(times) / self._span:.1f}'
            for event, seconds in self._spent.items():
                values[f'{event} ms'] = f'{1000 * sum(seconds) / len(seconds):.1f}'
            values['last error'] = self._error or 'none'
            return {**values, **self._notes}
