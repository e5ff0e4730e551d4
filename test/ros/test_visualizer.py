# SPDX-License-Identifier: Apache-2.0
"""The visualizer node over real topics."""

from math import nan

from emorec.msg import Emotion
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_array
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos import IMAGE
from geometry_msgs.msg import Point
import numpy as np
from ros_harness import Harness
from sensor_msgs.msg import Image
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header
from visualization_msgs.msg import Marker
from visualization_msgs.msg import MarkerArray

HEADER = Header(stamp=time_from_ns(10**10), frame_id='camera_rgb_optical_frame')


def people(*positions: tuple[float, float, float]) -> PersonEmotionArray:
    """Return happy people at these places."""
    roi = RegionOfInterest(x_offset=200, y_offset=150, width=100, height=100)
    return PersonEmotionArray(header=HEADER, session='s', people=[
        PersonEmotion(track_id=f's-{number}', person='Ada', known=True, emotion=Emotion.HAPPY,
                      label='Happy', confirmed=True, share=1.0, frame_emotion=Emotion.HAPPY,
                      probabilities=[0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0], roi=roi,
                      distance=position[2], position=Point(
                          x=position[0], y=position[1], z=position[2]))
        for number, position in enumerate(positions)])


def test_the_annotated_image_shows_the_person(harness: Harness) -> None:
    """A subscriber gets the image of the same stamp with something drawn at the box."""
    harness.start('visualizer')
    annotated = harness.topic(Image, '/annotated_image', IMAGE)
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    emotions = harness.publisher(PersonEmotionArray, '/emotions')
    plain = np.full((480, 640, 3), 90, np.uint8)
    camera.publish(to_message(plain, 'rgb8', HEADER))
    emotions.publish(people((0.0, 0.0, 1.0)))
    message = annotated.wait_for()
    assert message.header == HEADER
    changed = (to_array(message) != plain).any(axis=2)
    assert changed[145:255, 195:305].sum() > 300
    assert not changed[400:, :].any()


def test_images_are_not_received_while_nobody_looks(harness: Harness) -> None:
    """Without a viewer the visualizer has no subscription to images."""
    harness.start('visualizer')
    harness.values('visualizer', lambda _: True)
    assert harness.node.count_subscribers('/emotions') == 1
    assert harness.node.count_subscribers('/rgb/image_raw') == 0


def test_markers_stand_over_heads_whose_place_is_known(harness: Harness) -> None:
    """One text per person with a position, named and coloured, in the frame of the image."""
    harness.start('visualizer')
    markers = harness.topic(MarkerArray, '/markers')
    emotions = harness.publisher(PersonEmotionArray, '/emotions')
    emotions.publish(people((0.1, 0.2, 1.5), (nan, nan, nan)))
    message = markers.wait_for()
    texts = [marker for marker in message.markers if marker.action == Marker.ADD]
    assert [marker.text for marker in texts] == ['Ada\nHappy']
    assert texts[0].header.frame_id == 'camera_rgb_optical_frame'
    assert texts[0].pose.position.z == 1.5
    assert texts[0].pose.position.y < 0.2
    assert texts[0].color.a == 1.0
