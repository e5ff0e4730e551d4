# SPDX-License-Identifier: Apache-2.0
"""A bag of camera topics, played under simulated time, gives the answers of the live camera."""

from itertools import count
from pathlib import Path
from typing import Any

import cv2
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
import numpy as np
from onnx_models import write_model
import pytest
from ros_harness import Harness
from rosgraph_msgs.msg import Clock
from sensor_msgs.msg import Image
from std_msgs.msg import Header

FRAMES = 40
BAG_START_NS = 1_600_000_000 * 10**9
FRAME_NS = 33_333_333
LONG_AFTER = 1000
JOIN_TIMEOUT = 5.0


class Bag:
    """Play recorded images with their stamps, and /clock, as `ros2 bag play --clock` does."""

    def __init__(self, harness: Harness, images: list[np.ndarray]) -> None:
        self._images = images
        self.people = harness.topic(PersonEmotionArray, '/emotions')
        self._camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
        self._clock = harness.node.create_publisher(Clock, '/clock', 10)

    def wait_for_nodes(self) -> None:
        """Show empty images from long after the bag until one is answered at once.

        So its emotions came, for which the aggregator waits JOIN_TIMEOUT. Nobody is tracked when
        the bag begins, as in a graph that was just started.
        """
        empty = np.zeros_like(self._images[0])
        for number in count(LONG_AFTER):
            stamp = self._show(number, empty)
            try:
                self.people.wait_for(
                    lambda message: stamp_ns(message.header.stamp) == stamp, timeout=0.3)
            except AssertionError:
                continue
            return

    def play(self) -> list[Any]:
        """Play the bag once and return its answers without the ids that differ between runs."""
        before = len(self.people.messages)
        for number, image in enumerate(self._images):
            self._show(number, image)
            self.people.wait_for_count(before + number + 1)
        return [(stamp_ns(message.header.stamp), [
            (person.roi, person.emotion, person.confirmed, person.share, person.frame_emotion,
             list(person.probabilities), person.since) for person in message.people])
            for message in self.people.messages[before:]]

    def _show(self, number: int, image: np.ndarray) -> int:
        """Publish an image as the bag's image of this number; return its stamp, ns."""
        stamp = time_from_ns(BAG_START_NS + number * FRAME_NS)
        self._clock.publish(Clock(clock=stamp))
        self._camera.publish(to_message(image, 'rgb8', Header(stamp=stamp, frame_id='bag')))
        return stamp_ns(stamp)


@pytest.fixture(scope='module')
def images(astronaut: np.ndarray) -> list[np.ndarray]:
    """Return a short walk of the camera over a face."""
    return [cv2.resize(astronaut[0:300, 40 + number:440 + number], (320, 240))
            for number in range(FRAMES)]


def start_graph(harness: Harness, model: Path, use_sim_time: bool) -> None:
    """Start the four nodes behind the camera; a stall of the machine leaves no answer out."""
    for node in ('face_detector', 'identity'):
        harness.start(node, use_sim_time=use_sim_time)
    harness.start('aggregator', use_sim_time=use_sim_time, join_timeout=JOIN_TIMEOUT)
    harness.start('emotion', use_sim_time=use_sim_time, model=model)


def test_a_bag_gives_the_same_answers_with_and_without_sim_time(
    harness: Harness, images: list[np.ndarray], tmp_path: Path
) -> None:
    """Answers depend on header stamps only; a bag that starts again gives them once more."""
    model = write_model(tmp_path / 'model.onnx')
    start_graph(harness, model, use_sim_time=True)
    bag = Bag(harness, images)
    bag.wait_for_nodes()
    first = bag.play()
    assert [stamp for stamp, _ in first] == [
        BAG_START_NS + number * FRAME_NS for number in range(FRAMES)]
    assert sum(bool(people) for _, people in first) > FRAMES - 5
    assert any(confirmed for _, people in first for _, _, confirmed, *_ in people)
    assert bag.play() == first
    harness.stop_nodes()
    start_graph(harness, model, use_sim_time=False)
    bag = Bag(harness, images)
    bag.wait_for_nodes()
    assert bag.play() == first
