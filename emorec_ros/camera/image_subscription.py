# SPDX-License-Identifier: Apache-2.0
"""Subscribe to a camera's images, whatever reliability and transport it publishes with."""

from collections.abc import Callable
from typing import Any

from emorec_ros.runtime.qos import profiles as qos
from emorec_ros.runtime.qos.overrides import depth_of
from emorec_ros.runtime.qos.overrides import reliability_of
from emorec_ros.runtime.qos.overrides import SUBSCRIPTION
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.errors import InputError
from emorec_vision.image_message.transport import base_topic
from rclpy.exceptions import InvalidTopicNameException
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.qos import ReliabilityPolicy
from rclpy.subscription import Subscription
from rclpy.validate_topic_name import validate_topic_name
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
try:
    from rclpy.event_handler import SubscriptionEventCallbacks
except ImportError:  # Humble
    from rclpy.qos_event import SubscriptionEventCallbacks

RELIABILITIES = ('auto', 'reliable', 'best_effort')
TRANSPORT = 'how images are published, by the names of image_transport: compressed is JPEG or PNG'
DEPTH_TRANSPORT = ('likewise for depth: auto = raw, or compressedDepth where image_transport is '
                   'compressed')


def checked_topic(name: str) -> str:
    """Return the name if a topic can have it.

    Raises:
        InputError: if not.
    """
    try:
        validate_topic_name(name)
    except InvalidTopicNameException:
        raise InputError(f"'{name}' is no name of a topic; give one such as "
                         '/camera/rgb/image_raw') from None
    return name


class ImageSubscription:
    """A subscription to an image topic that reaches a reliable and a best-effort camera.

    A topic whose name ends as those of compressed images do is one of CompressedImage.

    A reliable subscriber and a best-effort publisher exchange nothing, so with `auto` the
    middleware's word about the mismatch is answered by subscribing anew as best effort. The
    parameters qos_overrides of the node win.

    Args:
        node: that receives the images.
        topic: its name.
        callback: called with every image.
        reliability: one of RELIABILITIES.

    Raises:
        InputError: if a value of qos_overrides does not fit.
    """

    def __init__(
        self, node: Node, topic: str, callback: Callable[[Any], None], reliability: str
    ) -> None:
        self._node = node
        self._topic = topic
        name = node.resolve_topic_name(topic)
        self._kind = Image if base_topic(name) == name else CompressedImage
        self._callback = callback
        reliability = reliability_of(node, SUBSCRIPTION, topic, reliability, RELIABILITIES)
        self._depth = depth_of(node, SUBSCRIPTION, topic, qos.IMAGE.depth)
        self._adapts = reliability == 'auto'
        self._subscription: Subscription | None = None
        self._subscribe(reliability == 'best_effort')

    def close(self) -> None:
        """Stop receiving."""
        if self._subscription is not None:
            self._node.destroy_subscription(self._subscription)
            self._subscription = None

    def _subscribe(self, best_effort: bool) -> None:
        self.close()
        events = SubscriptionEventCallbacks(
            incompatible_qos=None if best_effort else self._on_incompatible)
        profile = QoSProfile(
            depth=self._depth, reliability=ReliabilityPolicy.BEST_EFFORT if best_effort
            else ReliabilityPolicy.RELIABLE)
        self._subscription = self._node.create_subscription(
            self._kind, self._topic, self._callback, profile, event_callbacks=events)

    def _on_incompatible(self, _event: object) -> None:
        if not self._adapts:
            self._node.get_logger().error(
                f'{self._topic} is published best effort and cannot reach a reliable '
                'subscription; set image_reliability to auto')
            return
        self._adapts = False
        self._node.get_logger().info(f'{self._topic} is published best effort; receiving it so')
        self._switch_timer = steady_timer(self._node, 0.0, self._switch)

    def _switch(self) -> None:
        self._node.destroy_timer(self._switch_timer)
        if self._subscription is not None:
            self._subscribe(best_effort=True)
