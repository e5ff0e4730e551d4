# SPDX-License-Identifier: Apache-2.0
"""Compressed images of a camera, and encodings of all kinds, over real topics."""

from collections.abc import Callable
from itertools import count

from camera_encodings import CAMERAS
import cv2
from emorec.msg import FaceArray
from emorec.msg import PersonEmotionArray
from emorec_ros.camera.topic_source import TopicSource
from emorec_ros.camera.topics import CameraTopics
from emorec_ros.messages.conversions import camera_info
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
from heads import with_head
import numpy as np
from patience import PATIENCE
import pytest
from ros_harness import Harness
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from std_msgs.msg import Header

MILLISECOND = 1_000_000
FACE = Box(94, 53, 75, 75)
HEAD_AT_1_M = with_head(np.full((240, 320), 3000, np.uint16), FACE, 1000)


@pytest.fixture(scope='module')
def image(astronaut: np.ndarray) -> np.ndarray:
    """Return a 320x240 image with one face."""
    return cv2.resize(astronaut[0:300, 60:460], (320, 240), interpolation=cv2.INTER_AREA)


def header(number: int) -> Header:
    """Return the header of message number `number` of a 10 Hz camera."""
    return Header(stamp=time_from_ns(10**10 + number * 100 * MILLISECOND), frame_id='optical')


def jpeg(image: np.ndarray, number: int) -> CompressedImage:
    """Return an RGB image as compressed_image_transport sends it."""
    data = cv2.imencode('.jpg', image[..., ::-1])[1].tobytes()
    return CompressedImage(header=header(number), format='rgb8; jpeg compressed bgr8', data=data)


def raw_depth(number: int) -> Image:
    """Return depth as it is."""
    return to_message(HEAD_AT_1_M, '16UC1', header(number))


def depth_png(number: int) -> CompressedImage:
    """Return depth as a plain PNG."""
    data = cv2.imencode('.png', HEAD_AT_1_M)[1].tobytes()
    return CompressedImage(header=header(number), format='16UC1; png compressed ', data=data)


def compressed_depth(number: int) -> CompressedImage:
    """Return depth in mm as compressed_depth_image_transport sends it."""
    data = bytes(12) + cv2.imencode('.png', HEAD_AT_1_M)[1].tobytes()
    return CompressedImage(
        header=header(number), format='16UC1; compressedDepth png', data=data)


def compressed_metres(number: int) -> CompressedImage:
    """Return depth in m as compressed_depth_image_transport sends it, quantised by 1 / m."""
    slope, offset = 10100.0, 1 - 10100.0 / 10
    inverse = (slope / (HEAD_AT_1_M / 1000) + offset).astype(np.uint16)
    data = (bytes(4) + np.array([slope, offset], '<f4').tobytes()
            + cv2.imencode('.png', inverse)[1].tobytes())
    return CompressedImage(
        header=header(number), format='32FC1; compressedDepth png', data=data)


@pytest.mark.parametrize('depth_of, ending, parameters', [
    (compressed_depth, '/compressedDepth', {}),
    (compressed_metres, '/compressedDepth', {}),
    (depth_png, '/compressed', {'depth_transport': 'compressed'}),
    (raw_depth, '', {'depth_transport': 'raw'})])
def test_a_face_in_compressed_images_is_found_and_checked_by_depth(
    depth_of: Callable[[int], CompressedImage | Image], ending: str, parameters: dict,
    harness: Harness, image: np.ndarray
) -> None:
    """Stamps and frames are those of the camera; names of topics are those of the raw images."""
    harness.start(
        'face_detector', '-r', 'rgb/image_raw:=/cam/color/image_raw', '-r',
        'depth_registered/image_raw:=/cam/depth/image_raw', image_transport='compressed',
        min_hits=1, **parameters)
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(CompressedImage, '/cam/color/image_raw/compressed', IMAGE)
    depth = harness.publisher(type(depth_of(0)), f'/cam/depth/image_raw{ending}', IMAGE)
    info = harness.publisher(CameraInfo, '/rgb/camera_info', IMAGE)
    for number in count():  # what comes too late is not looked at
        info.publish(camera_info(Intrinsics(525.0, 525.0, 159.5, 119.5), 320, 240))
        depth.publish(depth_of(number))
        camera.publish(jpeg(image, number))
        array = faces.wait_for_count(number + 1)[number]
        if array.faces and array.faces[0].depth_checked and array.faces[0].position.z > 0:
            break
    assert array.header == header(number)
    assert (array.image_width, array.image_height) == (320, 240)
    assert array.faces[0].distance == pytest.approx(1.0, abs=0.02)


def test_topics_that_are_remapped_to_compressed_ones_need_no_parameter(
    harness: Harness, image: np.ndarray
) -> None:
    """A user who names what `ros2 topic list` shows is understood."""
    harness.start('face_detector', '-r', 'rgb/image_raw:=/eye/compressed', min_hits=1)
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(CompressedImage, '/eye/compressed', IMAGE)
    camera.publish(jpeg(image, 0))
    assert faces.wait_for().faces


def test_hostile_bytes_are_dropped_and_counted(harness: Harness, image: np.ndarray) -> None:
    """The node lives, says what it is in one line, and answers the next image."""
    harness.start('face_detector', image_transport='compressed')
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(CompressedImage, '/rgb/image_raw/compressed', IMAGE)
    whole = bytes(jpeg(image, 0).data)
    place = whole.index(b'\xff\xc0') + 5
    for number, data in enumerate([
            whole[:200], b'no image', b'', whole[:place] + b'\xff' * 4 + whole[place + 4:]]):
        camera.publish(CompressedImage(header=header(number), format='jpeg', data=data))
        harness.values('face_detector', lambda values: values.get('dropped') == str(number + 1))
    camera.publish(jpeg(image, 9))
    assert faces.wait_for().header == header(9)
    lines = harness.log('face_detector').splitlines()
    told = [line for line in lines if 'dropped: the compressed image' in line]
    assert told and len(lines) < 10
    harness.values('face_detector', lambda values: '65535x65535 px' in values['last error'])


def test_compressed_depth_that_is_damaged_leaves_faces_unchecked(
    harness: Harness, image: np.ndarray
) -> None:
    """Each image is answered; the line comes once. Depth is waited for during two seconds."""
    harness.start('face_detector', image_transport='compressed', min_hits=1)
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(CompressedImage, '/rgb/image_raw/compressed', IMAGE)
    depth = harness.publisher(
        CompressedImage, '/depth_registered/image_raw/compressedDepth', IMAGE)
    for number in range(30):
        message = compressed_depth(number)
        message.data = message.data[:100]
        depth.publish(message)
        camera.publish(jpeg(image, number))
        array = faces.wait_for_count(number + 1)[number]
    assert array.faces and not array.faces[0].depth_checked
    told = 'depth is dropped: the compressed image is damaged or cut short'
    assert harness.log('face_detector').count(told) == 1


def test_another_encoding_is_said_once_however_many_images_come(
    harness: Harness, image: np.ndarray
) -> None:
    """It was said each second; each image is still counted."""
    harness.start('face_detector')
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)

    def dropped(encoding: str, number: int) -> None:
        message = to_message(image, 'rgb8', header(number))
        message.encoding = encoding
        camera.publish(message)
        harness.values('face_detector', lambda values: values.get('dropped') == str(number))

    for number in range(1, 5):  # /diagnostics come once a second, as the log's lines might
        dropped('nv24', number)
    dropped('yuv444', 5)
    log = harness.log('face_detector')
    assert [log.count(f"encoding '{name}' is not read; read are rgb8") for name in (
        'nv24', 'yuv444')] == [1, 1]


@pytest.mark.parametrize('encoding', [
    'yuv422', 'yuv422_yuy2', 'nv12', 'bayer_rggb8', 'mono16', 'rgb16', '32FC3'])
def test_a_face_is_found_in_what_cameras_send(
    encoding: str, harness: Harness, image: np.ndarray
) -> None:
    """The detector, over a topic."""
    harness.start('face_detector', min_hits=1)
    faces = harness.topic(FaceArray, '/faces')
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    message = to_message(CAMERAS[encoding](image), encoding, header(0))
    message.height, message.step = 240, len(message.data) // (360 if 'nv' in encoding else 240)
    camera.publish(message)
    assert any(abs(face.roi.x_offset - FACE.x) < 12 and abs(face.roi.y_offset - FACE.y) < 12
               for face in faces.wait_for().faces)


def test_the_visualizer_draws_compressed_images(harness: Harness, image: np.ndarray) -> None:
    """They are in colour, and have the stamp of the answer."""
    harness.start('visualizer', image_transport='compressed')
    annotated = harness.topic(Image, '/annotated_image', IMAGE)
    camera = harness.publisher(CompressedImage, '/rgb/image_raw/compressed', IMAGE)
    emotions = harness.publisher(PersonEmotionArray, '/emotions')
    camera.publish(jpeg(image, 0))
    emotions.publish(PersonEmotionArray(header=header(0)))
    message = annotated.wait_for()
    shown = np.array(message.data, np.uint8).reshape(240, 320, 3)
    assert message.header == header(0)
    assert np.abs(shown.astype(int) - image).mean() < 6


def test_a_command_takes_a_compressed_topic(harness: Harness, image: np.ndarray) -> None:
    """`emorec faces acquire --source topic:/eye/compressed` ends here."""
    camera = harness.node.create_publisher(CompressedImage, '/eye/compressed', IMAGE)
    timer = harness.node.create_timer(0.05, lambda: camera.publish(jpeg(image, 3)))
    with TopicSource('/eye/compressed') as source:
        frame = source.read()
    harness.node.destroy_timer(timer)
    assert frame.stamp == 10**10 + 300 * MILLISECOND
    assert np.abs(frame.rgb.astype(int) - image).mean() < 6


def test_a_recording_takes_compressed_colour_and_depth(
    harness: Harness, image: np.ndarray
) -> None:
    """What `emorec record --colour /eye/compressed --depth /depth/compressedDepth` writes."""
    camera = harness.node.create_publisher(CompressedImage, '/eye/compressed', IMAGE)
    depth = harness.node.create_publisher(CompressedImage, '/depth/compressedDepth', IMAGE)
    numbers = count()

    def publish() -> None:
        number = next(numbers)
        depth.publish(compressed_depth(number))
        camera.publish(jpeg(image, number))

    timer = harness.node.create_timer(0.05, publish)
    with CameraTopics('/eye/compressed', '/depth/compressedDepth', '/info') as topics:
        frames = (topics.take(PATIENCE) for _ in count())
        frame = next(frame for frame in frames if frame is None or frame.depth is not None)
    harness.node.destroy_timer(timer)
    assert frame is not None and np.array_equal(frame.depth, HEAD_AT_1_M)
    assert np.abs(frame.rgb.astype(int) - image).mean() < 6


@pytest.mark.parametrize('node, parameters', [
    ('face_detector', {'image_transport': 'theora'}), ('visualizer', {'image_transport': 'zstd'}),
    ('face_detector', {'depth_transport': 'jpeg'})])
def test_another_transport_ends_with_2_and_one_line(
    node: str, parameters: dict, harness: Harness
) -> None:
    """The line says which there are."""
    assert harness.exit_code(node, **parameters) == 2
    line, = harness.log(node).splitlines()
    assert 'is none of' in line and 'compressed' in line
