# SPDX-License-Identifier: Apache-2.0
"""The camera_driver node over real topics."""

from pathlib import Path
import struct

import cv2
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.images import to_array
from emorec_ros.messages.images import to_depth
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import RESULT
from mjpeg_camera import MjpegCamera
import numpy as np
from patience import PATIENCE
from patience import wait_until
import pytest
from ros_harness import Harness
from ros_harness import Topic
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from std_msgs.msg import Header


@pytest.fixture(scope='module')
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a clip of ten frames, each brighter than the one before."""
    path = tmp_path_factory.mktemp('clip') / 'clip.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25.0, (64, 48))
    for number in range(10):
        writer.write(np.full((48, 64, 3), 20 * number, np.uint8))
    writer.release()
    return path


class Answering:
    """Answer images as /emotions would, except those told to ignore."""

    def __init__(self, harness: Harness, ignored: int = 0) -> None:
        self.headers: list[Header] = []
        self.grays: list[int] = []
        self._ignored = ignored
        self._answers = harness.node.create_publisher(PersonEmotionArray, '/emotions', RESULT)
        harness.node.create_subscription(Image, '/rgb/image_raw', self._answer, IMAGE)

    def _answer(self, message: Image) -> None:
        self.headers.append(message.header)
        self.grays.append(round(int(to_array(message)[0, 0, 0]) / 20))
        if len(self.headers) > self._ignored:
            self._answers.publish(PersonEmotionArray(header=message.header))


def test_a_file_loses_nothing_and_ends_with_0(harness: Harness, clip: Path) -> None:
    """Every frame is answered once, in order, with file time; then the node ends."""
    answering = Answering(harness)
    assert harness.exit_code('camera_driver', source=f'video:{clip}', rate=0.0) == 0
    assert sorted(set(answering.grays)) == list(range(10))
    assert [header.stamp.nanosec for header in answering.headers][-1] == pytest.approx(
        360_000_000, abs=1_000_000)
    assert '10 frames answered' in harness.log('camera_driver')
    assert '0 lost' in harness.log('camera_driver')


def test_an_hour_between_two_images_is_not_waited_for(harness: Harness, clip: Path) -> None:
    """The rate that OpenCV reckons from it is 0.003 Hz."""
    path = clip.with_name('gap.mp4')
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'mp4v'), 25.0, (64, 48))
    for number in range(10):
        writer.write(np.full((48, 64, 3), 20 * number, np.uint8))
    writer.release()
    content = bytearray(path.read_bytes().replace(b'edts', b'free'))
    place = content.index(b'stts') + 8
    _, count, step = struct.unpack_from('>3I', content, place)
    assert count == 10 and content.index(b'mdat') < place, 'what is put in moves no image'
    content[place:place + 12] = struct.pack(
        '>7I', 3, 4, step, 1, 3600 * 25 * step, 5, step)
    for name in (b'moov', b'trak', b'mdia', b'minf', b'stbl', b'stts'):
        start = content.index(name) - 4
        size, = struct.unpack_from('>I', content, start)
        struct.pack_into('>I', content, start, size + 16)
    path.write_bytes(content)
    answering = Answering(harness)
    assert harness.exit_code('camera_driver', source=f'video:{path}') == 0
    assert answering.headers[-1].stamp.sec == 3600
    assert harness.log('camera_driver').count('gaps longer than 2 s') == 1


def test_who_has_no_depth_offers_none(harness: Harness, clip: Path) -> None:
    """Whoever found the topic would wait for it."""
    harness.start('camera_driver', source=f'video:{clip}')
    harness.topic(Image, '/rgb/image_raw', IMAGE).wait_for()
    assert not harness.node.count_publishers('/depth_registered/image_raw')
    assert not harness.node.count_publishers('/depth_registered/camera_info')


def test_a_camera_without_intrinsics_can_be_given_some(
    harness: Harness, clip: Path, tmp_path: Path
) -> None:
    """By the file that ROS tools write; what is no such file ends the node with 2."""
    calibration = tmp_path / 'camera.yaml'
    calibration.write_text(
        'image_width: 64\nimage_height: 48\n'
        'camera_matrix: {rows: 3, cols: 3, data: [52, 0, 31.5, 0, 53, 23.5, 0, 0, 1]}\n'
        'distortion_coefficients: {rows: 1, cols: 5, data: [0.1, 0, 0, 0, 0]}\n')
    infos = harness.topic(CameraInfo, '/rgb/camera_info', IMAGE)
    Answering(harness)
    assert harness.exit_code('camera_driver', source=f'video:{clip}', rate=0.0,
                             rgb_camera_info=calibration) == 0
    assert (infos.messages[0].k[0], infos.messages[0].d[0]) == (52.0, 0.1)
    assert infos.messages[0].header.frame_id == 'camera_rgb_optical_frame'
    calibration.unlink()
    assert harness.exit_code('camera_driver', source=f'video:{clip}',
                             rgb_camera_info=calibration) == 2
    assert 'there is no calibration file' in harness.log('camera_driver')


def test_the_first_frame_is_repeated_until_the_chain_answers(
    harness: Harness, clip: Path
) -> None:
    """Nothing but frame 0 comes before the first answer."""
    answering = Answering(harness, ignored=4)
    assert harness.exit_code('camera_driver', source=f'video:{clip}', rate=0.0) == 0
    assert answering.grays[:5] == [0] * 5
    assert answering.grays[5:] == list(range(1, 10))


def test_a_frame_waits_for_everyone_who_must_have_it(harness: Harness, clip: Path) -> None:
    """A topic named in acknowledged_by holds the file back until it answers as well."""
    answering = Answering(harness)
    acknowledgements = harness.node.create_publisher(Header, '/printed', RESULT)
    process = harness.start('camera_driver', source=f'video:{clip}', acknowledged_by='printed')
    harness.topic(Image, '/rgb/image_raw', IMAGE).wait_for_count(3)
    assert set(answering.grays) == {0}
    harness.node.create_subscription(
        Image, '/rgb/image_raw', lambda image: acknowledgements.publish(image.header), IMAGE)
    assert process.wait(PATIENCE) == 0


def test_the_demo_has_depth_of_the_same_moment(harness: Harness) -> None:
    """Colour, depth and both infos carry one stamp and the optical frame of the camera name."""
    topics: list[Topic] = [
        harness.topic(kind, name, IMAGE) for kind, name in [
            (Image, '/rgb/image_raw'), (CameraInfo, '/rgb/camera_info'),
            (Image, '/depth_registered/image_raw'), (CameraInfo, '/depth_registered/camera_info')]]
    harness.start('camera_driver', source='demo', camera_name='kinect')
    colour = topics[0].wait_for_count(5)[4]
    assert colour.encoding == 'rgb8'
    assert colour.header.frame_id == 'kinect_rgb_optical_frame'
    others = [topic.wait_for(lambda message: message.header == colour.header)
              for topic in topics[1:]]
    assert others[0].k[0] > 0
    assert others[1].encoding == '16UC1'
    assert np.median(to_depth(others[1])) > 500


MISSING_CAMERA = """
import sys

from emorec_ros import camera_driver
from emorec_ros.camera import node
from emorec_vision.sources import open_source


def try_to_open(source):
    print('a try', flush=True)
    return open_source(source)


camera_driver.open_source = try_to_open
node.RETRY_EVERY = 0.2
sys.exit(camera_driver.main())
"""


def test_a_missing_camera_is_said_once_and_waited_for(harness: Harness) -> None:
    """A launched robot without its camera waits and reports."""
    process = harness.start_script('camera_driver', MISSING_CAMERA, source='webcam:99')
    harness.values('camera_driver', lambda values: values['last error'] != 'none')
    wait_until(lambda: harness.log('camera_driver').count('a try') > 5)
    assert process.poll() is None
    assert harness.log('camera_driver').count('trying again') == 1


FLAKY_CAMERA = """
import sys
from time import sleep

from emorec_ros import camera_driver
from emorec_ros.camera import node
from emorec_vision.errors import InputError
from emorec_vision.sources import Frame, Source, SourceLost
import numpy as np

opened = 0


class FlakyCamera(Source):
    kind, live, frame_rate = 'webcam', True, 30.0

    def read(self):
        self.left = getattr(self, 'left', 6) - 1
        if self.left == 0:
            raise SourceLost('the camera video7 stopped delivering images')
        sleep(0.03)
        return Frame(np.full((48, 64, 3), 40 * opened, np.uint8))


def open_source(_):
    global opened
    opened += 1
    if opened == 2:
        raise InputError('there is no camera video7')
    return FlakyCamera()


camera_driver.open_source = open_source
node.RETRY_EVERY = 0.5
sys.exit(camera_driver.main())
"""


def test_a_camera_that_vanishes_is_said_once_and_carries_on_when_it_is_back(
    harness: Harness
) -> None:
    """Five images, unplugged, one try in vain, plugged in again: images again."""
    images = harness.topic(Image, '/rgb/image_raw', IMAGE)
    process = harness.start_script('camera_driver', FLAKY_CAMERA, source='webcam:7')
    images.wait_for(lambda message: message.data[0] == 120)
    log = harness.log('camera_driver')
    assert log.count('stopped delivering images; waiting for it to come back') == 1
    assert log.count('there is no camera video7; trying again') == 1
    assert 'webcam:7 is there' in log
    assert process.poll() is None


@pytest.mark.parametrize('source, complaint', [
    ('video:/nowhere/clip.mp4', '/nowhere/clip.mp4'),
    ('images:/nowhere', '/nowhere'),
    ('telepathy', 'telepathy'),
    ('webcam:99', 'camera'),
])
def test_bad_input_ends_with_2_and_one_line(
    source: str, complaint: str, harness: Harness
) -> None:
    """The node says what is wrong and what to do."""
    assert harness.exit_code('camera_driver', source=source, wait_for_camera=False) == 2
    line, = harness.log('camera_driver').splitlines()
    assert line.startswith('camera_driver: ')
    assert complaint in line


def test_a_network_camera_that_drops_out_comes_back_and_keeps_its_password(
    harness: Harness
) -> None:
    """The driver waits for it, at the start too; no line and no diagnosis shows credentials."""
    camera = MjpegCamera('hush')
    camera.going.clear()
    images = harness.topic(Image, '/rgb/image_raw', IMAGE)
    harness.start('camera_driver', source=f'stream:http://ada:hush@127.0.0.1:{camera.port}/')
    for count in (1, 2):
        harness.values('camera_driver', lambda values: values['last error'] != 'none')
        wait_until(lambda: harness.log('camera_driver').count('delivers no image') >= count)
        camera.going.set()
        seen = len(images.messages)
        images.wait_for_count(seen + 5)
        camera.going.clear()
    assert 'stopped delivering images; waiting' in harness.log('camera_driver')
    values = harness.values('camera_driver', lambda values: 'source' in values)
    assert '***@127.0.0.1' in values['source']
    for text in (harness.log('camera_driver'), str(values)):
        assert 'hush' not in text and 'ada' not in text
    camera.close()
