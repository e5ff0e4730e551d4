# SPDX-License-Identifier: Apache-2.0
"""How sharp a face is, and a blurred one made sharper."""

from __future__ import annotations

from functools import cache

import cv2
from emorec_vision.faces.crop import FaceCrop
import numpy as np

MEASURED = 60
"""Side at which sharpness is measured, px; smaller faces, which are sharp at their own size, are
not enlarged."""
BLURRED = 0.035
"""A face below this sharpness is blurred: 95 % of those blurred by a Gaussian of 4 px at 95 px
(Yale and ORL), none of these faces as they are, dark, turned or shrunk to 20 px (0.067 and more).
Of those smeared sideways by 15 % of their width, which sharpening harms, 15 % fall below."""
SIGMA = 3.0
"""The Gaussian that is undone, px of the face as SFace sees it..."""
NOISE = 0.03
"""...with this ratio of noise to signal: no frequency is raised by more than 2.9 times."""
RIM = 16
"""Mirrored around a face before, px."""


def sharpness(small: np.ndarray) -> float:
    """Return the variance of the Laplacian of a face, gray (H, W), over its own variance.

    Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548, made independent of the contrast.
    """
    levels = small.astype(np.float32)
    return float(cv2.Laplacian(levels, cv2.CV_32F).var() / max(float(levels.var()), 1.0))


def is_blurred(face: FaceCrop) -> bool:
    """Tell whether a face is out of focus."""
    shown = face.box.width * face.crop.shape[1] / max(face.crop_box.width, 1)
    return sharpness(np.ascontiguousarray(
        face.pixels(max(min(round(shown), MEASURED), 3)))) < BLURRED


def sharpened(face: np.ndarray) -> np.ndarray:
    """Return a face, square uint8, with the blur of a Gaussian undone by Wiener's filter."""
    wide = cv2.copyMakeBorder(face, *[RIM] * 4, cv2.BORDER_REFLECT).astype(np.float32)
    found = np.fft.irfft2(np.fft.rfft2(wide) * _filter(len(wide)), wide.shape)
    return np.rint(np.clip(found[RIM:-RIM, RIM:-RIM], 0, 255)).astype(np.uint8)


@cache
def _filter(side: int) -> np.ndarray:
    """Return the factor of each frequency of a square image."""
    squares = np.fft.fftfreq(side)[:, None] ** 2 + np.fft.rfftfreq(side)[None] ** 2
    blur: np.ndarray = np.exp(-2 * np.pi ** 2 * SIGMA ** 2 * squares)
    return blur / (blur * blur + NOISE) * (1 + NOISE)
