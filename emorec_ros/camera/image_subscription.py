# SPDX-License-Identifier: Apache-2.0
"""Subscribe to a camera's images, whatever reliability it publishes with."""

from collections.abc import Callable

from emorec_ros.runtime import qos
from emorec_ros.runtime.timers import steady_timer
from rclpy.event_handler import SubscriptionEventCallbacks
from rclpy.node import Node
from rclpy.subscription import Subscription
from sensor_msgs.msg import Image

RELIABILITIES = ('auto', 'reliable', 'best_effort')


class ImageSubscription:
    """Subscribe to an image topic; `auto` turns to best effort when a best-effort camera shows up.

    A reliable subscriber and a best-effort publisher exchange nothing, so the middleware's word
    about the mismatch is answered by subscribing anew as best effort.
    """

    def __init__(
        self, node: Node, topic: str, callback: Callable[[Image], None], reliability: str
    ) -> None:
        self._node = node
        self._topic = topic
        self._callback = callback
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
        self._subscription = self._node.create_subscription(
            Image, self._topic, self._callback,
            qos.BEST_EFFORT_IMAGE if best_effort else qos.IMAGE, event_callbacks=events)

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
        self._subscribe(best_effort=True)
