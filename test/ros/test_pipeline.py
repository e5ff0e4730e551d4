# SPDX-License-Identifier: Apache-2.0
"""The nodes between the camera and /emotions in one process."""

import signal
from time import monotonic
from time import sleep

from emorec.msg import FaceArray
from emorec.msg import FaceEmotionArray
from emorec.msg import IdentityArray
from emorec.msg import PersonEmotionArray
from emorec_ros.graph import GraphOptions
from emorec_ros.graph import processes
from emorec_ros.messages.images import to_array
from emorec_ros.runtime.process.exit_codes import BAD_INPUT
from emorec_ros.runtime.process.exit_codes import CRASHED
from emorec_ros.runtime.process.exit_codes import FINISHED
import numpy as np
import pytest
from rgbd_camera import one_face
from rgbd_camera import RgbdCamera
from ros_harness import Harness

PIPELINE = ('face_detector', 'emotion', 'identity', 'aggregator')
BROKEN = """
from emorec_ros import pipeline
from emorec_ros.runtime.process import watchdog
import sys
import time


class Broken(pipeline.Emotion):
    def __init__(self, transport):
        super().__init__(transport)
        self.create_timer(0.5, self.fail)

    def fail(self):
        {what}


watchdog.STUCK_AFTER = 2.0
pipeline.Emotion = Broken
sys.exit(pipeline.main())
"""


def camera_of(harness: Harness, astronaut: np.ndarray) -> RgbdCamera:
    """Return a camera that shows one face to the pipeline, which answers on /emotions."""
    return RgbdCamera(harness, one_face(astronaut), answered=(PersonEmotionArray, '/emotions'))


def test_a_face_is_confirmed_and_nothing_is_published_that_nobody_reads(
    harness: Harness, astronaut: np.ndarray
) -> None:
    """The nodes hand their results over; only /emotions has a reader."""
    harness.start('pipeline', people='none')
    camera = camera_of(harness, astronaut)
    *_, answer = (camera.show() for _ in range(20))
    person, = answer.people
    assert (person.label, person.confirmed) == ('Happy', True)
    for topic in ('/faces', '/face_emotions', '/identities'):
        assert harness.node.count_publishers(topic) == 1
        assert harness.node.count_subscribers(topic) == 0
    assert set(PIPELINE) <= set(harness.node.get_node_names())


def test_whoever_subscribes_from_outside_gets_faces_and_emotions(
    harness: Harness, astronaut: np.ndarray
) -> None:
    """With the pixels of the crops, as from a process of its own."""
    harness.start('pipeline', people='none')
    camera = camera_of(harness, astronaut)
    for _ in range(4):
        camera.show()
    faces, emotions, identities = (harness.topic(kind, name) for kind, name in (
        (FaceArray, '/faces'), (FaceEmotionArray, '/face_emotions'),
        (IdentityArray, '/identities')))
    for _ in range(36):
        camera.show()
        if faces.messages and emotions.messages and identities.messages:
            break
    face, = faces.wait_for().faces
    assert to_array(face.crop).shape == (face.crop_roi.height, face.crop_roi.width)
    assert to_array(face.crop).std() > 20
    measured, = emotions.wait_for().emotions
    assert measured.track_id == face.track_id
    assert sum(measured.probabilities) == pytest.approx(1.0, abs=1e-3)
    assert [each.track_id for each in identities.wait_for().identities] == [face.track_id]


@pytest.mark.parametrize(('parameters', 'line'), [
    ({'min_share': 7.0}, 'aggregator: parameter min_share: 7 is outside 0 to 1'),
    ({'model': 'nowhere.onnx'}, 'emotion: there is no emotion model at nowhere.onnx'),
    ({'agreeing_looks': 0}, 'identity: parameter agreeing_looks: 0 is outside 1 to 100'),
])
def test_bad_input_of_any_node_is_its_one_line_and_status_2(
    harness: Harness, parameters: dict[str, object], line: str
) -> None:
    """Also of a node that is made when the others run."""
    process = harness.start('pipeline', **parameters)
    assert process.wait(30) == BAD_INPUT
    said = [text for text in harness.log('pipeline').splitlines()
            if 'is unknown and ignored' not in text]
    assert len(said) == 1, said
    assert said[0].startswith(line)


@pytest.mark.parametrize('end', [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_in_order_when_told_to(harness: Harness, end: signal.Signals) -> None:
    """With status 0 and without a word."""
    process = harness.start('pipeline', people='none')
    for node in PIPELINE:
        harness.values(node, lambda values: bool(values))
    process.send_signal(end)
    assert process.wait(10) == FINISHED
    assert 'Traceback' not in harness.log('pipeline')
    assert 'terminate' not in harness.log('pipeline')


def test_what_a_node_is_at_is_finished_before_the_end(harness: Harness) -> None:
    """Ctrl-C takes no node away from under its callback."""
    process = harness.start_script('pipeline', BROKEN.format(
        what='print("begun", flush=True); time.sleep(1.0); print("done", flush=True)'))
    deadline = monotonic() + 30
    while 'begun' not in harness.log('pipeline') and monotonic() < deadline:
        sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == FINISHED
    log = harness.log('pipeline')
    assert log.count('begun') == log.count('done') > 0


def test_an_error_in_one_node_is_a_crash_of_the_process(harness: Harness) -> None:
    """So that whoever started it starts it again."""
    process = harness.start_script('pipeline', BROKEN.format(what='raise KeyError("broken")'))
    assert process.wait(30) == CRASHED
    assert harness.log('pipeline').count('Traceback') == 1
    assert "KeyError: 'broken'" in harness.log('pipeline')


def test_one_stuck_node_is_not_covered_by_the_others(harness: Harness) -> None:
    """The watchdog expects each of them, also where the others come round."""
    process = harness.start_script('pipeline', BROKEN.format(what='time.sleep(60)'))
    assert process.wait(30) == -signal.SIGALRM


def test_the_driver_and_the_visualizer_stay_apart() -> None:
    """One process for what is between the camera and /emotions, or one for each node."""
    options = {'source': 'webcam', 'visualizer': True, 'namespace': 'robot1'}
    one = processes(GraphOptions(**options, processes='one'))
    assert [process.executable for process in one] == ['pipeline', 'visualizer', 'camera_driver']
    assert tuple(node.executable for node in one[0].nodes) == PIPELINE
    assert one[0].remappings['face_detector:rgb/image_raw'] == 'camera/rgb/image_raw'
    each = processes(GraphOptions(**options, processes='each'))
    assert [process.executable for process in each] == [*PIPELINE, 'visualizer', 'camera_driver']
    assert each[0].remappings['rgb/image_raw'] == 'camera/rgb/image_raw'
    assert [process.namespace for process in each] == 5 * ['robot1'] + ['robot1/camera']
