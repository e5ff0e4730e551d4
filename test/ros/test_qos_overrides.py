# SPDX-License-Identifier: Apache-2.0
"""Parameters qos_overrides of real nodes, and what the middleware then says of the topics."""

from emorec.msg import FaceArray
from emorec_ros.runtime.qos.profiles import BEST_EFFORT_IMAGE
from emorec_ros.runtime.qos.profiles import IMAGE
from patience import wait_until
import pytest
from rclpy.qos import ReliabilityPolicy
from ros_harness import Harness
from sensor_msgs.msg import Image


def test_images_and_results_take_the_given_qos(harness: Harness) -> None:
    """The image subscription and the publisher of faces are what was asked for."""
    harness.start('face_detector', **{
        'qos_overrides./rgb/image_raw.subscription.reliability': 'best_effort',
        'qos_overrides./rgb/image_raw.subscription.depth': 2,
        'qos_overrides./faces.publisher.reliability': 'best_effort'})
    harness.publisher(Image, '/rgb/image_raw', BEST_EFFORT_IMAGE)
    wait_until(lambda: all(map(
        harness.node.count_publishers, ('/faces', '/faces_rejected'))), lambda: 'no publishers')
    images, = harness.node.get_subscriptions_info_by_topic('/rgb/image_raw')
    assert images.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT
    faces, = harness.node.get_publishers_info_by_topic('/faces')
    assert faces.qos_profile.reliability == ReliabilityPolicy.BEST_EFFORT
    rejected, = harness.node.get_publishers_info_by_topic('/faces_rejected')
    assert rejected.qos_profile.reliability == ReliabilityPolicy.RELIABLE
    (done, reason), = harness.set_parameters(
        'face_detector', **{'qos_overrides./faces.publisher.reliability': 'reliable'})
    assert not done and 'is read when the topic is opened: restart face_detector' in reason
    harness.values('face_detector', bool)
    assert 'has no effect' not in harness.log('face_detector')


def test_an_override_without_effect_is_named(harness: Harness) -> None:
    """A relative name, another policy, a topic that the node does not have."""
    names = ['qos_overrides.rgb/image_raw.subscription.depth',
             'qos_overrides./faces.publisher.lifespan',
             'qos_overrides./emotions.publisher.depth']
    harness.start('face_detector', **dict.fromkeys(names, 3))
    harness.topic(FaceArray, '/faces')
    harness.values('face_detector', bool)
    for name in names:
        assert f'parameter {name} has no effect' in harness.log('face_detector')
    harness.publisher(Image, '/rgb/image_raw', IMAGE)


@pytest.mark.parametrize('name, value, complaint', [
    ('/rgb/image_raw.subscription.reliability', 'sure', "'sure' is none of auto, reliable, best"),
    ('/faces.publisher.depth', 0, '0 is outside 1 to 1000'),
    ('/faces.publisher.depth', 'many', "'many' is no int"),
])
def test_an_override_that_does_not_fit_ends_the_node(
    name: str, value: object, complaint: str, harness: Harness
) -> None:
    """With one line and exit code 2, as every parameter does."""
    process = harness.start('face_detector', **{f'qos_overrides.{name}': value})
    assert process.wait(30) == 2
    line, = harness.log('face_detector').splitlines()
    assert f'parameter qos_overrides.{name}: {complaint}' in line
