# SPDX-License-Identifier: Apache-2.0
"""The newest depth image, beside the colour image of a window."""

from time import monotonic

from emorec_ros.messages.images import AnyImage
from emorec_ros.messages.images import to_depth
from emorec_vision.drawing.depth_image import beside
from emorec_vision.drawing.depth_image import depth_as_colours
import numpy as np

PAUSE = 0.1
"""Between two depth images that are drawn, s."""
KEPT = 2.0
"""Time after which a depth image is no longer shown, s."""


class DepthView:
    """Keep the newest depth and draw it beside other images."""

    def __init__(self) -> None:
        self._colours: np.ndarray | None = None
        self._at = -KEPT

    def add(self, message: AnyImage) -> None:
        """Take a depth image; one that comes sooner than PAUSE after another is not read.

        Raises:
            ImageMessageError: if it cannot be read.
        """
        now = monotonic()
        if now - self._at >= PAUSE:
            self._colours, self._at = depth_as_colours(to_depth(message)), now

    def beside(self, rgb: np.ndarray) -> np.ndarray:
        """Return the image, uint8 RGB (H, W, 3), with depth on its right where it comes."""
        if self._colours is None or monotonic() - self._at > KEPT:
            return rgb
        return beside(rgb, self._colours)
