# SPDX-License-Identifier: Apache-2.0
"""What a face looks like, in little: enough to tell two faces apart that cross."""

import cv2
from emorec_vision.geometry import Box
import numpy as np

SIDE = 16
"""Side of the thumbnail that a face is compared by, px."""
MARGIN = 0.25
"""Surroundings that belong to it, in box sides: hair and collar tell men apart better than their
faces do at this size."""
LIGHT_SCALE = 3.0
"""Gaussian sigma of what counts as lighting, px of the thumbnail."""
LEAST_CONTRAST = 16.0
"""A thumbnail whose summed squares, in gray levels, have a root below this shows nothing."""


def look_of(gray: np.ndarray, box: Box) -> np.ndarray:
    """Return the look of a face, float32 (SIDE * SIDE,) of length 1, or 0 where nothing shows.

    The product of two looks is their correlation.

    Args:
        gray: uint8 (H, W).
        box: of the face, px.
    """
    seen = box.expand(MARGIN).clip(gray.shape[1], gray.shape[0])
    if not seen.area:
        return np.zeros(SIDE * SIDE, np.float32)
    step = max(seen.width // (2 * SIDE), 1)
    small = cv2.resize(gray[seen.y:seen.bottom:step, seen.x:seen.right:step], (SIDE, SIDE),
                       interpolation=cv2.INTER_AREA)
    return without_light(small.astype(np.float32), LIGHT_SCALE, LEAST_CONTRAST)


def without_light(thumbnail: np.ndarray, light_scale: float, least: float) -> np.ndarray:
    """Return what is left of a thumbnail without brightness, contrast and smooth shading.

    Args:
        thumbnail: float32 (h, w).
        light_scale: Gaussian sigma of what counts as shading, px.
        least: length below which nothing is left.

    Returns:
        float32 (h * w,) of length 1, or 0 where the rest is shorter than `least`.
    """
    rest = thumbnail - cv2.GaussianBlur(thumbnail, (0, 0), light_scale)
    rest -= rest.mean()
    length = float(np.linalg.norm(rest))
    return np.asarray(rest.ravel() / length if length >= least else np.zeros_like(rest.ravel()))
