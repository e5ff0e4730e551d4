# SPDX-License-Identifier: Apache-2.0
"""The visualizer node over real topics."""

from math import nan

import cv2
from emorec.msg import Emotion
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_array
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
from geometry_msgs.msg import Point
import numpy as np
import pytest
from ros_harness import Harness
from sensor_msgs.msg import CompressedImage
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


def test_not_every_image_is_drawn_for_a_slow_viewer(harness: Harness) -> None:
    """Each is answered all the same; the raw form is for all of them."""
    harness.start('visualizer', compressed_rate=0.01)
    drawn = harness.topic(Header, '/drawn')
    compressed = harness.topic(CompressedImage, '/annotated_image/compressed', IMAGE)
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    emotions = harness.publisher(PersonEmotionArray, '/emotions')
    plain = np.full((48, 64, 3), 90, np.uint8)
    for number in range(5):
        header = Header(stamp=time_from_ns(10**10 + number * 10**8))
        camera.publish(to_message(plain, 'rgb8', header))
        emotions.publish(PersonEmotionArray(header=header))
        drawn.wait_for_count(number + 1)
    assert len(compressed.wait_for_count(1)) == 1


def test_images_are_not_received_while_nobody_looks(harness: Harness) -> None:
    """Without a viewer the visualizer has no subscription to images."""
    harness.start('visualizer')
    harness.values('visualizer', lambda _: True)
    assert harness.node.count_subscribers('/emotions') == 1
    assert harness.node.count_subscribers('/rgb/image_raw') == 0


def test_markers_stand_at_heads_whose_place_is_known(harness: Harness) -> None:
    """A text and a head per person with a position; the next answer without them deletes both."""
    harness.start('visualizer')
    markers = harness.topic(MarkerArray, '/markers')
    emotions = harness.publisher(PersonEmotionArray, '/emotions')
    emotions.publish(people((0.1, 0.2, 1.5), (nan, nan, nan)))
    text, head = markers.wait_for().markers
    assert (text.type, text.text) == (Marker.TEXT_VIEW_FACING, 'Ada\nHappy')
    assert (head.type, head.header.frame_id) == (Marker.SPHERE, 'camera_rgb_optical_frame')
    emotions.publish(people())
    gone = markers.wait_for_count(2)[1].markers
    assert [(marker.action, marker.id) for marker in gone] == [
        (Marker.DELETE, text.id), (Marker.DELETE, head.id)]


@pytest.mark.parametrize('quality', [20, 95])
def test_the_annotated_image_comes_compressed_to_who_asks(harness: Harness, quality: int) -> None:
    """It is the same image as JPEG; the raw one is not made for it."""
    harness.start('visualizer', jpeg_quality=quality)
    compressed = harness.topic(CompressedImage, '/annotated_image/compressed', IMAGE)
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    emotions = harness.publisher(PersonEmotionArray, '/emotions')
    plain = np.full((480, 640, 3), (200, 90, 20), np.uint8)
    camera.publish(to_message(plain, 'rgb8', HEADER))
    emotions.publish(people((0.0, 0.0, 1.0)))
    message = compressed.wait_for()
    assert (message.header, message.format) == (HEADER, 'rgb8; jpeg compressed bgr8')
    shown = cv2.cvtColor(cv2.imdecode(np.array(message.data), cv2.IMREAD_COLOR),
                         cv2.COLOR_BGR2RGB)
    assert np.abs(shown[300:].astype(int) - plain[300:]).max() < 8
    assert (shown[145:255, 195:305] != plain[145:255, 195:305]).any(axis=2).sum() > 300
    assert (len(message.data) < 13000) == (quality == 20)
