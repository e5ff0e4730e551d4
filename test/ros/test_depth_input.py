# SPDX-License-Identifier: Apache-2.0
"""Any RGB-D camera works by remapping; without depth the graph runs on and says so."""

from itertools import count
from threading import Event
from threading import Thread

from emorec.msg import FaceArray
from emorec_ros.messages.conversions import camera_info
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import BEST_EFFORT_IMAGE
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.camera.geometry import PATIENCE
from emorec_vision.geometry import Intrinsics
import numpy as np
import pytest
from rgbd_camera import depth_message
from rgbd_camera import head_at
from rgbd_camera import header
from rgbd_camera import one_face
from rgbd_camera import RgbdCamera
from ros_harness import Harness
from sensor_msgs.msg import Image

HEAD_AT_1_M = (head_at(1.0) / 1000).astype(np.float32)


@pytest.fixture(scope='module')
def image(astronaut: np.ndarray) -> np.ndarray:
    """Return a 320x240 image with one face."""
    return one_face(astronaut)


def test_a_remapped_camera_with_depth_in_metres_and_other_stamps(
    harness: Harness, image: np.ndarray
) -> None:
    """Names of another driver, 32FC1, best-effort depth, stamps apart by less than depth_slop."""
    harness.start(
        'face_detector', '-r', 'rgb/image_raw:=/cam/color/image_raw', '-r',
        'depth_registered/image_raw:=/cam/aligned_depth_to_color/image_raw',
        min_hits=1, depth_slop=0.05)
    faces = harness.topic(FaceArray, '/faces')
    depth = harness.node.create_publisher(
        Image, '/cam/aligned_depth_to_color/image_raw', BEST_EFFORT_IMAGE)
    camera = harness.publisher(Image, '/cam/color/image_raw', IMAGE)
    enough = Event()

    def play() -> None:
        for number in count():
            depth.publish(depth_message(HEAD_AT_1_M, header(100 * number + 40)))
            camera.publish(to_message(image, 'rgb8', header(100 * number)))
            if enough.wait(0.1):
                return
    player = Thread(target=play)
    player.start()
    try:
        array = faces.wait_for(lambda array: array.faces and array.faces[0].depth_checked)
        assert array.faces[0].distance == pytest.approx(1.0, abs=0.02)
        harness.values('face_detector', lambda values: values.get('depth') == 'checked')
    finally:
        enough.set()
        player.join()


def test_without_depth_faces_are_found_and_said_to_be_unchecked(
    harness: Harness, image: np.ndarray
) -> None:
    """Once in the log, and on /diagnostics for as long as it is so."""
    harness.start('face_detector', min_hits=1)
    camera = RgbdCamera(harness, image)
    for _ in range(40):
        face, *_ = camera.show().faces or [None]
    assert face is not None and not face.depth_checked
    harness.values('face_detector', lambda values: 'not depth-checked' in values.get('depth', ''))
    said = 'no depth on /depth_registered/image_raw: faces are not depth-checked'
    assert harness.log('face_detector').count(said) == 1


@pytest.mark.parametrize('size, position, told', [
    ((640, 480), (-0.054, -0.056), '/rgb/camera_info: camera_info is for images of 640x480 px, '
     'these are 320x240 px: scaled'),
    ((640, 360), None, '/rgb/camera_info: camera_info is for images of 640x360 px, these are '
     '320x240 px: not used'),
])
def test_camera_info_of_another_resolution_is_scaled_or_refused_once(
    size: tuple[int, int], position: tuple[float, float] | None, told: str, harness: Harness,
    image: np.ndarray
) -> None:
    """Taken as it comes, it would make the face too narrow for one."""
    harness.start('face_detector', min_hits=1)
    camera = RgbdCamera(harness, image, has_depth=True, info=camera_info(
        Intrinsics(1050.0, 1050.0, 319.5, (size[1] - 1) / 2), *size))
    while True:  # what comes too late is not looked at
        seen = camera.show(HEAD_AT_1_M).faces
        if told in harness.log('face_detector') and seen and seen[0].depth_checked:
            break
    face, = seen
    assert face.distance == pytest.approx(1.0, abs=0.02)
    if position is None:
        assert np.isnan(face.position.x)
    else:
        assert (face.position.x, face.position.y) == pytest.approx(position, abs=0.01)
    assert harness.log('face_detector').count(told) == 1


def test_depth_of_another_camera_without_camera_info_is_told_once_each(
    harness: Harness, image: np.ndarray
) -> None:
    """The faces keep their distance; what is missing is said once, not for every image."""
    harness.start('face_detector', min_hits=1)
    camera = RgbdCamera(harness, image, has_depth=True)
    for _ in range(PATIENCE + 5):
        camera.show(HEAD_AT_1_M, depth_frame='depth_optical')
    log = harness.log('face_detector')
    assert log.count('depth is in frame depth_optical, colour in optical') == 1
    assert log.count('no camera_info on /rgb/camera_info: faces have a distance') == 1


def test_millimetres_in_floats_are_dropped_with_one_line(
    harness: Harness, image: np.ndarray
) -> None:
    """Taken as metres they would put everybody too far away; the faces go unchecked in the end."""
    harness.start('face_detector', min_hits=1)
    camera = RgbdCamera(harness, image, has_depth=True)
    for _ in range(75):  # depth is waited for during two seconds
        face, *_ = camera.show(1000 * HEAD_AT_1_M).faces or [None]
    assert face is not None and not face.depth_checked
    assert harness.log('face_detector').count('look like millimetres') == 1
    harness.values('face_detector', lambda values: int(values.get('dropped', 0)) >= 2)


def test_half_the_depth_is_said_once_and_faces_stay_checked(
    harness: Harness, image: np.ndarray
) -> None:
    """A wait for depth of each second image would be in vain: the verdict is carried over."""
    harness.start('face_detector', depth_wait=0.1)
    camera = RgbdCamera(harness, image, has_depth=True)
    arrays = [camera.show(HEAD_AT_1_M if number % 2 == 0 else None) for number in range(95)]
    first = next(number for number, array in enumerate(arrays) if array.faces)
    assert 4 <= first < 20  # a slow machine pairs fewer of the first ones
    shown = [face for array in arrays[first:] for face in array.faces]
    assert len(shown) == 95 - first and all(face.depth_checked for face in shown)
    said = 'depth comes with 15 of 30 images on /depth_registered/image_raw'
    assert harness.log('face_detector').count(said) == 1


def test_what_takes_nearly_all_detections_is_said_once(
    harness: Harness, image: np.ndarray
) -> None:
    """Millimetres that are a tenth: every face is too near, and the likely cause is named."""
    harness.start('face_detector')
    camera = RgbdCamera(harness, image, has_depth=True)
    assert not any(camera.show(HEAD_AT_1_M / 10, at=100 * number).faces for number in range(60))
    assert harness.log('face_detector').count('s: is depth in mm') == 1
