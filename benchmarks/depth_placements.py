# SPDX-License-Identifier: Apache-2.0
"""Place faces, and boxes that hold none, at random before random backgrounds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math
from pathlib import Path

import cv2
from depth_scenes import BEFORE_HEAD
from depth_scenes import Boxes
from depth_scenes import ellipsoid
from depth_scenes import FOCAL
from depth_scenes import HAAR
from depth_scenes import NARROWER
from depth_scenes import Placement
from depth_scenes import plane
from depth_scenes import print_of
from depth_scenes import render
from depth_scenes import Surface
from depth_scenes import synthetic_person
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.geometry import Box
import numpy as np

FALSE_KINDS = ('wall', 'flat print', 'bent print', 'curved', 'corner', 'clutter', 'body')
SMALLEST_BOX, LARGEST_BOX = 0.10, 0.28
"""Width of a box on no face, m: as a face's, for any other width is told at once."""

LONG_HAIR = 0.4
"""Part of the synthetic heads with hair that makes them 0.18 to 0.25 m wide."""


@dataclass(frozen=True)
class RealHead:
    """Hold a recorded person: relief behind the face in m, float32, NaN elsewhere, and a box."""

    relief: np.ndarray
    box: Box
    pixel: float
    """Size of a pixel at the face, m."""

    def surface(self, scale: float, mirrored: bool) -> Surface:
        """Return the person as a surface, `scale` times as large."""
        relief = self.relief[:, ::-1].copy() if mirrored else self.relief
        column, row = self.box.center
        column = relief.shape[1] - column if mirrored else column
        known = np.isfinite(relief)
        filled = np.where(known, relief, 0.0).astype(np.float32)
        share = known.astype(np.float32)

        def person(x: np.ndarray, y: np.ndarray) -> np.ndarray:
            u = (x / (scale * self.pixel) + column - 0.5).astype(np.float32)
            v = (y / (scale * self.pixel) + row - 0.5).astype(np.float32)
            total = cv2.remap(filled, u, v, cv2.INTER_LINEAR)
            weight = cv2.remap(share, u, v, cv2.INTER_LINEAR)
            return np.where(weight > 0.5, scale * total / np.maximum(weight, 0.5), np.nan)
        return person

    @property
    def width(self) -> float:
        """Return the width of the detector's box at the face, m."""
        return self.box.width * self.pixel


def cut_head(depth: np.ndarray, box: Box, focal: float = FOCAL) -> RealHead:
    """Cut a person out of a recorded depth image, uint16 mm, by depth around a face box."""
    metres = cv2.medianBlur(depth, 5) / 1000.0
    inner = box.expand(-0.25)
    part = metres[inner.y:inner.bottom, inner.x:inner.right]
    distance = float(np.median(part[part > 0]))
    wide = box.expand(1.5).clip(depth.shape[1], depth.shape[0])
    cut = metres[wide.y:wide.bottom, wide.x:wide.right]
    person = (cut > distance - 0.35) & (cut < distance + 0.35)
    relief = np.where(person, cut - distance, np.nan).astype(np.float32)
    return RealHead(relief, Box(box.x - wide.x, box.y - wide.y, box.width, box.height),
                    distance / focal)


def true_placement(rng: np.random.Generator, distance: float, heads: list[RealHead],
                   boxes: Boxes = HAAR, recorded: str = 'recorded head') -> Placement:
    """Return a face at a distance in m: one of the recorded heads, or else a synthetic one."""
    if heads:
        head = heads[rng.integers(len(heads))]
        scale = rng.uniform(0.85, 1.1)
        person, width = head.surface(scale, rng.random() < 0.5), scale * head.width
        kind = recorded
    else:
        scale = rng.uniform(0.82, 1.08)
        hair = rng.uniform(0.09, 0.125) if rng.random() < LONG_HAIR else 0.0
        yaw = rng.uniform(-boxes.yaw, boxes.yaw)
        person = _shifted(synthetic_person(scale, yaw, rng.uniform(-15, 15), hair),
                          scale * BEFORE_HEAD * math.sin(math.radians(yaw)), 0.0, 0.0)
        width = scale * boxes.width * (1.0 - NARROWER * abs(math.sin(math.radians(yaw))))
        kind = 'long hair' if hair else 'synthetic head'
    image, box = render([person, *background(rng)], distance, width, rng, boxes)
    return Placement(image, box, True, kind, distance)


def background(rng: np.random.Generator, nearest: float = 0.17) -> list[Surface]:
    """Return a wall behind the middle, often with things on it; sometimes nothing."""
    if rng.random() < 0.15:
        return []
    behind = nearest + rng.exponential(0.8)
    surfaces = [plane(rng.normal(0, 20), rng.normal(0, 10), behind)]
    for _ in range(rng.poisson(1.0)):
        away = math.copysign(rng.uniform(0.2, 0.6), rng.normal())
        surfaces.append(_shifted(
            print_of(rng.uniform(0.05, 0.2), rng.uniform(0.05, 0.5), rng.normal(0, 20), 0.0),
            away, rng.uniform(-0.3, 0.3), rng.uniform(min(nearest, behind), behind)))
    return surfaces


def false_placement(rng: np.random.Generator, distance: float, kind: str,
                    boxes: Boxes = HAAR) -> Placement:
    """Return a box on no face at a distance in m, of a kind of FALSE_KINDS."""
    width = rng.uniform(SMALLEST_BOX, LARGEST_BOX)
    surfaces = _MAKERS[kind](rng, width)
    image, box = render(surfaces, distance, width, rng, boxes)
    return Placement(image, box, False, kind, distance)


def _wall(rng: np.random.Generator, width: float) -> list[Surface]:
    """Return a wall, a table or a floor, turned by up to 60 degrees."""
    return [plane(rng.uniform(-60, 60), rng.uniform(-60, 60) * rng.integers(2))]


def _sheet(rng: np.random.Generator, width: float, bend: float) -> list[Surface]:
    """Return a print or a screen a little to much larger than the box."""
    half_width = width / 2 * rng.uniform(1.0, 2.5)
    return [print_of(half_width, half_width * rng.uniform(0.8, 1.5), rng.uniform(-50, 50),
                     rng.uniform(-35, 35), bend, rng.uniform(-90, 90)), *background(rng)]


def _flat_print(rng: np.random.Generator, width: float) -> list[Surface]:
    return _sheet(rng, width, 0.0)


def _bent_print(rng: np.random.Generator, width: float) -> list[Surface]:
    """Return a sheet bent to a radius of 0.12 to 1 m, either way."""
    return _sheet(rng, width, math.copysign(rng.uniform(1.0, 8.0), rng.normal()))


def _curved(rng: np.random.Generator, width: float) -> list[Surface]:
    """Return a cushion, a bin, a column: wider or taller than a head."""
    radii = (rng.uniform(0.15, 0.4), rng.uniform(0.15, 0.8), rng.uniform(0.06, 0.3))
    if rng.random() < 0.3:
        radii = (radii[1], radii[0], radii[2])
    center = (rng.uniform(-0.5, 0.5) * radii[0], rng.uniform(-0.5, 0.5) * radii[1], radii[2])
    return [ellipsoid(center, radii, rng.uniform(-40, 40)), *background(rng)]


def _corner(rng: np.random.Generator, width: float) -> list[Surface]:
    """Return two planes that meet in the box, in a ridge or in a groove."""
    angle, turn = rng.uniform(50, 150), rng.uniform(0, 2 * math.pi)
    slope = 1.0 / math.tan(math.radians(angle / 2)) * (1 if rng.random() < 0.5 else -1)
    tilt, offset = rng.normal(0, 0.4, 2), rng.uniform(-0.25, 0.25) * width

    def corner(x: np.ndarray, y: np.ndarray) -> np.ndarray:
        across = x * math.cos(turn) + y * math.sin(turn) - offset
        return slope * np.abs(across) + tilt[0] * x + tilt[1] * y
    return [corner]


def _clutter(rng: np.random.Generator, width: float) -> list[Surface]:
    """Return shelves, boxes and edges at several depths."""
    surfaces = [plane(rng.normal(0, 20), rng.normal(0, 20), rng.uniform(0.0, 0.6))]
    for _ in range(rng.integers(2, 7)):
        surfaces.append(_shifted(
            print_of(rng.uniform(0.02, 0.2), rng.uniform(0.02, 0.3), rng.normal(0, 30),
                     rng.normal(0, 20)),
            rng.uniform(-0.2, 0.2), rng.uniform(-0.2, 0.2), rng.uniform(-0.3, 0.3)))
    return surfaces


def _body(rng: np.random.Generator, width: float) -> list[Surface]:
    """Return a chest, shoulder or arm under the box."""
    person = synthetic_person(rng.uniform(0.8, 1.1), rng.uniform(-30, 30))
    x, y = rng.uniform(-0.25, 0.25), rng.uniform(0.28, 0.55)
    return [_shifted(person, -x, -y, 0.0), *background(rng, 0.25)]


def _shifted(surface: Surface, x: float, y: float, behind: float) -> Surface:
    """Return a surface moved by x, y and z in m."""
    return lambda across, down: surface(across - x, down - y) + behind


_MAKERS = {'wall': _wall, 'flat print': _flat_print, 'bent print': _bent_print,
           'curved': _curved, 'corner': _corner, 'clutter': _clutter, 'body': _body}


def recorded_heads(folder: Path, detector: FaceDetector, frames: Sequence[int]) -> list[RealHead]:
    """Return the heads that a detector finds in frames of the recorded person."""
    heads = []
    for frame in frames:
        gray = cv2.imread(str(folder / f'{frame:03d}_rgb.jpg'), cv2.IMREAD_GRAYSCALE)
        depth = cv2.imread(str(folder / f'{frame:03d}_depth.png'), cv2.IMREAD_UNCHANGED)
        heads += [cut_head(depth, face.box) for face in detector.detect(gray)]
    return heads
