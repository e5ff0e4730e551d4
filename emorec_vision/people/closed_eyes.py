# SPDX-License-Identifier: Apache-2.0
"""Tell whether the eyes of a photo are closed.

A closed eye shows a dark line, the lashes, which goes on to the left and to the right, and lies
lower than the iris. `benchmarks/identity_eyes.py` has what is found, of which docs/identity.md
tells; the limits were chosen on those faces so that hardly any open eye counts as closed.
"""

from __future__ import annotations

import cv2
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.detector import Landmarks
from emorec_vision.faces.detectors.yunet import YuNetDetector
from emorec_vision.model_files.weights import yunet_weights
import numpy as np

APART = 60.0
"""Distance to which the eyes are brought, px; all below are px at this distance."""
HALF = np.array([30.0, 24.0])
"""Half of what is cut out around an eye."""
REACH = 8
"""The darkest place lies so near to the eye's landmark."""
SPOT = 7
"""Side of the square over which darkness is averaged."""
BESIDE, ABOVE = 9, 8
"""How far the places are with which the darkest is compared."""
LOWER = 0.5
"""How far below the landmarks the darkest places of closed eyes lie, in the mean of both..."""
ROUND = 0.3
"""...and their contrast to both sides, as a share of that to above and below, is at most this."""
BORDER = 0.2
"""Border added before the search, as a share of the photo's side."""


class EyeCheck:
    """Finds photos with closed eyes; none where YuNet's weights are missing."""

    def __init__(self) -> None:
        weights = yunet_weights()
        self._detector = None if weights is None else YuNetDetector(weights)

    def are_closed(self, photo: np.ndarray) -> bool:
        """Tell whether the eyes of a photo that is cut to the face, gray (H, W), look closed."""
        border = round(BORDER * min(photo.shape))
        if self._detector is None or border == 0:
            return False
        wide = cv2.copyMakeBorder(photo, *[border] * 4, cv2.BORDER_REPLICATE)
        found = self._detector.detect(wide, evidence=Evidence.EXPECTED)
        face = max(found, key=lambda face: face.box.area, default=None)
        if face is None or face.landmarks is None:
            return False
        low, contrast = np.mean(_eyes(wide, face.landmarks), axis=0)
        return bool(low >= LOWER and contrast <= ROUND)


def _eyes(gray: np.ndarray, landmarks: Landmarks) -> list[tuple[float, float]]:
    """Return how low each eye's darkest place lies, and how round it is, as for LOWER, ROUND."""
    left, right = np.array(landmarks[:2], np.float64)
    across = right - left
    zoom = APART / max(float(np.linalg.norm(across)), 1.0)
    found = []
    for eye in (left, right):
        view = cv2.getRotationMatrix2D(
            eye.tolist(), float(np.degrees(np.arctan2(across[1], across[0]))), zoom)
        view[:, 2] += HALF - eye
        cut = cv2.warpAffine(gray, view, (2 * HALF).astype(int).tolist(),
                             borderMode=cv2.BORDER_REPLICATE).astype(np.float32)
        found.append(_darkest(cv2.blur(cv2.GaussianBlur(cut, (0, 0), 1.5), (SPOT, SPOT))))
    return found


def _darkest(levels: np.ndarray) -> tuple[float, float]:
    """Return how far below the middle the darkest place lies, and its contrast to the sides."""
    x, y = HALF.astype(int)
    near = levels[y - REACH:y + REACH + 1, x - REACH:x + REACH + 1]
    down, along = np.unravel_index(near.argmin(), near.shape)
    row, column = y - REACH + int(down), x - REACH + int(along)
    darkest = levels[row, column]
    sides = (levels[row, column - BESIDE] + levels[row, column + BESIDE]) / 2 - darkest
    ends = (levels[row - ABOVE, column] + levels[row + ABOVE, column]) / 2 - darkest
    return float(row - y), float(sides / (ends + 3.0))
