# SPDX-License-Identifier: Apache-2.0
"""Find the parts of a depth image that are near enough to be searched for faces."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
from emorec_vision.depth.shape import metres
from emorec_vision.geometry import Box
import numpy as np

SCALE = 8
"""The image is looked at in steps of this many px: 80x60 samples of 640x480."""
OPENING = 3
CLOSING = 5
"""Sides of the squares, in steps, that remove specks and fill holes."""
MARGIN = 2
"""Room left around a region, in steps: hair gives few readings."""


def near_regions(depth: np.ndarray, near: float, far: float, smallest: int = 30) -> list[Box]:
    """Return boxes, in px, around the connected parts of an image within a depth range.

    The original emorec kept what was darker than 100 of 255 after scaling each frame's depth to
    its maximum; here the range is in metres and does not move with the scene.

    Args:
        depth: uint16 (H, W) mm or float32 (H, W) m, 0, NaN or infinite for no reading.
        near: least distance, m.
        far: largest distance, m.
        smallest: side of the smallest region that can hold a face, px.
    """
    height, width = depth.shape
    z = metres(depth[SCALE // 2::SCALE, SCALE // 2::SCALE])
    mask = ((z >= near) & (z <= far)).astype(np.uint8)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((CLOSING, CLOSING), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((OPENING, OPENING), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask)
    boxes = []
    for left, top, across, down, _ in stats[1:].tolist():
        box = Box(SCALE * (left - MARGIN), SCALE * (top - MARGIN),
                  SCALE * (across + 2 * MARGIN), SCALE * (down + 2 * MARGIN)).clip(width, height)
        if min(box.width, box.height) >= smallest:
            boxes.append(box)
    return boxes


def only_inside(gray: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """Return an image, uint8 (H, W), that is black outside some boxes.

    A cascade gives up on black at its first look.
    """
    kept = np.zeros_like(gray)
    for box in boxes:
        inside = np.s_[box.y:box.bottom, box.x:box.right]
        kept[inside] = gray[inside]
    return kept
