# SPDX-License-Identifier: Apache-2.0
"""The kinect_driver node over real topics, with stand-in hardware and with fakenect."""

from pathlib import Path
import signal

from emorec_ros.messages.images import to_depth
from emorec_ros.runtime.qos.profiles import IMAGE
from fakenect_dump import fakenect_environment
from fakenect_dump import write_dump
import numpy as np
from patience import PATIENCE
from patience import wait_until
import pytest
from ros_harness import Harness
from ros_harness import Topic
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from std_srvs.srv import SetBool
import yaml

SCRIPT = """
import sys
sys.path.insert(0, {tests!r})

from emorec_ros import kinect_driver
from emorec_ros.camera import node
from emorec_ros.runtime.process import watchdog
from emorec_vision.sources.kinect import device
from fake_freenect import FakeFreenect, Session
kinect = FakeFreenect({sessions})
sys.modules['freenect'] = kinect
{more}
sys.exit(kinect_driver.main())
"""
CALIBRATION = {
    'image_width': 640, 'image_height': 480, 'camera_name': 'rgb_A00362A08017107A',
    'camera_matrix': {'rows': 3, 'cols': 3, 'data': [526.6, 0, 318.5, 0, 527.9, 251.3, 0, 0, 1]},
    'distortion_model': 'plumb_bob',
    'distortion_coefficients': {'rows': 1, 'cols': 5, 'data': [0.103, -0.186, 0, 0, 0]}}
HANG_IN_C = """
import ctypes
hang = ctypes.PyDLL(None).sleep
FakeFreenect.open_device = lambda *_: hang(60)
watchdog.STUCK_AFTER = 2.0
"""


def script(sessions: str, more: str = '') -> str:
    """Return a script that runs the node on stand-in hardware."""
    return SCRIPT.format(
        tests=str(Path(__file__).parents[1]), sessions=sessions, more=more)


def four_topics(harness: Harness) -> list[Topic]:
    """Listen to everything that a camera with depth publishes."""
    return [harness.topic(kind, name, IMAGE) for kind, name in [
        (Image, '/rgb/image_raw'), (CameraInfo, '/rgb/camera_info'),
        (Image, '/depth_registered/image_raw'), (CameraInfo, '/depth_registered/camera_info')]]


def test_registered_pairs_carry_one_stamp_and_the_calibration(
    harness: Harness, tmp_path: Path
) -> None:
    """Colour, depth in mm and both infos of one moment, and figures in /diagnostics."""
    file = tmp_path / 'rgb.yaml'
    file.write_text(yaml.safe_dump(CALIBRATION))
    topics = four_topics(harness)
    before = harness.node.get_clock().now().nanoseconds
    process = harness.start_script(
        'kinect_driver', script("Session(1000, 'frozen')"), rgb_camera_info=str(file),
        camera_name='kinect', led='green')
    colour = topics[0].wait_for_count(3)[2]
    depth, infos = topics[2], (topics[1], topics[3])
    aligned = depth.wait_for(lambda message: message.header == colour.header)
    assert (colour.encoding, aligned.encoding) == ('rgb8', '16UC1')
    assert colour.header.frame_id == 'kinect_rgb_optical_frame'
    stamp = colour.header.stamp.sec * 10**9 + colour.header.stamp.nanosec
    assert before < stamp < harness.node.get_clock().now().nanoseconds
    assert to_depth(aligned)[0, 0] % 256 == (999 + colour.data[0]) % 256
    for topic in infos:
        info = topic.wait_for(lambda message: message.header == colour.header)
        assert list(info.k) == CALIBRATION['camera_matrix']['data']
        assert list(info.d) == CALIBRATION['distortion_coefficients']['data']
        assert list(info.p)[:4] == [526.6, 0, 318.5, 0]
    values = harness.values('kinect_driver', lambda values: float(
        values.get('depth frames per second', '0')) > 0)
    assert float(values['colour frames per second']) > 0
    assert values['frames without partner'] == values['reconnects'] == '0'
    assert float(values['age of last frame'].removesuffix(' s')) >= 0
    assert process.poll() is None


def test_a_kinect_that_is_missing_then_unplugged_is_said_once_and_carries_on(
    harness: Harness
) -> None:
    """Each state is one line, and images come again by themselves."""
    colour = harness.topic(Image, '/rgb/image_raw', IMAGE)
    harness.start_script('kinect_driver', script(
        'Session(60), Session(0), Session(0), Session(5000), present=[0, 0, 0, 1]',
        'node.RETRY_EVERY = 0.3'))
    harness.values('kinect_driver', lambda values: values['reconnects'] == '1')
    last = colour.messages[-1].header
    colour.wait_for(lambda message: message.header.stamp.sec > last.stamp.sec)
    log = harness.log('kinect_driver')
    assert log.count('there is no Kinect; plug it in, with its own power supply; trying') == 1
    assert log.count('stopped delivering images (unplugged?); waiting for it to come') == 1
    assert log.count('the Kinect delivers no images (unplugged?); trying again') == 1
    assert log.count('the Kinect is there') == 2


def test_where_the_library_hangs_the_process_ends_as_a_crash(harness: Harness) -> None:
    """A frozen device whose thread does not return is for the supervisor to start again."""
    process = harness.start_script(
        'kinect_driver', script("Session(20, 'hang')", 'device.PATIENCE_WITH_LIBRARY = .5'),
        frame_timeout=0.5)
    assert process.wait(PATIENCE) == 1
    log = harness.log('kinect_driver')
    assert 'libfreenect does not return; this process ends, to be started again' in log
    assert 'Traceback' not in log


def test_where_the_library_keeps_all_of_python_waiting_the_process_ends_too(
    harness: Harness
) -> None:
    """Opening a device holds the interpreter's lock: no thread of Python could notice."""
    process = harness.start_script('kinect_driver', script('Session(0)', HANG_IN_C))
    assert process.wait(PATIENCE) == -signal.SIGALRM


def test_fakenect_plays_to_the_end_and_then_it_is_unplugged(
    harness: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real wrapper and libfreenect: aligned depth, then what an unplugged Kinect says."""
    for name, value in fakenect_environment(tmp_path / 'dump').items():
        monkeypatch.setenv(name, value)
    write_dump(tmp_path / 'dump', 3.0)
    colour, info, depth, _ = four_topics(harness)
    harness.start('kinect_driver', enabled=False)
    wait_until(lambda: all(harness.node.count_publishers(topic) for topic in (
        '/rgb/image_raw', '/rgb/camera_info', '/depth_registered/image_raw')),
        lambda: 'the topics are not all published')
    assert harness.call(SetBool, '/kinect_driver/set_enabled', data=True).success
    harness.values('kinect_driver', lambda values: 'delivers no' in values['last error'])
    log = harness.log('kinect_driver')
    assert 'fakenect 0.5 plays raw depth only: depth_mode is 11bit' in log
    assert log.count('stopped delivering images (unplugged?); waiting for it to come back') == 1
    assert log.count('the Kinect delivers no images (unplugged?); trying again') == 1
    assert len(depth.messages) > 2
    assert {message.header.stamp.nanosec for message in depth.messages[:5]} <= {
        message.header.stamp.nanosec for message in colour.messages}
    assert info.messages[0].k[0] == 525
    assert 700 < np.median(to_depth(depth.messages[0])[185:215, 270:300]) < 1500


@pytest.mark.parametrize('given, complaint', [
    ({'wait_for_camera': False}, 'there is no Kinect; plug it in'),
    ({'rgb_camera_info': '/nowhere.yaml'}, 'there is no calibration file /nowhere.yaml'),
])
def test_bad_input_ends_with_2_and_one_line(
    given: dict, complaint: str, harness: Harness
) -> None:
    """The node says what is wrong."""
    process = harness.start_script('kinect_driver', script('present=[0]'), **given)
    assert process.wait(PATIENCE) == 2
    line, = harness.log('kinect_driver').splitlines()
    assert line.startswith('kinect_driver: ')
    assert complaint in line


def test_a_kinect_that_is_off_is_closed_and_opened_again(harness: Harness) -> None:
    """No image follows the answer of the service; on again they come."""
    images = harness.topic(Image, '/rgb/image_raw', IMAGE)
    harness.start_script('kinect_driver', script(
        'Session(10_000), Session(10_000)',
        "kinect.close_device = lambda _: print('closed', flush=1)"))
    images.wait_for_count(1)
    assert harness.call(SetBool, '/kinect_driver/set_enabled', data=False).success
    assert 'closed\n' in harness.log('kinect_driver')
    count = len(images.messages)
    assert harness.call(SetBool, '/kinect_driver/set_enabled', data=True).success
    images.wait_for_count(count + 3)
