# SPDX-License-Identifier: Apache-2.0
"""An image topic is a source of frames like a webcam: newest first, and lost when it is silent."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from threading import Thread

from builtin_interfaces.msg import Time
import cv2
from emorec_cli.main import main
from emorec_ros.camera.topic_source import TopicSource
from emorec_ros.camera.topics import CameraTopics
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import BEST_EFFORT_IMAGE
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.errors import InputError
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.sources import SourceLost
import numpy as np
import pytest
from ros_harness import Harness
from sensor_msgs.msg import Image
from std_msgs.msg import Header

TOPIC = '/camera/rgb/image_raw'


class Camera:
    """Publish one image again and again, 20 times a second, each 0.1 s later."""

    def __init__(self, harness: Harness, message: Image, best_effort: bool = False) -> None:
        self._publisher = harness.node.create_publisher(
            Image, TOPIC, BEST_EFFORT_IMAGE if best_effort else IMAGE)
        self._message = message
        self._end = Event()
        self._thread = Thread(target=self._publish)

    def __enter__(self) -> 'Camera':
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    def _publish(self) -> None:
        tenths = 0
        while not self._end.wait(0.05):
            tenths += 1
            self._message.header = Header(
                stamp=Time(sec=tenths // 10, nanosec=tenths % 10 * 100_000_000))
            self._publisher.publish(self._message)


@pytest.fixture
def no_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Run without a window."""
    monkeypatch.delenv('DISPLAY', raising=False)
    monkeypatch.delenv('WAYLAND_DISPLAY', raising=False)
    yield


@pytest.mark.parametrize('best_effort', [False, True])
def test_images_come_in_rgb_with_their_stamps(harness: Harness, best_effort: bool) -> None:
    """Whatever reliability the camera has."""
    image = np.full((48, 64, 3), (10, 20, 30), np.uint8)
    with Camera(harness, to_message(image, 'bgr8'), best_effort), TopicSource(TOPIC) as source:
        first, second = source.read(), source.read()
    assert first.rgb.shape == (48, 64, 3) and first.rgb[0, 0].tolist() == [30, 20, 10]
    assert first.stamp is not None and second.stamp is not None
    assert second.stamp > first.stamp > 0.0


def test_a_broken_image_is_left_out_and_told(ros_domain: str, harness: Harness) -> None:
    """A wrong message ends nothing."""
    broken = Image(encoding='rgb8', width=64, height=48, step=1)
    with Camera(harness, broken):
        with pytest.raises(InputError, match=f'no image came on {TOPIC} for 2 s; is the'):
            TopicSource(TOPIC, wait=2.0)


def test_an_encoding_that_is_not_read_is_no_silence(harness: Harness) -> None:
    """The line does not send the user to look for a camera that runs."""
    message = to_message(np.zeros((48, 64, 3), np.uint8), 'rgb8')
    message.encoding = 'nv24'
    with Camera(harness, message):
        with pytest.raises(InputError, match="come on .*, but encoding 'nv24' is not read; read"):
            TopicSource(TOPIC)


def test_a_camera_that_falls_silent_is_lost(harness: Harness) -> None:
    """The command ends with what it has then."""
    image = np.zeros((48, 64, 3), np.uint8)
    with Camera(harness, to_message(image, 'rgb8')):
        source = TopicSource(TOPIC, wait=1.0)
    with source, pytest.raises(SourceLost, match='for 1 s'):
        for _ in range(10):
            source.read()


@pytest.mark.parametrize('subscribe', [TopicSource, lambda name: CameraTopics('a', 'b', name)])
def test_a_wrong_name_is_refused(subscribe: Callable[[str], object]) -> None:
    """One clear line, before anything is started."""
    with pytest.raises(InputError, match='is no name of a topic'):
        subscribe('no such//topic')


@pytest.mark.parametrize('words', [
    ['faces', 'acquire', '--name', 'Ada', '--source', f'topic:{TOPIC}'], ['record']])
def test_a_domain_that_is_none_is_told_in_one_line(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str]
) -> None:
    """A typing error in the environment is no traceback."""
    monkeypatch.setenv('ROS_DOMAIN_ID', 'abc')
    folder = ['--people', str(tmp_path)] if 'faces' in words else [str(tmp_path)]
    assert main([*words, *folder]) == 2
    line, = capsys.readouterr().err.splitlines()
    assert line.startswith('emorec: ROS 2 does not start: ') and 'ROS_DOMAIN_ID' in line


@pytest.mark.usefixtures('no_screen')
def test_photos_are_taken_from_a_topic(
        harness: Harness, astronaut: np.ndarray, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """`emorec faces acquire --source topic:NAME` needs no emorec graph."""
    image = cv2.resize(astronaut, (480, 480), interpolation=cv2.INTER_AREA)
    with Camera(harness, to_message(image, 'rgb8')):
        status = main(['faces', 'acquire', '--name', 'Eileen', '--num-photos', '1',
                       '--source', f'topic:{TOPIC}', '--people', str(tmp_path / 'people')])
    assert status == 0 and 'Eileen: 1 photo taken' in capsys.readouterr().out
    assert PeopleFolder(tmp_path / 'people').count('Eileen') == 1
