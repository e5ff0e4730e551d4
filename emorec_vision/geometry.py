# SPDX-License-Identifier: Apache-2.0
"""Boxes in an image and the intrinsics of a camera."""

from __future__ import annotations

from dataclasses import dataclass
import math

from emorec_vision.distortion import Distortion

Vector = tuple[float, float, float]
NOWHERE: Vector = (math.nan, math.nan, math.nan)


@dataclass(frozen=True)
class Box:
    """An upright rectangle in px; it may lie partly outside its image.

    (x, y) is the upper left corner; the pixel columns x .. right - 1 belong to it.
    """

    x: int
    y: int
    width: int
    height: int

    @property
    def right(self) -> int:
        """Return the first column to the right of the box, px."""
        return self.x + self.width

    @property
    def bottom(self) -> int:
        """Return the first row below the box, px."""
        return self.y + self.height

    @property
    def area(self) -> int:
        """Return width times height, px^2."""
        return self.width * self.height

    @property
    def center(self) -> tuple[float, float]:
        """Return the middle of the box as (x, y), px."""
        return self.x + self.width / 2, self.y + self.height / 2

    def intersection(self, other: Box) -> int:
        """Return the area that both boxes cover, px^2."""
        width = min(self.right, other.right) - max(self.x, other.x)
        height = min(self.bottom, other.bottom) - max(self.y, other.y)
        return max(width, 0) * max(height, 0)

    def iou(self, other: Box) -> float:
        """Return intersection over union with another box, 0..1 (0 for empty boxes)."""
        shared = self.intersection(other)
        return shared / (self.area + other.area - shared) if shared else 0.0

    def clip(self, image_width: int, image_height: int) -> Box:
        """Return the part of the box inside an image; width or height 0 when there is none."""
        left = min(max(self.x, 0), image_width)
        top = min(max(self.y, 0), image_height)
        right = min(max(self.right, left), image_width)
        bottom = min(max(self.bottom, top), image_height)
        return Box(left, top, right - left, bottom - top)

    def expand(self, fraction: float) -> Box:
        """Return the box grown by a fraction of its width left and right each, height likewise.

        A negative fraction shrinks it (not below 1 px).
        """
        grow_x = round(self.width * fraction)
        grow_y = round(self.height * fraction)
        width = max(self.width + 2 * grow_x, 1)
        height = max(self.height + 2 * grow_y, 1)
        return Box(self.x - grow_x, self.y - grow_y, width, height)


def same_face(box: Box, other: Box) -> bool:
    """Tell whether two boxes show one face: alike in size, half of the smaller in the other."""
    smaller, larger = sorted((box.area, other.area))
    return larger < 4 * smaller and box.intersection(other) > 0.5 * smaller


@dataclass(frozen=True)
class Intrinsics:
    """The pinhole model of a camera: focal lengths and principal point in px.

    As K of sensor_msgs/CameraInfo: u = fx * X / Z + cx, v = fy * Y / Z + cy. `distortion` is what
    the lens does to X / Z and Y / Z first; None: nothing, or nothing that is known.
    """

    fx: float
    fy: float
    cx: float
    cy: float
    distortion: Distortion | None = None

    def ray(self, column: float, row: float) -> tuple[float, float]:
        """Return X / Z and Y / Z of what a pixel shows; (0, 0) is the middle of the first one."""
        x, y = (column - self.cx) / self.fx, (row - self.cy) / self.fy
        return (x, y) if self.distortion is None else self.distortion.undone(x, y)
