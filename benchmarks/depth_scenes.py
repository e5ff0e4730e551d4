# SPDX-License-Identifier: Apache-2.0
"""Generate depth images of heads and of what is none, as a Kinect v1 gives them.

A surface is a function of X and Y (m, right and down of the middle of the box) that gives how
far it lies behind the middle, m; NaN where it is not. Everything is drawn with the pinhole model
at fx = fy = 525 px and seen through the same sensor (`sense`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
import math

import cv2
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
import numpy as np

FOCAL = 525.0
STEP = 2.85e-3
"""Step of the inverse depth between two readings, 1/m: Khoshelham and Elberink 2012, section 3,
doi:10.3390/s120201437; 2.9e-3 in the recorded Kinect frames."""
NOISE = 0.5
"""Standard deviation of the noise in steps, from the same source."""
SLOW = 0.9
"""Part of the noise that is alike over a face, in standard deviations: chosen so that curvature
measured on plain walls of the recorded frames at 2.1 and 2.6 m scatters as much here."""
BASELINE = 0.075
"""Between a Kinect v1's projector and its camera, m."""

Surface = Callable[[np.ndarray, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Boxes:
    """How a detector draws boxes on faces; benchmarks/box_spread.py and face_width.py measure it.

    Attributes:
        width: of a box on an average adult face seen from the front, m.
        place: standard deviation of a box's place across and down, in box sides; more than was
            measured of either detector.
        side: of its side, the differences between people included.
        yaw: up to where turned faces count as faces, degrees.
    """

    width: float
    place: float
    side: float
    yaw: float


HAAR = Boxes(width=0.172, place=0.05, side=0.10, yaw=30.0)
YUNET = Boxes(width=0.168, place=0.05, side=0.07, yaw=60.0)
NARROWER = 0.17
"""Part of its width that a box loses on a face in profile, in the recorded frames."""
SEEN = 0.26
"""Least that is drawn to each side, m: as far as the gate looks, and the box's error."""
EXACT = Boxes(width=0.172, place=0.0, side=0.0, yaw=0.0)
BEFORE_HEAD = 0.07
"""How far a box is beside the middle of a head that is turned, m, over the sine of its yaw."""


@dataclass(frozen=True)
class Placement:
    """Hold a box in a depth image, uint16 mm, and whether it is on a face."""

    depth: np.ndarray
    box: Box
    is_face: bool
    kind: str
    distance: float

    @property
    def intrinsics(self) -> Intrinsics:
        """Return the camera that took the image."""
        return Intrinsics(FOCAL, FOCAL, self.depth.shape[1] / 2, self.depth.shape[0] / 2)


def render(surfaces: list[Surface], distance: float, width: float, rng: np.random.Generator,
           boxes: Boxes = HAAR) -> tuple[np.ndarray, Box]:
    """Return the depth of surfaces around a box, uint16 mm, and the box.

    Args:
        surfaces: the nearest one at a pixel is seen.
        distance: of X = Y = 0, m.
        width: of the box at that distance, m.
        rng: draws the sensor's noise and the box's error.
        boxes: whose error the box has.
    """
    side = max(round(width * FOCAL / distance), 8)
    half = round(max(1.15 * side, SEEN * FOCAL / distance))
    y, x = (np.mgrid[-half:half, -half:half].astype(np.float32) + np.float32(0.5)) / FOCAL
    depth = np.full(x.shape, np.inf, np.float32)
    for surface in surfaces:
        z = np.full(x.shape, distance, np.float32)
        for _ in range(2):
            z = distance + surface(x * z, y * z)
        depth = np.fmin(depth, np.where(z > 0.1, z, np.inf))
    moved_x, moved_y, grown = rng.normal(0.0, 1.0, 3) * (boxes.place, boxes.place, boxes.side)
    moved_x, moved_y = moved_x * side, moved_y * side
    side = round(side * (1.0 + min(max(grown, -2.0 * boxes.side), 2.0 * boxes.side)))
    box = Box(round(half - side / 2 + moved_x), round(half - side / 2 + moved_y), side, side)
    return sense(depth, rng), box


def sense(depth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return what a Kinect v1 makes of a depth image in m (inf = nothing): uint16 mm.

    Ragged outlines, the projector's shadow, noise that is alike in neighbouring pixels (the
    sensor matches windows), quantisation in steps of inverse depth, blobs without a reading.
    """
    height, width = depth.shape
    shake = np.stack([_smooth(depth.shape, 2.0, rng) for _ in range(2)]) * 1.2
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    depth = cv2.remap(depth, columns + shake[0], rows + shake[1], cv2.INTER_NEAREST,
                      borderMode=cv2.BORDER_REPLICATE)
    inverse = np.where(np.isfinite(depth), 1.0 / depth, 0.0).astype(np.float32)
    from_projector = columns + BASELINE * FOCAL * inverse
    nearest = np.maximum.accumulate(from_projector, axis=1)
    shadow = from_projector < nearest - 1.0
    grain = (0.6 * rng.standard_normal(depth.shape, np.float32)
             + 0.7 * _smooth(depth.shape, 1.3, rng) + SLOW * _smooth(depth.shape, 7.0, rng))
    steps = np.rint(inverse / STEP + NOISE * grain)
    blobs = _smooth(depth.shape, 4.0, rng) > rng.uniform(1.3, 3.5)
    seen = (steps > 0) & (inverse > 0) & ~shadow & ~blobs
    return np.where(seen, np.rint(1000.0 / (STEP * np.maximum(steps, 1))), 0).clip(
        0, 65535).astype(np.uint16)


def _smooth(shape: tuple[int, ...], sigma: float, rng: np.random.Generator) -> np.ndarray:
    """Return noise of standard deviation 1 that is alike within some pixels, float32."""
    noise = cv2.GaussianBlur(rng.standard_normal(shape, np.float32), (0, 0), sigma)
    return noise * np.float32(2.0 * math.sqrt(math.pi) * sigma)


def plane(yaw: float, pitch: float, behind: float = 0.0) -> Surface:
    """Return a plane turned by angles in degrees, `behind` m behind the middle."""
    slope_x, slope_y = math.tan(math.radians(yaw)), math.tan(math.radians(pitch))
    return lambda x, y: behind + slope_x * x + slope_y * y


def print_of(half_width: float, half_height: float, yaw: float, pitch: float,
             bend: float = 0.0, axis: float = 0.0) -> Surface:
    """Return a sheet: flat, or bent with a curvature of `bend` 1/m around an axis (degrees)."""
    tilted, turn = plane(yaw, pitch), math.radians(axis)

    def sheet(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        across = x * math.cos(turn) + y * math.sin(turn)
        curved = (0.0 if not bend else
                  (1.0 - np.sqrt(np.clip(1.0 - (bend * across) ** 2, 0.0, 1.0))) / bend)
        inside = (np.abs(x) < half_width) & (np.abs(y) < half_height)
        return np.where(inside, tilted(x, y) + curved, np.nan)
    return sheet


def ellipsoid(center: tuple[float, float, float], radii: tuple[float, float, float],
              yaw: float = 0.0, power: int = 2) -> Surface:
    """Return the front of an ellipsoid, centre and radii in m (x, y, z), turned around y.

    With a power above 2 it is straighter from top to bottom.
    """
    cosine, sine = math.cos(math.radians(yaw)), math.sin(math.radians(yaw))
    across, along = 1.0 / radii[0] ** 2, 1.0 / radii[2] ** 2
    xx = cosine ** 2 * across + sine ** 2 * along
    xz = cosine * sine * (along - across)
    zz = sine ** 2 * across + cosine ** 2 * along

    def front(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        dx = x - center[0]
        root = (xz * dx) ** 2 - zz * (xx * dx * dx + ((y - center[1]) / radii[1]) ** power - 1.0)
        with np.errstate(invalid='ignore'):
            return center[2] - (xz * dx + np.sqrt(root)) / zz
    return front


def union(*surfaces: Surface) -> Surface:
    """Return what is in front of the others at each place."""
    def nearest(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        depth = surfaces[0](x, y)
        for surface in surfaces[1:]:
            depth = np.fmin(depth, surface(x, y))
        return depth
    return nearest


def synthetic_person(scale: float = 1.0, yaw: float = 0.0, nod: float = 0.0,
                     hair: float = 0.0) -> Surface:
    """Return a head with nose, neck and shoulders; X = Y = 0 is the middle of the face.

    Sizes of an average adult (head 0.155 m wide, 0.23 m tall, 0.19 m deep) times `scale`; `yaw`
    and `nod` in degrees; `hair` is half the width of long hair, m, 0 for short hair.
    """
    turn, tip = math.radians(yaw), math.tan(math.radians(nod))
    nose_x, nose_z = -0.09 * math.sin(turn), 0.085 - 0.09 * math.cos(turn)
    skull = ellipsoid((0.0, -0.025, 0.085), (0.0775, 0.115, 0.085), yaw, power=4)
    nose = ellipsoid((nose_x, 0.01, nose_z + 0.012), (0.016, 0.032, 0.028), yaw)
    neck = ellipsoid((0.0, 0.14, 0.115), (0.055, 0.11, 0.055))
    body = ellipsoid((0.0, 0.42, 0.13), (0.23, 0.27, 0.11))
    head = union(skull, nose)
    if hair:
        head = union(head, ellipsoid((0.0, 0.03, 0.12), (hair, 0.19, 0.09), yaw, power=4))

    def person(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        x, y = x / scale, y / scale
        return scale * np.fmin(head(x, y) + tip * y, np.fmin(neck(x, y), body(x, y)))
    return person
