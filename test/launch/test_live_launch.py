# SPDX-License-Identifier: Apache-2.0
"""live.launch.py, launched for real where launch_ros is installed."""

from collections.abc import Callable
from collections.abc import Iterator
from importlib.util import find_spec
import os
from pathlib import Path
import re
import signal
import subprocess
import sys

import cv2
from domain_coordinator import domain_id
from emorec.msg import PersonEmotionArray
from emorec_ros.run import dds
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import STATIC
import numpy as np
from patience import PATIENCE
from patience import wait_until
import pytest
import rclpy
from rclpy.context import Context
from ros_harness import Harness
from sensor_msgs.msg import CompressedImage
from visualization_msgs.msg import MarkerArray

ARGUMENTS = {'source', 'namespace', 'params_file', 'model', 'detector', 'detector_model',
             'require_depth', 'color_topic', 'info_topic', 'depth_topic', 'image_transport',
             'depth_transport', 'people', 'rate', 'record', 'camera_name', 'publish_tf',
             'processes', 'lazy', 'use_sim_time', 'rviz', 'visualizer', 'hri', 'recognizer',
             'target_frame', 'secure', 'adapt', 'web'}


class Launched:
    """One run of `ros2 launch` and what it printed."""

    def __init__(self, file: Path, folder: Path, *arguments: str, prefix: str = '') -> None:
        self._log = folder / 'launch.log'
        environment = {**os.environ, 'ROS_LOG_DIR': str(folder), 'AMENT_PREFIX_PATH':
                       prefix + os.environ.get('AMENT_PREFIX_PATH', sys.prefix)}
        self.process = subprocess.Popen(
            [sys.executable, '-c', 'import sys; from ros2cli.cli import main; sys.exit(main())',
             'launch', str(file), *arguments], cwd=folder, env=environment,
            stdin=subprocess.DEVNULL, stdout=open(self._log, 'wb'), stderr=subprocess.STDOUT,
            start_new_session=True)

    @property
    def log(self) -> str:
        """What launch and its processes printed so far."""
        return self._log.read_text()

    def pids(self, name: str = r'\w+') -> list[int]:
        """Return the process ids that were started under a name, the newest last."""
        return [int(pid) for pid in re.findall(
            rf'\[{name}-\d+\]: process started with pid \[(\d+)\]', self.log)]

    def until(self, wanted: Callable[[], object]) -> None:
        """Wait until something is so; the launch must not have ended before."""
        wait_until(lambda: wanted() or self.process.poll() is not None, lambda: self.log)
        assert wanted(), self.log

    def end(self, by: signal.Signals | None = None) -> int:
        """Wait for the end, asked for by a signal if given, and return the exit status."""
        if by is not None:
            self.process.send_signal(by)
        return self.process.wait(PATIENCE)

    def left(self) -> list[int]:
        """Return the ids of the processes that were started and still run."""
        return [pid for pid in self.pids() if runs(pid)]


Start = Callable[..., Launched]


def runs(pid: int) -> bool:
    """Tell whether a process is alive, a zombie not counted."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] != 'Z'
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.fixture
def launch_file(project_root: Path) -> Path:
    """Return the launch file."""
    return project_root / 'launch' / 'live.launch.py'


@pytest.fixture
def launched(launch_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
             ) -> Iterator[Start]:
    """Start the launch file in a ROS domain of its own; what still runs afterwards is ended."""
    for tool in ('launch_ros', 'ros2launch'):
        pytest.importorskip(tool, reason=f'{tool} is not installed')
    monkeypatch.setenv('ROS_AUTOMATIC_DISCOVERY_RANGE', 'LOCALHOST')
    started = []

    def start(*arguments: str, prefix: str = '') -> Launched:
        folder = tmp_path / f'launch_{len(started)}'
        folder.mkdir()
        started.append(Launched(launch_file, folder, *arguments, prefix=prefix))
        return started[-1]

    with domain_id() as domain:
        monkeypatch.setenv('ROS_DOMAIN_ID', str(domain))
        yield start
        for launch in started:
            if launch.process.poll() is None:
                launch.end(signal.SIGINT)
            for pid in launch.left():
                os.kill(pid, signal.SIGKILL)


@pytest.fixture
def harness(launched: Start, tmp_path: Path) -> Iterator[Harness]:
    """Return a way to listen in the domain of the launch."""
    context = Context()
    rclpy.init(context=context)
    harness = Harness(context, tmp_path)
    yield harness
    harness.close()
    rclpy.try_shutdown(context=context)


@pytest.fixture
def clip(tmp_path: Path, astronaut: np.ndarray) -> Path:
    """Write a clip of 20 frames of a slowly moving face."""
    path = tmp_path / 'clip.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25.0, (320, 240))
    for number in range(20):
        writer.write(cv2.cvtColor(
            np.ascontiguousarray(astronaut[0:240, 40 + number:360 + number]), cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_every_argument_is_described(launched: Start) -> None:
    """--show-args names each argument and says something about it."""
    launch = launched('--show-args')
    assert launch.end() == 0, launch.log
    described = re.findall(r"^    '(\w+)':\n        (.+)\n", launch.log, re.MULTILINE)
    assert {name for name, _ in described} == ARGUMENTS
    assert not [name for name, text in described if 'no description' in text]


@pytest.mark.parametrize(('arguments', 'line'), [
    (['source:=auto'], 'source:=auto is for `emorec live` only'),
    (['source:=television'], "source 'television' is unknown"),
    (['rate:=fast'], 'rate:=fast is not a number of 0 or more'),
    (['rate:=-1'], 'rate:=-1 is not a number of 0 or more'),
    (['params_file:=missing.yaml'], 'params_file missing.yaml does not exist'),
    (['rviz:=maybe'], 'Valid options are'),
    (['web:=here'], 'web:=here is no port: give 0 to 65535'),
    (['require_depth:=maybe'], 'Valid options are'),
    (['image_transport:=theora'], 'Valid options are'),
    (['color_topic:=/eye/image'], 'source webcam starts a driver of its own'),
    (['source:=topics', 'detector:=eagle'],
     "parameter detector: 'eagle' is none of auto, yunet, haar"),
    (['source:=video:missing.mkv'], 'camera_driver: there is no video file missing.mkv'),
    (['source:=demo', 'model:=missing.onnx'], 'no emotion model at missing.onnx'),
    (['source:=demo', 'model:=missing.onnx', 'processes:=each'],
     'no emotion model at missing.onnx'),
    (['source:=demo', 'people:=missing/people'],
     'identity: people is missing/people, and there is no such folder'),
    (['processes:=two'], 'Valid options are'),
    pytest.param(['source:=demo', 'hri:=true'], 'ROS4HRI needs the ROS package',
                 marks=pytest.mark.skipif(
                     find_spec('hri_msgs') is not None, reason='hri_msgs is installed')),
])
def test_bad_input_ends_the_launch_with_one_line(
    launched: Start, arguments: list[str], line: str
) -> None:
    """An argument that does not fit, or a node that ends with 2, is no crash to restart."""
    launch = launched(*arguments)
    assert launch.end() == 1, launch.log
    assert line in launch.log
    assert 'Traceback' not in launch.log
    assert 'starting it again' not in launch.log
    assert launch.left() == []


def test_the_end_of_a_file_ends_the_launch_well(launched: Start, clip: Path) -> None:
    """Exit code 0 of the driver is the end, not a reason to start it again."""
    launch = launched(f'source:=video:{clip}', 'rate:=0')
    assert launch.end() == 0, launch.log
    assert '20 frames answered' in launch.log
    assert len(launch.pids('camera_driver')) == 1
    assert launch.left() == []


@pytest.mark.parametrize('processes, victim', [('one', 'pipeline'), ('each', 'emotion')])
def test_a_killed_process_comes_back(
    processes: str, victim: str, launched: Start, harness: Harness
) -> None:
    """A namespace moves every topic; crashes are mended; Ctrl-C ends all, with status 0."""
    launch = launched('source:=demo', 'namespace:=robot1', 'camera_name:=kinect',
                      f'processes:={processes}')
    answers = harness.topic(PersonEmotionArray, '/robot1/emotions')
    seen = answers.wait_for(lambda message: message.people)
    assert seen.header.frame_id == 'kinect_rgb_optical_frame'
    for _ in range(2):
        killed = launch.pids(victim)
        os.kill(killed[-1], signal.SIGKILL)
        launch.until(lambda: len(launch.pids(victim)) > len(killed))
    assert launch.log.count('signal SIGKILL; starting it again ') == 2
    back = harness.node.get_clock().now().to_msg()
    answers.wait_for(
        lambda message: (message.header.stamp.sec > back.sec) and message.people)
    assert launch.end(signal.SIGINT) == 0, launch.log
    assert launch.left() == []


@pytest.mark.parametrize('by', [signal.SIGTERM, signal.SIGKILL])
def test_no_node_outlives_a_killed_launch(launched: Start, by: signal.Signals) -> None:
    """A left-over driver would hold the camera, and two graphs would answer on /emotions."""
    launch = launched('source:=demo')
    launch.until(lambda: launch.pids('camera_driver'))
    nodes = launch.pids()
    assert all(runs(pid) for pid in nodes)
    launch.end(by)
    wait_until(lambda: not launch.left())


def test_rviz_gets_its_layout_and_its_frame(launched: Start, tmp_path: Path) -> None:
    """The command line of rviz2 fits the camera's name and the namespace."""
    for folder in ('lib/rviz2', 'share/rviz2', 'share/ament_index/resource_index/packages'):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    (tmp_path / 'share/ament_index/resource_index/packages/rviz2').touch()
    path = tmp_path / 'lib/rviz2/rviz2'
    path.write_text('#!/bin/sh\necho "ARGUMENTS $* END"\nexec sleep 60\n')
    path.chmod(0o755)
    launch = launched('source:=demo', 'rviz:=true', 'namespace:=robot1', 'camera_name:=kinect',
                      prefix=f'{tmp_path}:')
    launch.until(lambda: ' END' in launch.log)
    rviz, = re.findall(r'\[rviz2-\d+\] ARGUMENTS (.*) END', launch.log)
    assert re.search(r'-d \S+/config/emorec\.rviz -f kinect_link ', rviz)
    assert '-r /annotated_image:=/robot1/annotated_image -r /markers:=/robot1/markers' in rviz
    assert launch.pids('visualizer')


@pytest.mark.parametrize('own', [None, 'FASTRTPS_DEFAULT_PROFILES_FILE',
                                 'FASTDDS_DEFAULT_PROFILES_FILE'])
def test_every_process_gets_memory_for_whole_images_unless_the_user_has_a_profile(
    own: str | None, launched: Start, monkeypatch: pytest.MonkeyPatch, project_root: Path
) -> None:
    """With the memory of Fast DDS's defaults a busy machine loses the depth of half of the faces.

    A node that was started again has it as well.
    """
    users = str(project_root / 'config' / 'fastdds.xml')
    for name in dds.PROFILE_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    if own:
        monkeypatch.setenv(own, users)
    launch = launched('source:=demo')
    launch.until(lambda: len(launch.pids()) == 2)
    os.kill(launch.pids('pipeline')[0], signal.SIGKILL)
    launch.until(lambda: len(launch.pids('pipeline')) == 2)
    profiles = [profiles_of(pid) for pid in launch.left()]
    assert len(profiles) == 2
    if own:
        assert profiles == [{own: users}] * 2
    else:
        assert all(set(each) == set(dds.profile_environment(Path())) for each in profiles)
        assert '<segment_size>' in Path(profiles[0][dds.PROFILE_VARIABLES[-1]]).read_text()


def profiles_of(pid: int) -> dict[str, str]:
    """Return the profiles that the environment of a process names."""
    variables = Path(f'/proc/{pid}/environ').read_bytes().decode().split('\0')
    return {name: value for name, _, value in (each.partition('=') for each in variables)
            if name in dds.PROFILE_VARIABLES}


def test_another_camera_is_reached_by_its_topics(launched: Start, harness: Harness) -> None:
    """Colour and depth where the driver of a RealSense puts them; camera_info lies beside."""
    launch = launched(
        'source:=topics', 'color_topic:=/camera/camera/color/image_raw', 'require_depth:=true',
        'depth_topic:=/camera/camera/aligned_depth_to_color/image_raw')
    for topic in ('color/image_raw', 'color/camera_info', 'aligned_depth_to_color/image_raw'):
        launch.until(lambda topic=topic: harness.node.count_subscribers(f'/camera/camera/{topic}'))


def test_a_remote_viewer_gets_the_transform_of_the_camera(
    launched: Start, harness: Harness
) -> None:
    """Without it the markers have no place in the viewer's 3-D view."""
    transforms = pytest.importorskip('tf2_msgs.msg', reason='tf2_msgs is not installed')
    launched('source:=demo', 'visualizer:=true', 'camera_name:=kinect')
    transform, = harness.topic(transforms.TFMessage, '/tf_static', STATIC).wait_for().transforms
    assert (transform.header.frame_id, transform.child_frame_id) == (
        'kinect_link', 'kinect_rgb_optical_frame')


def test_two_robots_side_by_side(launched: Start, harness: Harness) -> None:
    """Each in its namespace, with nodes, topics and parameters of its own."""
    for robot in ('ada', 'eve'):
        launched('source:=demo', f'namespace:={robot}', f'camera_name:={robot}')
    for robot in ('ada', 'eve'):
        seen = harness.topic(PersonEmotionArray, f'/{robot}/emotions').wait_for(
            lambda message: message.people)
        assert seen.header.frame_id == f'{robot}_rgb_optical_frame'
        assert harness.node.count_publishers(f'/{robot}/emotions') == 1
    assert harness.set_parameters('ada/face_detector', far=0.4) == [(True, '')]
    harness.topic(PersonEmotionArray, '/ada/emotions').wait_for(
        lambda message: not message.people)
    harness.topic(PersonEmotionArray, '/eve/emotions').wait_for(lambda message: message.people)


def test_compressed_images_of_another_camera_are_received(
    launched: Start, harness: Harness
) -> None:
    """Their topics lie below those of the raw images."""
    launch = launched('source:=topics', 'color_topic:=/eye/color', 'depth_topic:=/eye/depth',
                      'image_transport:=compressed')
    for topic in ('color/compressed', 'camera_info', 'depth/compressedDepth'):
        launch.until(lambda topic=topic: harness.node.count_subscribers(f'/eye/{topic}'))


def test_a_remote_viewer_gets_images_and_markers_without_rviz(
    launched: Start, harness: Harness
) -> None:
    """visualizer:=true starts the visualizer, and no rviz2 on this machine."""
    launch = launched('source:=demo', 'visualizer:=true')
    images = harness.topic(CompressedImage, '/annotated_image/compressed', IMAGE)
    markers = harness.topic(MarkerArray, '/markers')
    assert images.wait_for().format.startswith('rgb8; jpeg')
    assert markers.wait_for().markers
    assert launch.pids('visualizer') and not launch.pids('rviz2')
