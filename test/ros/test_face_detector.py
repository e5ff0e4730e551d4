# SPDX-License-Identifier: Apache-2.0
"""The face_detector node over real topics."""

from itertools import count
from math import hypot
from math import isnan
from pathlib import Path

import cv2
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec_ros.messages.conversions import camera_info
from emorec_ros.messages.images import to_array
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import BEST_EFFORT_IMAGE
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.geometry import Intrinsics
import numpy as np
from patience import wait_until
import pytest
from rgbd_camera import depth_message
from rgbd_camera import head_at
from rgbd_camera import header
from rgbd_camera import INTERVAL
from rgbd_camera import one_face
from rgbd_camera import RgbdCamera
from ros_harness import Harness
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from std_msgs.msg import Header

INFO = camera_info(Intrinsics(525.0, 525.0, 159.5, 119.5), 320, 240)


@pytest.fixture(scope='module')
def image(astronaut: np.ndarray) -> np.ndarray:
    """Return a 320x240 image with one face."""
    return one_face(astronaut)


def test_publishes_a_tracked_face_with_its_crop(harness: Harness, image: np.ndarray) -> None:
    """One FaceArray per image; the face is published from its third hit, under one id."""
    harness.start('face_detector')
    camera = RgbdCamera(harness, image)
    arrays = [camera.show() for _ in range(6)]
    assert [array.header for array in arrays] == [header(INTERVAL * n) for n in range(6)]
    assert [len(array.faces) for array in arrays] == [0, 0, 1, 1, 1, 1]
    assert len({face.track_id for array in arrays for face in array.faces}) == 1
    face = arrays[-1].faces[0]
    assert (arrays[-1].image_width, arrays[-1].image_height) == (320, 240)
    assert face.track_id.startswith(arrays[-1].session)
    assert face.detected and not face.depth_checked and isnan(face.distance)
    assert not face.estimated and isnan(face.bearing.z)
    assert face.rejected_because == ''
    crop, place = to_array(face.crop), face.crop_roi
    seen = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)[
        place.y_offset:place.y_offset + place.height, place.x_offset:place.x_offset + place.width]
    assert np.array_equal(crop, seen)
    assert place.x_offset <= face.roi.x_offset
    assert place.width > face.roi.width


@pytest.mark.parametrize('encoding', ['16UC1', '32FC1'])
def test_depth_drops_a_far_face_and_places_a_near_one(
    encoding: str, harness: Harness, image: np.ndarray
) -> None:
    """A face at 1 m has a position; the same face at 5 m is none."""
    harness.start('face_detector', min_hits=1)
    camera = RgbdCamera(harness, image, has_depth=True, info=INFO)
    times = count(step=3300)

    def show(metres: float) -> list[Face]:
        distances = head_at(metres, wall=4.5)
        if encoding == '32FC1':
            distances = (distances / 1000).astype(np.float32)
        return camera.show(distances, at=next(times)).faces

    near = show(1.0)
    while not any(face.position.z > 0 for face in near):  # depth and intrinsics come
        near = show(1.0)
    face, = near
    assert face.depth_checked
    assert face.distance == pytest.approx(1.0, abs=0.02)
    assert face.position.z == face.distance
    assert not face.estimated
    assert face.bearing.x == pytest.approx(face.position.x / hypot(
        face.position.x, face.position.y, face.position.z))
    assert show(5.0) == []


def test_a_camera_without_depth_has_estimated_distances(
    harness: Harness, image: np.ndarray
) -> None:
    """From the width of the face and fx = 525; camera_info is all it takes."""
    harness.start('face_detector')
    camera = RgbdCamera(harness, image, info=INFO)
    found = camera.show().faces
    while not any(face.estimated for face in found):  # camera_info comes
        found = camera.show().faces
    face, = found
    assert not face.depth_checked
    assert face.distance == pytest.approx(face.position.z)
    assert face.position.z == pytest.approx(
        0.171 * 525 / face.roi.width, rel=0.02)
    assert hypot(face.bearing.x, face.bearing.y, face.bearing.z) == pytest.approx(1.0)


def test_a_face_that_depth_calls_false_is_told_to_those_who_ask(
    harness: Harness, image: np.ndarray
) -> None:
    """On a wall the same face is flat: no face, a rejected one, and a count."""
    harness.start('face_detector', min_hits=1)
    rejected = harness.topic(FaceArray, '/faces_rejected')
    camera = RgbdCamera(harness, image, has_depth=True, info=INFO)
    flat = np.full((240, 320), 1000, np.uint16)
    while camera.show(flat).faces or not any(told.faces for told in list(rejected.messages)):
        pass
    told = rejected.wait_for(lambda array: array.faces)
    assert (told.faces[0].rejected_because, told.faces[0].track_id) == ('flat', '')
    assert told.faces[0].distance == pytest.approx(1.0)
    harness.values('face_detector', lambda values: int(values.get('dropped: flat', 0)) >= 1)


def test_a_camera_that_is_not_there_is_named(harness: Harness, image: np.ndarray) -> None:
    """It answers the commonest question of all: on which topic does it wait."""
    harness.start('face_detector', '-r', 'rgb/image_raw:=/somewhere/image')
    harness.values('face_detector', lambda values: 'no images on /somewhere/image'
                   in values['last error'])
    assert harness.log('face_detector').count('is the camera running') == 1


def test_a_camera_that_went_silent_is_subscribed_to_anew(
        harness: Harness, image: np.ndarray) -> None:
    """The middleware may lose a writer that came back; the next images are answered."""
    harness.start('face_detector', min_hits=1)
    camera = RgbdCamera(harness, image)
    camera.show()
    wait_until(lambda: 'subscribing anew' in harness.log('face_detector'))
    assert harness.log('face_detector').count('is the camera running') == 1
    camera.show()
    wait_until(lambda: 'images are coming' in harness.log('face_detector'))


def test_survives_malformed_images_and_counts_them(
    harness: Harness, image: np.ndarray
) -> None:
    """A wrong step, size or encoding is dropped with one line; the next image is answered."""
    harness.start('face_detector')
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    for number, (field, value) in enumerate(
            [('step', 3), ('height', 999), ('encoding', 'nonsense'), ('width', 0)]):
        message = to_message(image, 'rgb8', header(INTERVAL * number))
        setattr(message, field, value)
        camera.publish(message)
        harness.values('face_detector', lambda values: values.get('dropped') == str(number + 1))
    camera.publish(to_message(image, 'rgb8', header(INTERVAL * 9)))
    assert faces.wait_for().header == header(INTERVAL * 9)
    assert 'dropped: step 3 is less than the 960 bytes' in harness.log('face_detector')


def test_depth_that_does_not_fit_is_dropped_and_the_image_kept(
    harness: Harness, image: np.ndarray
) -> None:
    """Depth of another size is refused with a clear line; faces go on unchecked."""
    harness.start('face_detector')
    camera = RgbdCamera(harness, image, has_depth=True)
    while 'register depth to colour' not in harness.log('face_detector'):
        camera.show(np.full((120, 160), 1000, np.uint16))  # what comes late is not looked at
    harness.values('face_detector',
                   lambda values: 'register depth to colour' in values['last error'])


def test_a_repeated_image_is_answered_the_same(harness: Harness, image: np.ndarray) -> None:
    """What a file source sends again because an answer was lost changes no track."""
    harness.start('face_detector')
    camera = RgbdCamera(harness, image)
    arrays = [camera.show(at=0) for _ in range(5)]
    assert all(array == arrays[0] for array in arrays)
    assert arrays[-1].faces == []


def test_stamps_that_stand_still_are_named(harness: Harness, image: np.ndarray) -> None:
    """A camera that does not stamp its images gets a word instead of silence."""
    harness.start('face_detector')
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    for answers in range(1, 9):
        camera.publish(to_message(image, 'rgb8', Header()))
        faces.wait_for_count(answers)
    harness.values('face_detector', lambda values: 'same stamp' in values['last error'])


def test_a_jump_back_in_time_starts_a_new_session(harness: Harness, image: np.ndarray) -> None:
    """A looping bag forgets its tracks; a small step back does not."""
    harness.start('face_detector', min_hits=1)
    camera = RgbdCamera(harness, image)
    first, near, back = (camera.show(at=INTERVAL * number) for number in (100, 99, 40))
    assert first.session == near.session != back.session
    assert {face.track_id for face in first.faces}.isdisjoint(
        {face.track_id for face in back.faces})


def test_a_best_effort_camera_is_received(harness: Harness, image: np.ndarray) -> None:
    """Any ROS camera works, whatever its reliability."""
    harness.start('face_detector')
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.node.create_publisher(Image, '/rgb/image_raw', BEST_EFFORT_IMAGE)
    depth = harness.node.create_publisher(
        Image, '/depth_registered/image_raw', BEST_EFFORT_IMAGE)
    info = harness.node.create_publisher(CameraInfo, '/rgb/camera_info', BEST_EFFORT_IMAGE)
    for number in count():
        info.publish(INFO)
        depth.publish(depth_message(head_at(1.0), header(INTERVAL * number)))
        camera.publish(to_message(image, 'rgb8', header(INTERVAL * number)))
        try:
            faces.wait_for(lambda array: array.faces and array.faces[0].position.z > 0.9, 0.1)
            return
        except AssertionError:
            pass


@pytest.mark.parametrize('parameters, complaint', [
    ({'scale_factor': 0.5}, 'parameter scale_factor: 0.5 is outside 1.01 to 2'),
    ({'cascade': '[]'}, 'a parameter has no type, such as an empty list'),
    ({'near': 5.0}, 'parameter near: 5 m is not less than far'),
    ({'cascade': '/nowhere/cascade.xml'}, '/nowhere/cascade.xml'),
    ({'detector': 'yunet', 'detector_model': '/nowhere/yunet.onnx'}, '/nowhere/yunet.onnx'),
])
def test_bad_parameters_end_with_2_and_one_line(
    parameters: dict, complaint: str, harness: Harness
) -> None:
    """The node says what is wrong and does not come up."""
    assert harness.exit_code('face_detector', **parameters) == 2
    line, = harness.log('face_detector').splitlines()
    assert line.startswith('face_detector: ')
    assert complaint in line


def test_a_parameter_file_that_is_none_ends_with_2_and_one_line(
    harness: Harness, tmp_path: Path
) -> None:
    """A crash would be started again for ever."""
    (tmp_path / 'broken.yaml').write_text('face_detector: [what')
    assert harness.exit_code('face_detector', '--params-file', str(tmp_path / 'broken.yaml')) == 2
    assert 'face_detector: the arguments or the parameter file cannot be read' in harness.log(
        'face_detector').splitlines()[-1]


def test_an_unknown_parameter_is_named_and_the_node_lives(harness: Harness) -> None:
    """A misspelt parameter is a warning."""
    harness.start('face_detector', minsize=30)
    harness.values('face_detector', lambda _: True)
    assert 'parameter minsize is unknown and ignored' in harness.log('face_detector')
