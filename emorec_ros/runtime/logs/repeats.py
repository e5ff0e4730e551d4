# SPDX-License-Identifier: Apache-2.0
"""Decide which lines of a log are printed, so that nothing that repeats fills a disk."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf
import re

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 60.0
"""Seconds between two lines that differ in numbers at most; the pause doubles up to this."""
KINDS = 64
"""Kinds of lines that are remembered."""
BURST = 40
"""Lines of any kind that a node may print at once."""
REFILL = 0.5
"""Lines a second that it may print for ever."""
NUMBERS = re.compile(r'[0-9]+')


@dataclass
class _Kind:
    """Lines that differ in their numbers at most, and how many were left out since the last."""

    level: str
    text: str
    pause: float
    next_at: float
    left_out: int = 0


class Repeats:
    """The lines that a log may print; `now` is always a steady clock in seconds.

    A line is printed at once. Others like it follow after a pause, which doubles as long as they
    keep coming, with how many were left out; the last one is always printed in the end. Beyond
    that, a node has BURST lines, and REFILL more each second.
    """

    def __init__(self) -> None:
        self._kinds: dict[str, _Kind] = {}
        self._lines = float(BURST)
        self._filled_at = -inf
        self._crowded_out = 0

    def offer(self, level: str, text: str, now: float, once: bool = False) -> list[str]:
        """Return the text as a list if it may be printed now, else an empty one.

        Args:
            level: of the line.
            text: of the line.
            now: the time.
            once: do not print others like it later.
        """
        key = NUMBERS.sub('#', text)
        kind = self._kinds.pop(key, None)
        if kind is None or now > kind.next_at + LONGEST_PAUSE:
            kind = _Kind(level, text, FIRST_PAUSE, -inf)
        self._kinds[key] = kind
        if len(self._kinds) > KINDS:
            self._crowded_out += self._kinds.pop(next(iter(self._kinds))).left_out
        if kind.next_at == inf:
            return []
        kind.level, kind.text = level, text
        kind.left_out += 1
        lines = self._print(kind, now)
        if once and lines:
            kind.next_at = inf
        return lines

    def due(self, now: float) -> Iterator[tuple[str, str]]:
        """Yield level and text of what was left out and may be printed now."""
        for kind in self._kinds.values():
            if kind.left_out and now >= kind.next_at:
                for text in self._print(kind, now):
                    yield kind.level, text
        if self._crowded_out and self._spend(now):
            yield 'warning', f'{self._crowded_out} other lines were left out'
            self._crowded_out = 0

    def _print(self, kind: _Kind, now: float) -> list[str]:
        if now < kind.next_at or not self._spend(now):
            return []
        more = f' ({kind.left_out} times)' if kind.left_out > 1 else ''
        kind.next_at, kind.left_out = now + kind.pause, 0
        kind.pause = min(2 * kind.pause, LONGEST_PAUSE)
        return [kind.text + more]

    def _spend(self, now: float) -> bool:
        if self._filled_at > -inf:
            self._lines = min(BURST, self._lines + REFILL * (now - self._filled_at))
        self._filled_at = now
        if self._lines < 1:
            return False
        self._lines -= 1
        return True
