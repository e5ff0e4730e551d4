# SPDX-License-Identifier: Apache-2.0
"""Say what is left out: the first of a kind at once, how many there were at the end."""

from collections import Counter
from collections.abc import Callable
import re

NUMBER = re.compile(r'\d+')


class LeftOut:
    """What a source leaves out, counted by reason; numbers in a reason do not tell reasons apart.

    Args:
        tell: takes a line.
        subject: of the lines at the end, such as the name of a file.
    """

    def __init__(self, tell: Callable[[str], None], subject: str) -> None:
        self._tell, self._subject = tell, subject
        self._counts: Counter[str] = Counter()
        self._reasons: dict[str, str] = {}

    def add(self, line: str, reason: str) -> None:
        """Count one more; the line tells of the first with its reason."""
        kind = NUMBER.sub('', reason)
        self._counts[kind] += 1
        if self._counts[kind] == 1:
            self._reasons[kind] = reason
            self._tell(line)

    def sum_up(self) -> None:
        """Tell how many were left out where it was more than one; a second call tells nothing."""
        for kind, count in self._counts.items():
            if count > 1:
                self._tell(f'{self._subject}: {count} were left out in all: '
                           f'{self._reasons[kind]}')
        self._counts.clear()
