# SPDX-License-Identifier: Apache-2.0
"""Tell where a stream of images cuts to another scene."""

import cv2
from emorec_vision.faces.tracking.appearance import without_light
import numpy as np

THUMBNAIL = (32, 24)
"""Width and height at which images are compared, px."""
SAMPLES = 96
"""Rows or columns of an image, whichever are fewer, that go into its thumbnail at least."""
LIGHT_SCALE = 3.0
"""Gaussian sigma of what counts as lighting, px of the thumbnail."""
DARKEST = 8.0
"""Added to gray levels before their logarithm, so that noise in the dark is no structure."""
LEAST_CONTRAST = 0.6
"""An image whose thumbnail has less than this, the root of its summed squares as logarithms, is a
wall, a covered lens or a drop-out, and no scene."""
LEAST_CHANGE = 0.28
"""Of the correlation of two successive thumbnails, at a cut. docs/detection.md has what was
measured: at most 0.18 within clips, 0.15 by light, at least 0.37 between scenes."""
OUTSTANDING = 3.0
"""A cut changes so many times as much as the images before it: while a camera pans, or where
images come seldom, all of them differ."""
USUAL_BLEND = 0.4
"""Weight of the newest image in what they usually change."""


class SceneCuts:
    """Compare each image of a stream with the last one that shows a scene.

    Flicker, exposure and lamps are no cuts: brightness, contrast and smooth shading do not count.
    Slow transitions are not found.
    """

    def __init__(self) -> None:
        self._last: np.ndarray | None = None
        self._usual_change = 0.0

    def is_cut(self, gray: np.ndarray) -> bool:
        """Take in the next image, uint8 (H, W), and tell whether another scene begins with it."""
        step = max(min(gray.shape) // SAMPLES, 1)
        small = cv2.resize(gray[::step, ::step], THUMBNAIL, interpolation=cv2.INTER_AREA)
        scene = without_light(np.log(small.astype(np.float32) + DARKEST), LIGHT_SCALE,
                              LEAST_CONTRAST)
        if not scene.any():
            return False
        last, self._last = self._last, scene
        if last is None:
            return False
        change = 1.0 - float(scene @ last)
        is_cut = change > max(LEAST_CHANGE, OUTSTANDING * self._usual_change)
        self._usual_change += USUAL_BLEND * (change - self._usual_change)
        return is_cut
