# SPDX-License-Identifier: Apache-2.0
"""Whole images whose faces are marked, for the studies of detectors."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Sequence
import csv
from dataclasses import dataclass
from pathlib import Path

import cv2
from emorec_vision.geometry import Box
import numpy as np

FACE_WIDTHS = (24, 32, 40)
MOST_PX = 640 * 480
"""Larger images without a face are shrunk to this area: a robot's images are no larger."""


@dataclass(frozen=True)
class Image:
    """Hold a gray image and its marked faces; width is that of a copy's median face, or 0."""

    gray: np.ndarray
    faces: tuple[Box, ...]
    width: int
    half: int


def load_images(folder: Path, widths: Sequence[int] = FACE_WIDTHS) -> list[Image]:
    """Return the images and their copies with median faces of so many px."""
    marked: dict[str, list[Box]] = {}
    with (folder / 'annotations.csv').open(encoding='utf-8', newline='') as lines:
        for row in csv.DictReader(lines):
            boxes = marked.setdefault(row['image'], [])
            if row['x1']:
                x, y, right, bottom = (int(row[key]) for key in ('x1', 'y1', 'x2', 'y2'))
                boxes.append(Box(x, y, right - x, bottom - y).clip(
                    int(row['width']), int(row['height'])))
    images = []
    for number, (name, boxes) in enumerate(sorted(marked.items())):
        gray = cv2.imread(str(folder / name), cv2.IMREAD_GRAYSCALE)
        if not boxes and gray.size > MOST_PX:
            side = (MOST_PX / gray.size) ** 0.5
            gray = cv2.resize(gray, None, fx=side, fy=side, interpolation=cv2.INTER_AREA)
        images.append(Image(gray, tuple(boxes), 0, number % 2))
        images += shrunk(images[-1], widths)
    return images


def shrunk(image: Image, widths: Sequence[int]) -> Iterator[Image]:
    """Yield copies whose median face is of these widths; none is enlarged."""
    median = np.median([face.width for face in image.faces]) if image.faces else 0
    for width in widths:
        scale = width / median if median else 2
        if scale > 1:
            continue
        size = [max(round(side * scale), 1) for side in image.gray.shape[::-1]]
        faces = tuple(Box(*(round(value * scale) for value in (face.x, face.y, face.width,
                                                               face.height)))
                      for face in image.faces)
        yield Image(cv2.resize(image.gray, size, interpolation=cv2.INTER_AREA), faces, width,
                    image.half)


def matches(faces: Sequence[Box], found: Sequence[Box]) -> int:
    """Return how many faces and boxes pair one to one at IoU > 0.3."""
    pairs = sorted(((face.iou(box), i, j) for i, face in enumerate(faces)
                    for j, box in enumerate(found)), reverse=True)
    used_faces: set[int] = set()
    used_boxes: set[int] = set()
    for iou, face, box in pairs:
        if iou > 0.3 and face not in used_faces and box not in used_boxes:
            used_faces.add(face)
            used_boxes.add(box)
    return len(used_faces)


def ratio(parts: np.ndarray, wholes: np.ndarray) -> tuple[float, float, float]:
    """Return sum of parts over sum of wholes, and its 95 % interval over images."""
    if not wholes.sum():
        return float('nan'), float('nan'), float('nan')
    draws = np.random.default_rng(1).integers(0, len(parts), (1000, len(parts)))
    low, high = np.percentile(parts[draws].sum(1) / wholes[draws].sum(1), (2.5, 97.5))
    mean = float(parts.sum() / wholes.sum())
    return round(mean, 4), round(float(low), 4), round(float(high), 4)
