# SPDX-License-Identifier: Apache-2.0
"""What /diagnostics says when a camera is gone, and how diagnostic_aggregator sorts it."""

from pathlib import Path

from diagnostic_msgs.msg import DiagnosticArray
from diagnostic_msgs.msg import DiagnosticStatus
from emorec_ros.config_file import SETTINGS
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
import numpy as np
import pytest
from ros_harness import Harness
from sensor_msgs.msg import Image
from std_msgs.msg import Header
import yaml

SOON = """
import sys

from emorec_ros.runtime import health

health.ERROR_AFTER = 1.5
"""
MISSING_CAMERA = SOON + """
from emorec_ros import camera_driver
sys.exit(camera_driver.main())
"""
FROZEN_CAMERA = SOON + """
from threading import Event

from emorec_ros import camera_driver
from emorec_ros.camera import node
from emorec_vision.sources import Frame, Source
import numpy as np

node.FROZEN_AFTER = 0.5


class FrozenCamera(Source):
    kind, live, hardware = 'webcam', True, 'ACME Cam 4711'

    def read(self):
        if self.skipped == 5:
            Event().wait()
        self.skipped += 1
        return Frame(np.zeros((48, 64, 3), np.uint8))


camera_driver.open_source = lambda _: FrozenCamera()
sys.exit(camera_driver.main())
"""
BLIND_DETECTOR = SOON + """
from emorec_ros import face_detector

face_detector.BLIND_AFTER = 0.5
sys.exit(face_detector.main())
"""


def wait_for_level(harness: Harness, level: bytes) -> DiagnosticStatus:
    """Return the first status of this level; the others before it came first."""
    return harness.diagnostics.wait_for(
        lambda message: message.status[0].level == level).status[0]


def levels(messages: list[DiagnosticArray]) -> list[bytes]:
    """Return the levels in the order in which they came, repeated ones once."""
    came = [message.status[0].level for message in messages]
    return [level for number, level in enumerate(came) if [level] != came[number - 1:number]]


def test_a_missing_camera_is_a_warning_and_then_an_error(harness: Harness) -> None:
    """It names the camera that is wanted, and goes on being reported."""
    harness.start_script('camera_driver', MISSING_CAMERA, source='webcam:99')
    status = wait_for_level(harness, DiagnosticStatus.ERROR)
    assert (status.name, status.hardware_id) == ('emorec: camera_driver', 'webcam:99')
    assert 'there is no camera /dev/video99' in status.message
    assert levels(harness.diagnostics.messages)[-2:] == [
        DiagnosticStatus.WARN, DiagnosticStatus.ERROR]
    harness.diagnostics.wait_for_count(len(harness.diagnostics.messages) + 2)
    assert harness.diagnostics.messages[-1].status[0].level == DiagnosticStatus.ERROR


def test_a_frozen_camera_is_an_error_although_its_driver_waits(harness: Harness) -> None:
    """The thread that reads is stuck in the device; the report carries its serial number."""
    harness.start_script('camera_driver', FROZEN_CAMERA, source='webcam:7')
    status = wait_for_level(harness, DiagnosticStatus.ERROR)
    assert (status.message, status.hardware_id) == ('no images from webcam:7', 'ACME Cam 4711')


def test_a_detector_without_images_recovers(harness: Harness) -> None:
    """Whoever the camera belongs to: WARN, ERROR, and well again with images."""
    harness.start_script('face_detector', BLIND_DETECTOR)
    status = wait_for_level(harness, DiagnosticStatus.ERROR)
    assert status.message.startswith('no images on /rgb/image_raw')
    assert status.hardware_id == 'none'
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    pixels = np.zeros((48, 64, 3), np.uint8)
    timer = harness.node.create_timer(0.1, lambda: camera.publish(to_message(
        pixels, 'rgb8', Header(stamp=harness.node.get_clock().now().to_msg()))))
    harness.diagnostics.messages.clear()
    wait_for_level(harness, DiagnosticStatus.OK)
    timer.cancel()


@pytest.mark.parametrize('node', SETTINGS)
def test_the_sample_analyzers_know_every_node(node: str, project_root: Path) -> None:
    """Each status belongs to one analyzer, by the rules of diagnostic_aggregator."""
    parameters = yaml.safe_load((project_root / 'config' / 'diagnostics.yaml').read_text())[
        'analyzers']['ros__parameters']
    group = parameters['emorec']
    assert group['type'] == 'diagnostic_aggregator/AnalyzerGroup'
    status = f'emorec: {node}'
    matching = [
        each['path'] for each in group['analyzers'].values()
        if each['type'] == 'diagnostic_aggregator/GenericAnalyzer'
        and (status in each.get('expected', []) or status.startswith(
            tuple(each.get('startswith', ['-']))))]
    assert len(matching) == 1
