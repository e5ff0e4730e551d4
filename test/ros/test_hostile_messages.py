# SPDX-License-Identifier: Apache-2.0
"""Hostile messages over the real topics: each node refuses them, says so and lives on."""

from collections.abc import Sequence
from math import nan
from typing import Any

from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec.msg import Identity
from emorec.msg import IdentityArray
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.command_node import CommandNode
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import RESULT
import numpy as np
from patience import wait_until
import pytest
from ros_harness import Harness
from sensor_msgs.msg import Image
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header
from visualization_msgs.msg import MarkerArray

STAMP = 1_800_000_000_000_000_001
LONGEST_LINE = 500
MANY = 10_000
MEGABYTE = 'x' * 2**20
FORGED = '\x1b[2Ja\n[INFO] aggregator: all is well\n' * 1000
FACES = [
    FaceArray(faces=[Face(track_id=str(number)) for number in range(MANY)]),
    FaceArray(faces=[Face(track_id=MEGABYTE)]),
    FaceArray(faces=[Face(track_id=FORGED)]),
    FaceArray(session=MEGABYTE),
    FaceArray(header=Header(frame_id=MEGABYTE)),
    FaceArray(faces=[Face(crop=Image(width=20_000, height=20_000, step=20_000,
                                     encoding='mono8'))]),
    FaceArray(image_width=2**32 - 1, image_height=2**32 - 1),
]


def header(number: int) -> Header:
    """Return the header of image `number`."""
    return Header(stamp=time_from_ns(STAMP + number * 33_000_000), frame_id='optical')


def attack(harness: Harness, topic: str, messages: Sequence[Any], *nodes: str,
           dropped: int = 0, qos: Any = RESULT) -> None:
    """Publish messages, each once the nodes have refused the one before."""
    publisher = harness.publisher(type(messages[0]), topic, qos)
    wait_until(lambda: publisher.get_subscription_count() >= len(nodes))
    for number, message in enumerate(messages, dropped + 1):
        publisher.publish(message)
        for node in nodes:
            harness.values(node, lambda values: values.get('dropped') == str(number))


def assert_log_is_readable(harness: Harness, *nodes: str) -> None:
    """Check that no line is long, holds a control character, or was forged."""
    for node in nodes:
        log = harness.log(node)
        assert 'dropped: ' in log
        for line in log.split('\n'):
            assert len(line) <= LONGEST_LINE and line.isprintable(), line[:600]
            assert not line.startswith('[INFO] aggregator: all is well')


def test_the_nodes_behind_the_detector_outlive_hostile_faces(harness: Harness) -> None:
    """10,000 faces, names of a megabyte, a crop of 20,000x20,000; then the next is answered."""
    nodes = 'emotion', 'identity', 'aggregator'
    for node in nodes:
        harness.start(node, **({} if node == 'aggregator' else {'people': 'none'}))
    answers = harness.topic(PersonEmotionArray, '/emotions')
    attack(harness, '/faces', FACES, *nodes)
    crop = to_message(np.full((64, 64), 128, np.uint8), 'mono8', header(1))
    roi = RegionOfInterest(width=64, height=64)
    harness.publisher(FaceArray, '/faces').publish(FaceArray(header=header(1), faces=[
        Face(track_id='a', roi=roi, crop_roi=roi, crop=crop, detected=True)]))
    answer = answers.wait_for(lambda answer: answer.header == header(1))
    assert [person.track_id for person in answer.people] == ['a']
    assert_log_is_readable(harness, *nodes)


def test_the_aggregator_outlives_hostile_emotions_and_identities(harness: Harness) -> None:
    """Labels of a megabyte, probabilities that are none, names of a megabyte."""
    harness.start('aggregator', join_timeout=0.1)
    answers = harness.topic(PersonEmotionArray, '/emotions')
    emotions = [
        FaceEmotionArray(labels=[MEGABYTE, 'Happy']), FaceEmotionArray(labels=['x'] * MANY),
        FaceEmotionArray(emotions=[FaceEmotion(probabilities=[nan] * 7)]),
        FaceEmotionArray(emotions=[FaceEmotion()] * MANY)]
    attack(harness, '/face_emotions', emotions, 'aggregator')
    attack(harness, '/identities', [IdentityArray(identities=[Identity(person=FORGED)])],
           'aggregator', dropped=len(emotions))
    harness.publisher(FaceArray, '/faces').publish(
        FaceArray(header=header(1), faces=[Face(track_id='a')]))
    assert answers.wait_for().people[0].track_id == 'a'
    assert_log_is_readable(harness, 'aggregator')


def test_the_detector_outlives_hostile_images(harness: Harness) -> None:
    """Sizes, steps and words that nobody means; then the next image is answered."""
    harness.start('face_detector')
    faces = harness.topic(FaceArray, '/faces')
    attack(harness, '/rgb/image_raw', [
        Image(width=20_000, height=20_000, encoding='rgb8'),
        Image(width=1, height=1, step=2**32 - 1, encoding='rgb8'),
        Image(width=2**32 - 1, height=1, encoding='rgb8'),
        Image(width=8, height=8, step=24, encoding=FORGED),
        Image(header=Header(frame_id=MEGABYTE), width=8, height=8)], 'face_detector', qos=IMAGE)
    harness.publisher(Image, '/rgb/image_raw', IMAGE).publish(
        to_message(np.full((48, 64, 3), 128, np.uint8), 'rgb8', header(1)))
    assert faces.wait_for().header == header(1)
    assert_log_is_readable(harness, 'face_detector')


def test_the_visualizer_outlives_hostile_people(harness: Harness) -> None:
    """The next ones have markers."""
    harness.start('visualizer')
    markers = harness.topic(MarkerArray, '/markers')
    attack(harness, '/emotions', [
        PersonEmotionArray(people=[PersonEmotion()] * MANY),
        PersonEmotionArray(labels=[MEGABYTE]),
        PersonEmotionArray(people=[PersonEmotion(person=FORGED)]),
        PersonEmotionArray(people=[PersonEmotion(
            roi=RegionOfInterest(x_offset=2**32 - 1, width=2**32 - 1))])], 'visualizer')
    harness.publisher(PersonEmotionArray, '/emotions').publish(PersonEmotionArray(
        header=header(1), people=[PersonEmotion(track_id='a')]))
    markers.wait_for(lambda message: message.markers)
    assert_log_is_readable(harness, 'visualizer')


def test_commands_outlive_hostile_people(
    harness: Harness, ros_domain: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """Such as `emorec live`, which prints what comes on /emotions."""
    node = CommandNode('command')
    came: list[PersonEmotionArray] = []
    node.ros.create_subscription(PersonEmotionArray, 'emotions', came.append, RESULT)
    node.start()
    publisher = harness.publisher(PersonEmotionArray, '/emotions')
    good = PersonEmotionArray(people=[PersonEmotion(track_id='a')])
    for message in (PersonEmotionArray(people=[PersonEmotion(person=FORGED)]),
                    PersonEmotionArray(people=[PersonEmotion()] * MANY), good):
        publisher.publish(message)
    wait_until(lambda: came)
    node.close()
    assert came == [good]
    assert 'dropped: emotions: person has 37000 characters' in capfd.readouterr().err


def test_a_looping_bag_fills_no_log(harness: Harness) -> None:
    """Time goes back 40 times; few lines say so, and how often."""
    harness.start('face_detector')
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    pixels = np.full((48, 64, 3), 128, np.uint8)
    for number in range(80):
        camera.publish(to_message(pixels, 'rgb8', header(100 * (number % 2))))
        faces.wait_for_count(number + 1)
    wait_until(lambda: ' times)' in harness.log('face_detector'))
    assert 2 <= harness.log('face_detector').count('time went back by more than 1 s') <= 10
