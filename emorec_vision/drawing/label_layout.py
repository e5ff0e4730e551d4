# SPDX-License-Identifier: Apache-2.0
"""Find room for labels in an image."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
from functools import lru_cache
import unicodedata

import cv2
from emorec_vision.drawing.colors import initials
from emorec_vision.emotions import EMOTIONS
from emorec_vision.geometry import Box
import numpy as np

FONT = cv2.FONT_HERSHEY_SIMPLEX
NOT_SURE = 'not sure'
LEAST_SCALE = 0.29
"""Scale below which Hershey letters cannot be read."""


@dataclass(frozen=True)
class LabelStyle:
    """Sizes in px that go with the image and its faces, and the emotions that bars are for."""

    scale: float
    stroke: int
    text: int
    gap: int
    labels: tuple[str, ...] = EMOTIONS

    @classmethod
    def for_faces(
            cls, height: int, face_width: int, labels: tuple[str, ...] = EMOTIONS) -> LabelStyle:
        """Return sizes at which Hershey letters stay readable, smaller at small faces."""
        scale = max(0.34, min(0.00088 * height, 0.01 * face_width))
        text = cv2.getTextSize('H', FONT, scale, 1)[0][1]
        return cls(scale, max(1, round(scale * 1.6)), text, max(2, round(text * 0.4)),
                   labels)

    @classmethod
    def for_words(
            cls, height: int, face_width: int, labels: tuple[str, ...] = EMOTIONS) -> LabelStyle:
        """Return sizes at which every emotion alone is at most 30 % wider than a face."""
        style, gap = cls.for_faces(height, face_width, labels), 2
        widest = max(map(style.width, (*map(ascii_text, labels), NOT_SURE)))
        scale = style.scale * min((1.3 * face_width - 4 * gap) / widest, 1.0)
        return cls(scale, 1, cv2.getTextSize('H', FONT, scale, 1)[0][1], gap, labels)

    @classmethod
    def for_numbers(cls, height: int, labels: tuple[str, ...] = EMOTIONS) -> LabelStyle:
        """Return the smallest sizes at which a number can be read, whatever the faces."""
        return replace(cls.for_faces(height, 0, labels), gap=2)

    def tag(self, lines: Sequence[str]) -> tuple[int, int]:
        """Return width and height of a tag with these lines, px."""
        return max(map(self.width, lines)) + 4 * self.gap, len(lines) * self.line

    def width(self, text: str) -> int:
        """Return the width of a text, px."""
        return cv2.getTextSize(text, FONT, self.scale, self.stroke)[0][0]

    @property
    def line(self) -> int:
        """Return the height of a line of a tag, px."""
        return self.text + 2 * self.gap

    @property
    def row(self) -> int:
        """Return the height of a named bar and the gap below it, px."""
        return self.text + self.gap

    @property
    def bar(self) -> int:
        """Return the length of a named bar, px."""
        return round(4.5 * self.text)

    @cached_property
    def names(self) -> int:
        """Return the width of the widest name of an emotion, px."""
        return max(self.width(ascii_text(label)) for label in self.labels)

    @property
    def wide(self) -> tuple[int, int]:
        """Return width and height of the bars with names, px."""
        return self.names + self.bar + 3 * self.gap, len(self.labels) * self.row + self.gap

    @cached_property
    def small(self) -> LabelStyle:
        """Return the style of the initials of narrow bars."""
        return replace(self, scale=0.8 * self.scale)

    @cached_property
    def column(self) -> int:
        """Return the width of a narrow bar and its gap, px."""
        return max(map(self.small.width, {'N', *initials(self.labels)})) + 1

    @property
    def narrow(self) -> tuple[int, int]:
        """Return width and height of the bars with initials, px."""
        return len(self.labels) * self.column + 2 * self.gap, 4 * self.text + self.gap


@lru_cache(maxsize=256)
def ascii_text(text: str) -> str:
    """Return a text in the letters that the font has; accents are left out."""
    plain = unicodedata.normalize('NFKD', text)
    kept = (letter for letter in plain if not unicodedata.combining(letter))
    return ''.join(letter if ' ' <= letter <= '~' else '?' for letter in kept)


class LabelLayout:
    """Find places in an image that cover no face and no earlier label.

    taken: bool (height, width), where they are.
    """

    def __init__(self, width: int, height: int, faces: Iterable[Box]) -> None:
        self.width = width
        self.height = height
        self.taken = np.zeros((height, width), bool)
        for face in faces:
            self.taken[face.y:face.bottom, face.x:face.right] = True

    def place(self, places: Iterable[Box]) -> Box | None:
        """Take the first place, moved into the image, that is clear; None without one."""
        for place in places:
            x = max(0, min(place.x, self.width - place.width))
            y = max(0, min(place.y, self.height - place.height))
            moved = Box(x, y, place.width, place.height)
            part = self.taken[y:moved.bottom, x:moved.right]
            if part.shape == (place.height, place.width) and not part.any():
                part[:] = True
                return moved
        return None


def word_places(box: Box, width: int, height: int) -> list[Box]:
    """Return where a single word may touch a face's box: below or above it."""
    aligned = (box.x + (box.width - width) // 2, box.x, box.right - width)
    return [Box(x, y, width, height) for x in aligned for y in (box.bottom, box.y - height)]


def tag_places(box: Box, width: int, height: int, gap: int, below: bool) -> list[Box]:
    """Return where a tag may go: above or below the face (below first on demand) or beside."""
    aligned = (box.x, box.right - width, box.x + (box.width - width) // 2)
    heights = sorted((box.y - height - gap, box.bottom + gap), reverse=below)
    places = [(x, y) for x in aligned for y in heights]
    places += [(box.right + gap, box.y), (box.x - width - gap, box.y)]
    return [Box(x, y, width, height) for x, y in places]


def corners(width: int, height: int, image_width: int, image_height: int) -> list[Box]:
    """Return the corners of an image, the lower ones first."""
    return [Box(x, y, width, height) for y in (image_height - height, 0)
            for x in (0, image_width - width)]


def bar_places(box: Box, tag: Box, width: int, height: int, gap: int, below: bool) -> list[Box]:
    """Return where bars may go: beside, below or above the face or its tag (or beside last)."""
    levels = (box.y, box.bottom - height, box.y + (box.height - height) // 2)
    beside = [(x, y) for x in (box.right + gap, box.x - width - gap) for y in levels]
    heights = (box.bottom + gap, tag.bottom, box.y - height - gap, tag.y - height)
    stacked = [(x, y) for y in heights
               for x in (box.x, box.right - width, box.x + (box.width - width) // 2)]
    return [Box(x, y, width, height) for x, y in (stacked + beside if below else beside + stacked)]
