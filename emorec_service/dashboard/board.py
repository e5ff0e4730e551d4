# SPDX-License-Identifier: Apache-2.0
"""What a dashboard shows, kept for those who look, from any thread."""

from collections import deque
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from threading import Condition
from time import monotonic
from typing import Any

COLOUR = 'colour'
DEPTH = 'depth'
IMAGES = (COLOUR, DEPTH)
LOOKED_AT_FOR = 3.0
"""Seconds for which an image counts as looked at after somebody asked for one."""
SHOWN_FOR = 120.0
"""Seconds that a timeline goes back."""
MOST_LINES = 20
"""People with a timeline; those not seen for longest leave first."""
MOST_NOTICES = 12
GAP = 1.0
"""Seconds without an answer about a person after which a timeline has a gap."""

Part = tuple[float, float, str]
"""Begin, end (s of the board's clock) and emotion; '' while none is confirmed."""


@dataclass
class Line:
    """The emotions of one person over time.

    Attributes:
        name: what the person is called.
        parts: in order.
    """

    name: str
    parts: deque[Part] = field(default_factory=deque)

    def add(self, now: float, emotion: str) -> None:
        """Let an emotion go on, or another one begin, and forget what is long over."""
        if self.parts and now - self.parts[-1][1] <= GAP:
            begin, _, before = self.parts.pop()
            if before == emotion:
                self.parts.append((begin, now, emotion))
            else:
                self.parts.extend([(begin, now, before), (now, now, emotion)])
        else:
            self.parts.append((now, now, emotion))
        while now - self.parts[0][1] > SHOWN_FOR:
            self.parts.popleft()


class Board:
    """The last of everything that is shown; those who look wait for what is newer.

    Args:
        clock: returns the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._changed = Condition()
        self._number = 0
        self._parts: dict[str, Any] = {
            'people': [], 'rejected': [], 'present': [], 'nodes': {}}
        self._answered: float | None = None
        self._lines: dict[str, Line] = {}
        self._notices: deque[tuple[float, str, bool]] = deque(maxlen=MOST_NOTICES)
        self._images: dict[str, tuple[int, bytes]] = {}
        self._asked = dict.fromkeys(IMAGES, -LOOKED_AT_FOR)

    def show(self, **parts: Any) -> None:
        """Replace parts of what is shown, such as rejected or present."""
        with self._changed:
            self._parts.update(parts)
            self._changed_now()

    def show_people(self, people: Sequence[dict[str, Any]]) -> None:
        """Show who an image was answered with.

        Args:
            people: each with key, name, emotion and confirmed, and whatever else is shown.
        """
        now = self._clock()
        with self._changed:
            self._parts['people'] = list(people)
            self._answered = now
            for person in people:
                line = self._lines.pop(person['key'], None) or Line('')
                line.name = person['name']
                line.add(now, person['emotion'] if person['confirmed'] else '')
                self._lines[person['key']] = line
            while len(self._lines) > MOST_LINES:
                del self._lines[next(iter(self._lines))]
            self._changed_now()

    def show_node(self, name: str, node: dict[str, Any]) -> None:
        """Show how a node is."""
        with self._changed:
            self._parts['nodes'][name] = node

    def tell(self, text: str, bad: bool = False) -> None:
        """Show a line about what happened."""
        with self._changed:
            self._notices.append((self._clock(), text, bad))
            self._changed_now()

    def show_image(self, kind: str, jpeg: bytes) -> None:
        """Show the next image of a kind."""
        with self._changed:
            self._images[kind] = (self._images.get(kind, (0, b''))[0] + 1, jpeg)
            self._changed.notify_all()

    def is_looked_at(self, kind: str) -> bool:
        """Tell whether somebody asked for images of a kind a moment ago."""
        return self._clock() - self._asked[kind] < LOOKED_AT_FOR

    def image(self, kind: str, after: int, timeout: float) -> tuple[int, bytes] | None:
        """Wait for an image of another number than `after`; None: there is none in time."""
        with self._changed:
            self._asked[kind] = self._clock()
            there = self._changed.wait_for(
                lambda: kind in self._images and self._images[kind][0] != after, timeout)
            return self._images[kind] if there else None

    def snapshot(self, after: int, timeout: float) -> dict[str, Any]:
        """Return all that is shown, once it has another number than `after`, or in the end."""
        with self._changed:
            self._changed.wait_for(lambda: self._number != after, timeout)
            now = self._clock()
            return {
                **self._parts, 'number': self._number,
                'nodes': [{'name': name, **node} for name, node in sorted(
                    self._parts['nodes'].items())],
                'silent': None if self._answered is None else now - self._answered,
                'lines': [{'key': key, 'name': line.name, 'parts': [
                    [now - begin, now - end, emotion] for begin, end, emotion in line.parts]}
                    for key, line in self._lines.items() if now - line.parts[-1][1] < SHOWN_FOR],
                'notices': [{'age': now - time, 'text': text, 'bad': bad}
                            for time, text, bad in reversed(self._notices)]}

    def _changed_now(self) -> None:
        self._number += 1
        self._changed.notify_all()
