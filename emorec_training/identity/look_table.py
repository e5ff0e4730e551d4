# SPDX-License-Identifier: Apache-2.0
"""Looks at the images of a set by each other, remembered, for many splits of the set."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence

from emorec_vision.identity.gallery import Nearest
from emorec_vision.identity.gallery import nearest
from emorec_vision.identity.lbp import chi_square_pairs
from emorec_vision.identity.lbp import evenly_lit
from emorec_vision.identity.lbp import histogram
from emorec_vision.identity.lbp import middle_window
from emorec_vision.identity.lbp import window_histograms
import numpy as np


class LookTable:
    """Answer looks as `FaceRecognizer` does when each enrolled image and its mirror are kept.

    Args:
        images: gray uint8 (H, W), cut to the detector's box.
        tick: called after each image.
    """

    def __init__(self, images: Sequence[np.ndarray],
                 tick: Callable[[], object] = lambda: None) -> None:
        """Compare all images by the fast measure."""
        lit = [evenly_lit(image) for image in images]
        middles = [middle_window(face) for face in lit]
        self._templates = np.stack([histogram(window) for window in middles]
                                   + [histogram(window[:, ::-1]) for window in middles])
        self._lit = lit
        roots = np.ascontiguousarray(np.sqrt(self._templates).T)
        shape = (len(images), 2 * len(images))
        self._affinity = np.empty(shape, np.float32)
        self._window = np.empty(shape, np.uint8)
        self._distance = np.full(shape, np.nan, np.float32)
        for index, face in enumerate(lit):
            affinity = np.sqrt(window_histograms(face)) @ roots
            self._affinity[index] = affinity.max(0)
            self._window[index] = affinity.argmax(0)
            tick()

    def look(self, image: int, enrolled: np.ndarray, labels: np.ndarray) -> Nearest:
        """Return who is nearest to an image.

        Args:
            enrolled: indices of the enrolled images, (N,).
            labels: whose they are, (N,).
        """
        templates = np.concatenate([enrolled, enrolled + len(self._lit)])
        return nearest(self._affinity[image, templates], np.tile(labels, 2),
                       lambda chosen: self._exact(image, templates[chosen]))

    def _exact(self, image: int, templates: np.ndarray) -> np.ndarray:
        """Return the distances of an image to templates, (N,)."""
        missing = templates[np.isnan(self._distance[image, templates])]
        if len(missing):
            windows = window_histograms(self._lit[image])[self._window[image, missing]]
            self._distance[image, missing] = chi_square_pairs(windows, self._templates[missing])
        distances: np.ndarray = self._distance[image, templates]
        return distances
