# SPDX-License-Identifier: Apache-2.0
"""Local binary pattern histograms of a face, also of slightly shifted cuts, and their distance.

Ahonen, Hadid and Pietikainen 2006, doi:10.1109/TPAMI.2006.244, after the normalisation of Tan and
Triggs 2010, doi:10.1109/TIP.2010.2042645. A histogram is exactly what OpenCV's LBPH recogniser
makes of the same window; one is made for many windows here, because OpenCV takes 0.5 ms for each.
"""

from __future__ import annotations

from functools import cache
import math

import cv2
import numpy as np

RADIUS = 2
"""Of the pattern, px."""
NEIGHBORS = 6
"""Points of the pattern; 6 instead of 8 make a quarter of the bins, at the same accuracy."""
GRID = 8
"""Histograms per row and column of the window."""
WINDOW = 100
"""Side in px of what is compared: 24 blocks of 4 px and the radius around them."""
BLOCK = 4
"""Step between two windows, px; a cell of the grid is 3x3 blocks."""
REACH = 2
"""Windows lie up to so many blocks away from the middle one."""
FACE_SIDE = WINDOW + 2 * REACH * BLOCK
"""Side in px to which the detector's box is brought; the middle window leaves out its rim."""
BINS = 2 ** NEIGHBORS


def evenly_lit(face: np.ndarray) -> np.ndarray:
    """Return a face, uint8 (H, W), at one size and evenly lit: uint8 (FACE_SIDE, FACE_SIDE).

    Tan and Triggs 2010 with their gamma, tau and alpha, and Gaussians of 1 and 2 px.
    """
    how = cv2.INTER_AREA if min(face.shape) > FACE_SIDE else cv2.INTER_LINEAR
    light = cv2.LUT(cv2.resize(face, (FACE_SIDE, FACE_SIDE), interpolation=how), _gamma())
    local: np.ndarray = cv2.GaussianBlur(light, (0, 0), 1.0) - cv2.GaussianBlur(light, (0, 0), 2.0)
    local /= _power_mean(np.abs(local))
    local /= _power_mean(np.minimum(np.abs(local), 10.0))
    return np.clip(127.5 + 127.0 * np.tanh(local / 10.0), 0, 255).astype(np.uint8)


def middle_window(lit: np.ndarray) -> np.ndarray:
    """Return the window of an evenly lit face that is enrolled: uint8 (WINDOW, WINDOW)."""
    rim = REACH * BLOCK
    return np.ascontiguousarray(lit[rim:rim + WINDOW, rim:rim + WINDOW])


def window_histograms(lit: np.ndarray) -> np.ndarray:
    """Return the histograms of all windows of an evenly lit face, row by row.

    Returns:
        float32 ((2 * REACH + 1)^2, GRID * GRID * BINS); each cell sums up to 1.
    """
    cells, extent = _cell_counts(lit), 3 * GRID
    reach = range(2 * REACH + 1)
    counts = np.stack([cells[y:y + extent:3, x:x + extent:3].ravel()
                       for y in reach for x in reach])
    return counts.astype(np.float32) / np.float32((3 * BLOCK) ** 2)


def histogram(window: np.ndarray) -> np.ndarray:
    """Return the histogram of a window, uint8 (WINDOW, WINDOW), as one row of the above."""
    return _cell_counts(window)[::3, ::3].ravel() / np.float32((3 * BLOCK) ** 2)


def _cell_counts(lit: np.ndarray) -> np.ndarray:
    """Count the patterns of each 3x3 blocks: uint8 (rows, columns, BINS), in steps of a block."""
    codes = pattern_codes(lit)
    side = codes.shape[0] // BLOCK
    place = np.arange(codes.shape[0]) // BLOCK
    keys = codes + BINS * (side * place[:, None] + place[None, :])
    blocks = np.bincount(keys.ravel(), minlength=side * side * BINS).astype(np.uint8)
    rows = blocks.reshape(side, side, BINS)
    rows = rows[:-2] + rows[1:-1] + rows[2:]
    return rows[:, :-2] + rows[:, 1:-1] + rows[:, 2:]


def pattern_codes(lit: np.ndarray) -> np.ndarray:
    """Return the pattern at each pixel but the rim, as OpenCV's elbp does: uint8 (H-4, W-4).

    The rounding of each step is that of OpenCV, or flat parts would get other codes.
    """
    height, width = (side - 2 * RADIUS for side in lit.shape)
    pixels = lit.astype(np.float32)

    def moved(y: int, x: int) -> np.ndarray:
        """Return the image as seen from (y, x) px away."""
        return pixels[RADIUS + y:RADIUS + y + height, RADIUS + x:RADIUS + x + width]
    centre, almost = moved(0, 0), -np.finfo(np.float32).eps
    codes = np.zeros((height, width), np.uint8)
    for bit, (y, x, weights) in enumerate(_points()):
        corners = ((0, 0), (0, 1), (1, 0), (1, 1))
        value: np.ndarray | float = 0.0
        for weight, (down, right) in zip(weights, corners):
            if weight:
                value = value + weight * moved(y + down, x + right)
        codes |= (value - centre > almost).view(np.uint8) << bit
    return codes


def chi_square(probes: np.ndarray, templates: np.ndarray) -> np.ndarray:
    """Return OpenCV's HISTCMP_CHISQR_ALT, 2 sum (a - b)^2 / (a + b), of histograms.

    As all histograms have the same sum, only bins that are filled in both count, which makes
    it cheap: (a - b)^2 / (a + b) = a + b - 4 a b / (a + b).

    Args:
        probes: float32 (P, D).
        templates: float32 (D, T), a histogram per column.

    Returns:
        float32 (P, T).
    """
    distances = np.empty((len(probes), templates.shape[1]), np.float32)
    for row, probe in zip(distances, probes):
        filled = np.flatnonzero(probe)
        theirs, ours = templates[filled], probe[filled, None]
        both = theirs + ours
        theirs *= ours
        theirs /= both
        np.sum(theirs, axis=0, out=row)
    np.maximum(4.0 * GRID * GRID - 8.0 * distances, 0.0, out=distances)
    return distances


def chi_square_pairs(ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return the same distance of pairs of histograms, float32 (N, D) each: float32 (N,)."""
    both = np.maximum(ours + theirs, 1e-9)
    difference = ours - theirs
    difference *= difference
    difference /= both
    distances: np.ndarray = 2.0 * difference.sum(1)
    return distances


@cache
def _points() -> tuple[tuple[int, int, tuple[np.float32, ...]], ...]:
    """Return each point of the pattern: the pixel above left, and the weights of the four."""
    points = []
    for index in range(NEIGHBORS):
        angle = 2.0 * math.pi * index / NEIGHBORS
        x = np.float32(RADIUS * math.cos(angle))
        y = np.float32(-RADIUS * math.sin(angle))
        left, top = math.floor(x), math.floor(y)
        one, right, down = np.float32(1), x - np.float32(left), y - np.float32(top)
        points.append((top, left, ((one - right) * (one - down), right * (one - down),
                                   (one - right) * down, right * down)))
    return tuple(points)


@cache
def _gamma() -> np.ndarray:
    """Return the gamma curve of Tan and Triggs for each gray level, float32 (256,)."""
    return (np.arange(256, dtype=np.float32) + 1.0) ** np.float32(0.2)


def _power_mean(values: np.ndarray) -> float:
    """Return the mean with exponent alpha = 0.1."""
    return float(np.mean(cv2.pow(values, 0.1))) ** 10 + 1e-6
