# SPDX-License-Identifier: Apache-2.0
"""Depth stands beside colour while it comes."""

from dataclasses import dataclass
from time import monotonic

from emorec_ros.messages.images import to_message
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.viewer.depth_view import DepthView
from emorec_ros.viewer.depth_view import KEPT
import numpy as np
from patience import PATIENCE
from rclpy.context import Context
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node
from sensor_msgs.msg import Image
from std_msgs.msg import Header

COLOUR = np.full((120, 160, 3), 90, np.uint8)


@dataclass(frozen=True)
class NoSettings:
    """No parameters."""


def test_depth_stands_on_the_right_while_it_comes(ros_context: Context, monkeypatch) -> None:
    """Near is red, far is blue, what is not known is black; old depth goes."""
    node = EmorecNode('viewer', NoSettings, context=ros_context)
    camera = Node('camera', context=ros_context, start_parameter_services=False)
    executor = SingleThreadedExecutor(context=ros_context)
    executor.add_node(node)
    view = DepthView(node, 'raw', 'auto')
    assert view.beside(COLOUR) is COLOUR
    depth = np.zeros((60, 80), np.uint16)
    depth[:20], depth[20:40] = 600, 4900
    publisher = camera.create_publisher(Image, '/depth_registered/image_raw', IMAGE)
    deadline = monotonic() + PATIENCE
    while view.beside(COLOUR) is COLOUR:
        assert monotonic() < deadline
        publisher.publish(to_message(depth, '16UC1', Header()))
        executor.spin_once(0.1)
    both = view.beside(COLOUR)
    assert both.shape == (120, 320, 3) and (both[:, :160] == COLOUR).all()
    near, far, unknown = (both[row, 200].astype(int) for row in (20, 60, 100))
    assert near[0] > near[2] and far[2] > far[0] and not unknown.any()
    monkeypatch.setattr('emorec_ros.viewer.depth_view.monotonic', lambda: monotonic() + 2 * KEPT)
    assert view.beside(COLOUR) is COLOUR
    view.close()
    executor.shutdown()
    camera.destroy_node()
    node.destroy_node()
