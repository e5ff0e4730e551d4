# SPDX-License-Identifier: Apache-2.0
"""Find room for labels in a picture."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from dataclasses import replace
from functools import cached_property
import math

import cv2
from emorec_vision.emotions import EMOTIONS
from emorec_vision.geometry import Box

FONT = cv2.FONT_HERSHEY_SIMPLEX
CROWDED = 0.6
"""Share of the picture that full labels may fill before they are shortened."""


@dataclass(frozen=True)
class LabelStyle:
    """Hold sizes in px that go with the picture; crowded: there is room for the least only."""

    scale: float
    stroke: int
    text: int
    gap: int
    crowded: bool = False

    @classmethod
    def for_picture(cls, height: int, width: int, people: int) -> LabelStyle:
        """Return sizes at which Hershey letters stay readable."""
        scale = max(0.34, 0.00088 * height)
        text = cv2.getTextSize('H', FONT, scale, 1)[0][1]
        style = cls(scale, max(1, round(scale * 1.6)), text, max(2, round(text * 0.4)))
        label_area = math.prod(style.wide) + style.line * 2 * style.width('unknown  1.00 m')
        return replace(style, crowded=people * label_area > CROWDED * height * width)

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
        return max(map(self.width, EMOTIONS))

    @property
    def wide(self) -> tuple[int, int]:
        """Return width and height of seven bars with names, px."""
        return self.names + self.bar + 3 * self.gap, len(EMOTIONS) * self.row + self.gap

    @cached_property
    def small(self) -> LabelStyle:
        """Return the style of the initials of narrow bars."""
        return replace(self, scale=0.8 * self.scale)

    @cached_property
    def column(self) -> int:
        """Return the width of a narrow bar and its gap, px."""
        return self.small.width('N') + 1

    @property
    def narrow(self) -> tuple[int, int]:
        """Return width and height of seven bars with initials, px."""
        return len(EMOTIONS) * self.column + 2 * self.gap, 4 * self.text + self.gap


class LabelLayout:
    """Find places in a picture that cover no face and no earlier label."""

    def __init__(self, width: int, height: int, faces: list[Box]) -> None:
        self._width = width
        self._height = height
        self._faces = faces
        self._taken: list[Box] = []

    def place(self, places: Iterable[Box]) -> Box:
        """Take the first place, moved into the picture, that is clear, else the clearest."""
        best, least = Box(0, 0, 0, 0), math.inf
        for place in places:
            moved = self._inside(place)
            covered = self._covered(moved)
            if covered < least:
                best, least = moved, covered
            if covered == 0:
                break
        self._taken.append(best)
        return best

    def _inside(self, box: Box) -> Box:
        """Return a box moved into the picture as far as it fits."""
        x = max(0, min(box.x, self._width - box.width))
        y = max(0, min(box.y, self._height - box.height))
        return Box(x, y, box.width, box.height)

    def _covered(self, box: Box) -> float:
        """Return the share of a box that lies over faces (counted double) and labels."""
        covered = 2 * sum(map(box.intersection, self._faces))
        return (covered + sum(map(box.intersection, self._taken))) / box.area


def tag_places(box: Box, width: int, height: int, gap: int) -> list[Box]:
    """Return where a tag may go: above or below the face, beside it, or onto its edge."""
    aligned = (box.x, box.right - width, box.x + (box.width - width) // 2)
    heights = (box.y - height - gap, box.bottom + gap)
    places = [(x, y) for x in aligned for y in heights]
    places += [(box.right + gap, box.y), (box.x - width - gap, box.y),
               (box.x, box.bottom - height)]
    return [Box(x, y, width, height) for x, y in places]


def bar_places(box: Box, tag: Box, width: int, height: int, gap: int) -> list[Box]:
    """Return where bars may go: beside the face, else below or above it or its tag."""
    levels = (box.y, box.bottom - height, box.y + (box.height - height) // 2)
    beside = [(x, y) for x in (box.right + gap, box.x - width - gap) for y in levels]
    heights = (box.bottom + gap, box.y - height - gap, tag.bottom, tag.y - height)
    stacked = [(x, y) for y in heights
               for x in (box.x, box.right - width, box.x + (box.width - width) // 2)]
    return [Box(x, y, width, height) for x, y in beside + stacked]
