# SPDX-License-Identifier: Apache-2.0
"""Publish frames on /tf where the package tf2_msgs is."""

from collections.abc import Iterable
from collections.abc import Sequence
from importlib import import_module

from geometry_msgs.msg import Point
from geometry_msgs.msg import Quaternion
from geometry_msgs.msg import Transform
from geometry_msgs.msg import TransformStamped
from geometry_msgs.msg import Vector3
from rclpy.node import Node
from rclpy.qos import QoSProfile
from std_msgs.msg import Header


class Transforms:
    """The topic /tf; without the package tf2_msgs this says so once, and publishes nothing.

    Args:
        node: that publishes.
        what: what has no frames then.
    """

    def __init__(self, node: Node, what: str) -> None:
        self._publisher = None
        try:
            self._message = import_module('tf2_msgs.msg').TFMessage
        except ImportError:
            node.get_logger().warning(
                f'publish_tf: tf2_msgs cannot be imported, so there are no frames of {what}; '
                'install it (apt install ros-$ROS_DISTRO-tf2-msgs)')
            return
        self._publisher = node.create_publisher(self._message, '/tf', QoSProfile(depth=100))

    @property
    def wanted(self) -> bool:
        """Tell whether somebody listens."""
        return self._publisher is not None and self._publisher.get_subscription_count() > 0

    def publish(self, transforms: Sequence[TransformStamped]) -> None:
        """Publish those of one image, unless there is none or nobody knows in which frame."""
        if self._publisher is not None and transforms and transforms[0].header.frame_id:
            self._publisher.publish(self._message(transforms=transforms))


def placed(
    header: Header, children: Iterable[str], position: Point, rotation: Quaternion
) -> list[TransformStamped]:
    """Return the transforms of frames in one place."""
    transform = Transform(
        translation=Vector3(x=position.x, y=position.y, z=position.z), rotation=rotation)
    return [TransformStamped(header=header, child_frame_id=child, transform=transform)
            for child in children]
