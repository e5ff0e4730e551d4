# SPDX-License-Identifier: Apache-2.0
"""The driver says where its optical frame is, unless somebody else does."""

from collections.abc import Callable
from importlib.util import find_spec
from time import monotonic
from time import sleep
from typing import Any

from emorec_ros.runtime.qos.profiles import STATIC
from geometry_msgs.msg import TransformStamped
import numpy as np
import pytest
from ros_harness import Harness

PATIENCE = 20.0
needs_tf2_msgs = pytest.mark.skipif(
    find_spec('tf2_msgs') is None, reason='tf2_msgs is not installed')


def wait_until(wanted: Callable[[], object]) -> None:
    """Wait until something is so."""
    deadline = monotonic() + PATIENCE
    while not wanted():
        assert monotonic() < deadline
        sleep(0.05)


def placed(parent: str, child: str) -> Any:
    """Return a message that puts a frame below another."""
    from tf2_msgs.msg import TFMessage
    transform = TransformStamped(child_frame_id=child)
    transform.header.frame_id = parent
    return TFMessage(transforms=[transform])


@needs_tf2_msgs
def test_a_subscriber_that_comes_late_gets_the_transform(harness: Harness) -> None:
    """What is in front of the camera (z of its images) is in front of its body (x)."""
    from tf2_msgs.msg import TFMessage
    harness.start('camera_driver', source='demo', camera_name='kinect', publish_tf=True)
    wait_until(lambda: harness.node.count_publishers('/tf_static'))
    message = harness.topic(TFMessage, '/tf_static', STATIC).wait_for()
    transform, = message.transforms
    assert transform.header.frame_id == 'kinect_link'
    assert transform.child_frame_id == 'kinect_rgb_optical_frame'
    q = transform.transform.rotation
    axis = np.array([q.x, q.y, q.z])
    for optical, body in (
            ((0, 0, 1), (1, 0, 0)), ((1, 0, 0), (0, -1, 0)), ((0, 1, 0), (0, 0, -1))):
        turned = optical + 2 * np.cross(axis, np.cross(axis, optical) + q.w * np.array(optical))
        assert turned == pytest.approx(body)


@needs_tf2_msgs
def test_a_frame_that_a_urdf_has_is_left_to_it(harness: Harness) -> None:
    """A second parent would make the frame jump."""
    from tf2_msgs.msg import TFMessage
    urdf = harness.node.create_publisher(TFMessage, '/tf_static', STATIC)
    urdf.publish(placed('head', 'camera_rgb_optical_frame'))
    harness.start('camera_driver', source='demo', publish_tf=True)
    wait_until(lambda: 'is below head already' in harness.log('camera_driver'))
    assert harness.node.count_publishers('/tf_static') == 1


@needs_tf2_msgs
def test_a_urdf_that_comes_later_is_named(harness: Harness) -> None:
    """It cannot be taken back, so somebody must know."""
    from tf2_msgs.msg import TFMessage
    harness.start('camera_driver', source='demo', publish_tf=True)
    wait_until(lambda: harness.node.count_publishers('/tf_static'))
    urdf = harness.node.create_publisher(TFMessage, '/tf_static', STATIC)
    for child in ('camera_link', 'camera_rgb_optical_frame'):
        urdf.publish(placed('head', child))
    wait_until(lambda: 'now below head as well' in harness.log('camera_driver'))
    assert harness.log('camera_driver').count('as well') == 1


@pytest.mark.skipif(find_spec('tf2_msgs') is not None, reason='tf2_msgs is installed')
def test_without_tf2_msgs_the_driver_says_so_and_runs(harness: Harness) -> None:
    """It comes with ROS 2 and not with the wheels."""
    harness.start('camera_driver', source='demo', publish_tf=True)
    harness.values('camera_driver', lambda values: 'source' in values)
    assert 'publish_tf needs the ROS package tf2_msgs' in harness.log('camera_driver')
