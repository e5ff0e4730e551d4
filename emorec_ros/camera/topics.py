# SPDX-License-Identifier: Apache-2.0
"""Take the frames of a camera from its topics, without dropping any while there is room."""

from queue import Empty
from queue import Queue
from threading import Thread
from time import monotonic
from typing import Any

from emorec_ros.camera.image_subscription import checked_topic
from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.flow.newest_pair import NewestPair
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.images import AnyImage
from emorec_ros.messages.images import depth_on
from emorec_ros.messages.images import to_rgb
from emorec_ros.runtime.command_node import CommandNode
from emorec_ros.runtime.qos.profiles import BEST_EFFORT_IMAGE
from emorec_vision.camera.geometry import CameraGeometry
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import to_millimetres
from emorec_vision.sources import Frame
import numpy as np
from sensor_msgs.msg import CameraInfo

SLOP = 0.02
WAIT = 0.5
PLACES = 60
"""Images that wait while the disk is busy: two seconds of a camera."""


class CameraTopics:
    """The frames of a camera, reliable or best effort, one by one.

    Colour is paired with the depth nearest to it within 20 ms. Images that cannot be converted
    and depth of another size than colour are counted in `dropped` and told in `take_warnings`;
    `lost` counts the images that gave way because nobody took them. Use it as a context manager.

    Args:
        colour: topic of the colour images.
        depth: topic of the depth aligned to them.
        info: topic of the camera_info of both.

    Attributes:
        colour: full name of the topic of the colour images.

    Raises:
        InputError: if ROS does not start or a name is no topic.
    """

    def __init__(self, colour: str, depth: str, info: str) -> None:
        self.dropped = self.lost = 0
        self._told: set[str] = set()
        self._warnings: list[str] = []
        self._pairs = NewestPair(SLOP, WAIT, max_age=0.0, places=PLACES)
        self._frames: Queue[Frame] = Queue(2)
        for name in (colour, depth, info):
            checked_topic(name)
        self._node = CommandNode('emorec_record')
        self._subscriptions = [
            ImageSubscription(self._node.ros, colour, self._on_colour, 'auto'),
            ImageSubscription(self._node.ros, depth, self._on_depth, 'auto')]
        self._node.ros.create_subscription(CameraInfo, info, self._on_info, BEST_EFFORT_IMAGE)
        self.colour = self._node.ros.resolve_topic_name(colour)
        self._geometry = CameraGeometry(self.colour, self._node.ros.resolve_topic_name(info))
        self._worker = Thread(target=self._convert, daemon=True)
        self._worker.start()
        self._node.start()

    def take(self, timeout: float) -> Frame | None:
        """Return the next frame, None if it takes more than `timeout` seconds."""
        try:
            return self._frames.get(timeout=timeout)
        except Empty:
            return None

    def take_warnings(self) -> list[str]:
        """Return what is worth telling since the last call, one line each."""
        warnings, self._warnings = self._warnings, []
        return warnings + self._geometry.take_news()

    def close(self) -> None:
        """Stop receiving."""
        self._pairs.close()
        self._node.close()
        while not self._frames.empty():
            self._frames.get()
        self._worker.join(2.0)

    def __enter__(self) -> 'CameraTopics':
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _on_colour(self, message: AnyImage) -> None:
        self.lost += self._pairs.put_colour(stamp_ns(message.header.stamp), message, monotonic())

    def _on_depth(self, message: AnyImage) -> None:
        self._pairs.put_depth(stamp_ns(message.header.stamp), message, monotonic())

    def _on_info(self, message: CameraInfo) -> None:
        self._geometry.info = message

    def _convert(self) -> None:
        while (pair := self._pairs.take(monotonic)) is not None:
            stamp, colour, depth = pair
            try:
                rgb = to_rgb(colour)
            except ImageMessageError as error:
                self._drop(f'image: {error}')
                continue
            height, width = rgb.shape[:2]
            self._frames.put(Frame(rgb, stamp, self._depth_of(depth, colour, (height, width)),
                                   self._geometry.intrinsics(width, height)))

    def _depth_of(
        self, message: Any, colour: AnyImage, shape: tuple[int, int]
    ) -> np.ndarray | None:
        if message is None:
            return None
        self._geometry.check_frames(colour.header.frame_id, message.header.frame_id)
        try:
            depth = to_millimetres(depth_on(message, shape))
        except ImageMessageError as error:
            self._drop(str(error))
            return None
        self._geometry.count_wanted()
        return depth

    def _drop(self, text: str) -> None:
        self.dropped += 1
        if text not in self._told:
            self._told.add(text)
            self._warnings.append(f'dropped: {text}')
