# SPDX-License-Identifier: Apache-2.0
"""Real nodes that are switched off, and lazy ones that nobody wants."""

from collections.abc import Callable
from pathlib import Path
from threading import Event
from time import monotonic

import cv2
from emorec.msg import FaceArray
from emorec.msg import PersonEmotionArray
from emorec_ros.graph import describe
from emorec_ros.graph import GraphOptions
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import RESULT
import numpy as np
from ros_harness import Harness
from ros_harness import PATIENCE
from sensor_msgs.msg import Image
from std_msgs.msg import Header
from std_srvs.srv import SetBool

MOMENT = Event()
CAMERA = """
import sys
from time import sleep

from emorec_ros import camera_driver
from emorec_ros.camera import node
from emorec_vision.sources import Frame, Source
import numpy as np


class Camera(Source):
    kind, live, frame_rate = 'webcam', True, 30.0

    def __init__(self):
        super().__init__()
        print('device opened', flush=True)

    def read(self):
        sleep(0.03)
        return Frame(np.zeros((48, 64, 3), np.uint8))

    def close(self):
        print('device closed', flush=True)


camera_driver.open_source = lambda _: Camera()
sys.exit(camera_driver.main())
"""


def eventually(is_so: Callable[[], bool]) -> bool:
    """Wait until something is so, and tell whether it came to be."""
    deadline = monotonic() + PATIENCE
    while not is_so() and monotonic() < deadline:
        MOMENT.wait(0.05)
    return is_so()


def says(harness: Harness, node: str, text: str) -> None:
    """Wait until /diagnostics of a node begin with a text, without a complaint."""
    harness.diagnostics.wait_for(lambda array: array.status[0].name.endswith(node) and (
        array.status[0].message.startswith(text) and array.status[0].level == b'\x00'))


def switch(harness: Harness, node: str, on: bool) -> None:
    """Switch a node on or off by its service."""
    answer = harness.call(SetBool, f'/{node}/set_enabled', data=on)
    assert (answer.success, answer.message) == (True, 'on' if on else 'off')


def test_a_detector_that_is_off_takes_no_image_and_says_so(harness: Harness) -> None:
    """Its subscription goes, so that a camera need not send; on again it answers as before."""
    harness.start('face_detector')
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    blank = np.zeros((48, 64, 3), np.uint8)

    def publish(number: int) -> None:
        camera.publish(to_message(blank, 'rgb8', Header(
            stamp=time_from_ns(10**10 + number * 33_000_000), frame_id='optical')))

    publish(0)
    faces.wait_for_count(1)
    switch(harness, 'face_detector', False)
    assert eventually(lambda: camera.get_subscription_count() == 0)
    publish(1)
    says(harness, 'face_detector', 'switched off')
    assert len(faces.messages) == 1
    assert 'no images' not in harness.log('face_detector')
    assert harness.set_parameters('face_detector', enabled=True) == [(True, '')]
    assert eventually(lambda: camera.get_subscription_count() == 1)
    says(harness, 'face_detector', 'running')
    publish(2)
    assert faces.wait_for_count(2)[1].header.stamp == time_from_ns(10**10 + 66_000_000)


def test_a_camera_that_is_off_is_closed(harness: Harness) -> None:
    """When the service has answered the device is closed and no image follows."""
    images = harness.topic(Image, '/rgb/image_raw', IMAGE)
    harness.start_script('driver', CAMERA)
    images.wait_for_count(3)
    switch(harness, 'camera_driver', False)
    assert harness.log('driver').count('device closed') == 1
    says(harness, 'camera_driver', 'switched off')
    count = len(images.messages)
    MOMENT.wait(0.3)
    assert len(images.messages) == count
    switch(harness, 'camera_driver', True)
    images.wait_for_count(count + 3)
    assert harness.log('driver').count('device opened') == 2


def test_a_camera_that_starts_off_is_never_opened(harness: Harness) -> None:
    """Also where it must be there at the start."""
    harness.start_script('driver', CAMERA, enabled='false', wait_for_camera='false')
    says(harness, 'camera_driver', 'switched off')
    assert 'device opened' not in harness.log('driver')


def test_a_file_rests_while_its_driver_is_off(harness: Harness, tmp_path: Path) -> None:
    """No frame is lost, and the end comes."""
    for number in range(40):
        cv2.imwrite(str(tmp_path / f'{number:02}.png'), np.full((48, 64), number, np.uint8))
    images = harness.topic(Image, '/rgb/image_raw', IMAGE)
    answers = harness.node.create_publisher(PersonEmotionArray, '/emotions', RESULT)
    harness.node.create_subscription(
        Image, '/rgb/image_raw',
        lambda image: answers.publish(PersonEmotionArray(header=image.header)), IMAGE)
    process = harness.start('camera_driver', source=f'images:{tmp_path}', rate=20.0)
    images.wait_for_count(5)
    switch(harness, 'camera_driver', False)
    count = len(images.messages)
    MOMENT.wait(0.5)
    assert len(images.messages) <= count + 1 < 40
    switch(harness, 'camera_driver', True)
    assert process.wait(PATIENCE) == 0
    assert '40 frames answered' in harness.log('camera_driver')


def test_the_graph_makes_all_nodes_lazy_but_the_viewer() -> None:
    """The driver comes last as always."""
    nodes = describe(GraphOptions(source='demo', lazy=True, visualizer=True))
    assert [node.executable for node in nodes if 'lazy' not in node.parameters] == ['visualizer']
    assert nodes[-1].executable == 'camera_driver'


def test_lazy_nodes_wake_each_other_up_from_emotions_to_the_camera(harness: Harness) -> None:
    """The camera is open while somebody subscribes to /emotions, and not before or after."""
    harness.start_script('driver', CAMERA, lazy='true')
    for node in ('face_detector', 'emotion', 'aggregator'):
        harness.start(node, lazy='true')
    harness.start('identity', people='none', lazy='true')
    for node in ('camera_driver', 'face_detector', 'emotion', 'identity', 'aggregator'):
        says(harness, node, 'waiting (parameter lazy)')
    assert 'device opened' not in harness.log('driver')
    answered = Event()
    subscription = harness.node.create_subscription(
        PersonEmotionArray, '/emotions', lambda _: answered.set(), RESULT)
    assert answered.wait(PATIENCE)
    harness.node.destroy_subscription(subscription)
    assert eventually(lambda: 'device closed' in harness.log('driver'))
