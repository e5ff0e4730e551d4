# SPDX-License-Identifier: Apache-2.0
"""The newest depth image, beside the colour image of a window."""

from time import monotonic
from typing import Any

from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.messages.images import AnyImage
from emorec_ros.messages.images import to_depth
from emorec_ros.runtime.node import EmorecNode
from emorec_vision.drawing.depth_image import beside
from emorec_vision.drawing.depth_image import depth_as_colours
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import UnreadEncoding
from emorec_vision.image_message.transport import transport_topic
import numpy as np

PAUSE = 0.1
"""Between two depth images that are drawn, s."""
KEPT = 2.0
"""Time after which a depth image is no longer shown, s."""


class DepthView:
    """Receive depth and draw the newest one beside other images.

    Args:
        node: that receives it, and logs what cannot be drawn.
        transport: how the depth images come, see TRANSPORTS.
        reliability: how to subscribe, see RELIABILITIES.
    """

    def __init__(self, node: EmorecNode[Any], transport: str, reliability: str) -> None:
        self._node = node
        self._colours: np.ndarray | None = None
        self._at = -KEPT
        self._depth = ImageSubscription(
            node, transport_topic(node.resolve_topic_name('depth_registered/image_raw'),
                                  transport), self._on_depth, reliability)

    def beside(self, rgb: np.ndarray) -> np.ndarray:
        """Return the image, uint8 RGB (H, W, 3), with depth on its right where it comes."""
        if self._colours is None or monotonic() - self._at > KEPT:
            return rgb
        return beside(rgb, self._colours)

    def close(self) -> None:
        """Receive no more."""
        self._depth.close()

    def _on_depth(self, message: AnyImage) -> None:
        now = monotonic()
        if now - self._at < PAUSE:
            return
        try:
            self._colours, self._at = depth_as_colours(to_depth(message)), now
        except ImageMessageError as error:
            self._node.drop(f'depth: {error}', once=isinstance(error, UnreadEncoding))
