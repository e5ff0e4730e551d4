# SPDX-License-Identifier: Apache-2.0
"""A node that bounds what comes in, and what it logs."""

from collections.abc import Callable
from typing import Any

from emorec_ros.runtime.limits import check_of
from emorec_ros.runtime.limits import LimitError
from emorec_ros.runtime.logs.log import Log
from rclpy.node import Node
from rclpy.qos import QoSProfile
from rclpy.subscription import Subscription


class GuardedNode(Node):
    """A node whose callbacks get no message beyond emorec_ros.runtime.limits.

    What is refused goes to `drop`. The arguments are those of rclpy's Node.
    """

    _log: Log | None = None

    def get_logger(self) -> Any:
        """Return the logger, through which no line is long or forged, and none comes too often."""
        if self._log is None:
            self._log = Log(super().get_logger())
        return self._log

    def create_subscription(
        self, kind: type, topic: str, callback: Callable[[Any], None],
        qos_profile: QoSProfile | int, **options: Any
    ) -> Subscription:
        """Create a subscription, whose callback gets no message that is beyond the limits."""
        check = check_of(kind)

        def admit(message: Any) -> None:
            try:
                check(message)
            except LimitError as error:
                self.drop(f'{topic}: {error}')
            else:
                callback(message)
        return super().create_subscription(kind, topic, admit, qos_profile, **options)

    def drop(self, text: str) -> None:
        """Warn about a message that was refused."""
        self.get_logger().warning(f'dropped: {text}')
