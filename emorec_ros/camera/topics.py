# SPDX-License-Identifier: Apache-2.0
"""Take the frames of a camera from its topics, without dropping any while there is room."""

from queue import Empty
from queue import Queue
from threading import Thread
from time import monotonic
from typing import Any

from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.flow.newest_pair import NewestPair
from emorec_ros.messages.conversions import intrinsics_from_camera_info
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.images import ImageMessageError
from emorec_ros.messages.images import to_depth
from emorec_ros.messages.images import to_rgb
from emorec_ros.runtime.qos import BEST_EFFORT_IMAGE
from emorec_vision.depth.gate import check_depth
from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.image_message import to_millimetres
from emorec_vision.sources import Frame
import numpy as np
import rclpy
from rclpy.exceptions import InvalidTopicNameException
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.signals import SignalHandlerOptions
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image

SLOP = 0.02
WAIT = 0.5
PLACES = 60
"""Images that wait while the disk is busy: two seconds of a camera."""


class CameraTopics:
    """Subscribe to a camera, reliable or best effort, and hand out its frames one by one.

    Colour is paired with the depth nearest to it within 20 ms. Images that cannot be converted
    and depth of another size than colour are counted in `dropped` and told in `take_warnings`;
    `lost` counts the images that gave way because nobody took them. Use it as a context manager.

    Raises:
        InputError: if ROS does not start or a name is no topic.
    """

    def __init__(self, colour: str, depth: str, info: str) -> None:
        self.dropped = self.lost = 0
        self._told: set[str] = set()
        self._warnings: list[str] = []
        self._intrinsics: Intrinsics | None = None
        self._pairs = NewestPair(SLOP, WAIT, max_age=0.0, places=PLACES)
        self._frames: Queue[Frame] = Queue(2)
        try:
            rclpy.init(signal_handler_options=SignalHandlerOptions.NO)
            self._node = rclpy.create_node('emorec_record', start_parameter_services=False)
            self._subscriptions = [
                ImageSubscription(self._node, colour, self._on_colour, 'auto'),
                ImageSubscription(self._node, depth, self._on_depth, 'auto')]
            self._node.create_subscription(
                CameraInfo, info, self._on_info, BEST_EFFORT_IMAGE)
        except InvalidTopicNameException as error:
            rclpy.try_shutdown()
            raise InputError(str(error).splitlines()[0]) from None
        except rclpy_implementation.RCLError as error:
            raise InputError(f'ROS 2 does not start: {str(error).splitlines()[0]}') from error
        self.colour = self._node.resolve_topic_name(colour)
        self._threads = [Thread(target=work, daemon=True) for work in (self._spin, self._convert)]
        for thread in self._threads:
            thread.start()

    def take(self, timeout: float) -> Frame | None:
        """Wait for the next frame, at most `timeout` seconds."""
        try:
            return self._frames.get(timeout=timeout)
        except Empty:
            return None

    def take_warnings(self) -> list[str]:
        """Return what is worth telling since the last call, one line each."""
        warnings, self._warnings = self._warnings, []
        return warnings

    def close(self) -> None:
        """Stop receiving."""
        self._pairs.close()
        rclpy.try_shutdown()
        while not self._frames.empty():
            self._frames.get()
        for thread in self._threads:
            thread.join(2.0)

    def __enter__(self) -> 'CameraTopics':
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def _on_colour(self, message: Image) -> None:
        self.lost += self._pairs.put_colour(stamp_ns(message.header.stamp), message, monotonic())

    def _on_depth(self, message: Image) -> None:
        self._pairs.put_depth(stamp_ns(message.header.stamp), message, monotonic())

    def _on_info(self, message: CameraInfo) -> None:
        self._intrinsics = intrinsics_from_camera_info(message)

    def _convert(self) -> None:
        while (pair := self._pairs.take(monotonic)) is not None:
            stamp, colour, depth = pair
            try:
                rgb = to_rgb(colour)
            except ImageMessageError as error:
                self._drop(f'image: {error}')
                continue
            self._frames.put(Frame(rgb, stamp, self._depth_of(depth, rgb), self._intrinsics))

    def _depth_of(self, message: Any, rgb: np.ndarray) -> np.ndarray | None:
        if message is None:
            return None
        try:
            depth = to_millimetres(to_depth(message))
            check_depth(depth, rgb.shape[:2])
        except (ImageMessageError, InputError) as error:
            self._drop(str(error))
            return None
        return depth

    def _drop(self, text: str) -> None:
        self.dropped += 1
        if text not in self._told:
            self._told.add(text)
            self._warnings.append(f'dropped: {text}')

    def _spin(self) -> None:
        executor = SingleThreadedExecutor()
        executor.add_node(self._node)
        try:
            executor.spin()
        except ExternalShutdownException:
            pass
