# SPDX-License-Identifier: Apache-2.0
"""The images of an image topic as a source of frames, for commands that are no node."""

from time import monotonic

from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.images import ImageMessageError
from emorec_ros.messages.images import to_rgb
from emorec_vision.errors import InputError
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost
import rclpy
from rclpy.context import Context
from rclpy.exceptions import InvalidTopicNameException
from rclpy.executors import SingleThreadedExecutor
from rclpy.signals import SignalHandlerOptions
from rclpy.validate_topic_name import validate_topic_name
from sensor_msgs.msg import Image

WAIT_S = 10.0
"""How long an image may take to come, s."""
POLL_S = 0.05


class TopicSource(Source):
    """Deliver the newest image of an image topic; images meanwhile are left out.

    Args:
        topic: its name.
        wait: how long an image may take to come, s.

    Raises:
        InputError: if the name is none, or no image comes.
    """

    kind = 'topic'
    live = True

    def __init__(self, topic: str, wait: float = WAIT_S) -> None:
        """Subscribe and wait for the first image."""
        super().__init__()
        try:
            validate_topic_name(topic)
        except InvalidTopicNameException:
            raise InputError(f"'{topic}' is no name of a topic; give one such as "
                             'topic:/camera/rgb/image_raw') from None
        self._topic = topic
        self._wait = wait
        self._newest: Image | None = None
        self._context = Context()
        rclpy.init(context=self._context, signal_handler_options=SignalHandlerOptions.NO)
        self._node = rclpy.create_node('faces_acquire', context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._subscription = ImageSubscription(self._node, topic, self._on_image, 'auto')
        try:
            self._next: Frame | None = self._receive()
        except SourceLost as error:
            self.close()
            raise InputError(f'{error}; is the camera running, and ROS_DOMAIN_ID the same as '
                             'there?') from None
        except BaseException:
            self.close()
            raise

    def read(self) -> Frame:
        """Return the next image, with the stamp of its header.

        Raises:
            SourceLost: if none comes.
        """
        frame, self._next = self._next or self._receive(), None
        return frame

    def close(self) -> None:
        """Leave the ROS graph."""
        if self._context.ok():
            self._executor.shutdown()
            self._node.destroy_node()
            self._context.try_shutdown()

    def _receive(self) -> Frame:
        """Wait for an image that can be read."""
        end = monotonic() + self._wait
        while monotonic() < end:
            self._executor.spin_once(timeout_sec=POLL_S)
            message, self._newest = self._newest, None
            if message is not None:
                try:
                    return Frame(to_rgb(message).copy(), stamp_ns(message.header.stamp))
                except ImageMessageError as error:
                    self.skipped += 1
                    self._warnings.append(f'an image on {self._topic} is left out: {error}')
        raise SourceLost(f'no image came on {self._topic} for {self._wait:.0f} s')

    def _on_image(self, message: Image) -> None:
        self._newest = message
