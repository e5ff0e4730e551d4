# SPDX-License-Identifier: Apache-2.0
"""Publish where a camera's optical frame is, unless somebody else does, such as a robot's URDF."""

from emorec_ros.runtime.qos.profiles import STATIC
from emorec_ros.runtime.timers import steady_timer
from geometry_msgs.msg import Quaternion
from geometry_msgs.msg import Transform
from geometry_msgs.msg import TransformStamped
from rclpy.node import Node
from rclpy.publisher import Publisher
try:
    from tf2_msgs.msg import TFMessage
except ImportError:  # not among the wheels of PyPI
    TFMessage = None

TOPIC = '/tf_static'
LISTEN_FIRST = 2.0
"""Time in which the transforms that are there already arrive, s."""
OPTICAL_ROTATION = Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5)
"""From x forward, y left, z up to z forward, x right, y down (REP 103)."""


class OpticalTransform:
    """The static transform from the body of a camera to its optical frame.

    It is published once, for late subscribers too, after a look at what others publish: a frame
    has one parent, and a second one would make it jump.

    Args:
        node: that publishes.
        link: frame of the body.
        optical: frame of the images.
    """

    def __init__(self, node: Node, link: str, optical: str) -> None:
        self._node = node
        self._link = link
        self._optical = optical
        self._publisher: Publisher | None = None
        self._parent = ''
        if TFMessage is None:
            node.get_logger().warning(f'nothing says where {optical} is: publish_tf needs the ROS '
                                      'package tf2_msgs, which is not installed')
            return
        node.create_subscription(TFMessage, TOPIC, self._on_transforms, STATIC)
        self._timer = steady_timer(node, LISTEN_FIRST, self._publish)

    def _on_transforms(self, message: 'TFMessage') -> None:
        parents = [transform.header.frame_id for transform in message.transforms
                   if transform.child_frame_id == self._optical]
        if self._publisher is None:
            self._parent = next(iter(parents), self._parent)
        elif not self._parent and (others := set(parents) - {self._link}):
            self._parent, = sorted(others)[:1]
            self._node.get_logger().warning(
                f'{self._optical} is below {self._link} and, by somebody else, now below '
                f'{self._parent} as well: set publish_tf to false')

    def _publish(self) -> None:
        self._node.destroy_timer(self._timer)
        if self._parent:
            self._node.get_logger().info(f'{self._optical} is below {self._parent} already: '
                                         'publish_tf leaves it there')
            return
        transform = TransformStamped(
            child_frame_id=self._optical, transform=Transform(rotation=OPTICAL_ROTATION))
        transform.header.stamp = self._node.get_clock().now().to_msg()
        transform.header.frame_id = self._link
        self._publisher = self._node.create_publisher(TFMessage, TOPIC, STATIC)
        self._publisher.publish(TFMessage(transforms=[transform]))
