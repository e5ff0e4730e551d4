# SPDX-License-Identifier: Apache-2.0
"""Bags of both storage formats, written by rosbags itself, are played without ROS."""

from pathlib import Path
import sys

from camera_encodings import blocks
from camera_encodings import CAMERAS
from camera_encodings import centres
from camera_encodings import gray_of
import cv2
from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
from emorec_vision.sources.bag.topics import CAMERA_INFO
from emorec_vision.sources.bag.topics import choose_topics
from emorec_vision.sources.bag.topics import COMPRESSED
from emorec_vision.sources.bag.topics import IMAGE
import numpy as np
import pytest

pytest.importorskip('rosbags', reason='rosbags is not installed')

from rosbags.rosbag2 import StoragePlugin  # noqa: E402, I100
from rosbags.rosbag2 import Writer  # noqa: E402
from rosbags.typesys import get_typestore  # noqa: E402
from rosbags.typesys import Stores  # noqa: E402

STORE = get_typestore(Stores.ROS2_JAZZY)
START = 1_700_000_000_000_000_001
STEP = 40_000_000
MILLISECOND = 1_000_000
COLOUR = np.random.default_rng(1).integers(0, 256, (6, 8, 3), np.uint8)
DEPTH = np.arange(48, dtype=np.uint16).reshape(6, 8) * 100


class Bag:
    """Write a bag; times are ns after `START`."""

    def __init__(self, path: Path, plugin: StoragePlugin = StoragePlugin.MCAP) -> None:
        self.path = path
        self._writer = Writer(path, version=9, storage_plugin=plugin)
        self._writer.open()
        self._connections: dict = {}
        self._open = True

    def image(self, topic: str, pixels: np.ndarray, encoding: str, stamp: int,
              came: int | None = None, **changes: object) -> None:
        """Write an image message, with some of its fields changed."""
        fields = {'header': header(START + stamp), 'height': pixels.shape[0],
                  'width': pixels.shape[1], 'encoding': encoding, 'is_bigendian': 0,
                  'step': pixels.nbytes // pixels.shape[0],
                  'data': np.frombuffer(pixels.tobytes(), np.uint8), **changes}
        self._write(topic, IMAGE, stamp if came is None else came, **fields)

    def compressed(self, topic: str, data: bytes, text: str, stamp: int) -> None:
        """Write a CompressedImage."""
        self._write(topic, COMPRESSED, stamp, header=header(START + stamp), format=text,
                    data=np.frombuffer(data, np.uint8))

    def info(self, topic: str, **changes: object) -> None:
        """Write a camera_info, with some of its fields changed."""
        roi = STORE.types['sensor_msgs/msg/RegionOfInterest'](0, 0, 0, 0, False)
        fields = {'header': header(START), 'height': 6, 'width': 8, 'distortion_model': '',
                  'd': np.zeros(0), 'r': np.eye(3).ravel(), 'p': np.zeros(12),
                  'k': np.array([5.0, 0, 3, 0, 6, 2, 0, 0, 1]), 'binning_x': 0, 'binning_y': 0,
                  'roi': roi, **changes}
        self._write(topic, CAMERA_INFO, 0, **fields)

    def play(self, path: Path | None = None) -> tuple[list[Frame], list[str], int]:
        """Return frames, warnings and how many were skipped."""
        self.close()
        with open_source(f'bag:{path or self.path}') as source:
            assert (source.kind, source.live, source.stills) == ('bag', False, False)
            frames = []
            while (frame := source.read()) is not None:
                frames.append(frame)
            return frames, source.take_warnings(), source.skipped

    def close(self) -> None:
        """Finish the bag."""
        if self._open:
            self._writer.close()
            self._open = False

    def _write(self, topic: str, kind: str, came: int, **fields: object) -> None:
        if topic not in self._connections:
            self._connections[topic] = self._writer.add_connection(topic, kind, typestore=STORE)
        self._writer.write(self._connections[topic], START + came,
                           STORE.serialize_cdr(STORE.types[kind](**fields), kind))


def header(stamp: int, frame: str = 'optical') -> object:
    """Return a header."""
    time = STORE.types['builtin_interfaces/msg/Time'](stamp // 10**9, stamp % 10**9)
    return STORE.types['std_msgs/msg/Header'](time, frame)


def png(pixels: np.ndarray) -> bytes:
    """Return the bytes of a PNG file of pixels in OpenCV's order."""
    return cv2.imencode('.png', pixels)[1].tobytes()


@pytest.mark.parametrize('plugin', StoragePlugin, ids=lambda plugin: plugin.name)
def test_colour_depth_and_intrinsics_come_back_at_their_stamps(plugin, tmp_path):
    bag = Bag(tmp_path / 'bag', plugin)
    bag.info('/camera/rgb/camera_info')
    for number in range(4):
        bag.image('/camera/rgb/image_raw', COLOUR, 'rgb8', number * STEP)
        bag.image('/camera/depth_registered/image_raw', DEPTH + number, '16UC1', number * STEP)
    frames, warnings, skipped = bag.play()
    assert [frame.stamp for frame in frames] == [START + n * STEP for n in range(4)]
    for number, frame in enumerate(frames):
        assert np.array_equal(frame.rgb, COLOUR)
        assert np.array_equal(frame.depth, DEPTH + number)
        assert frame.intrinsics == Intrinsics(5.0, 6.0, 3.0, 2.0)
    assert (warnings, skipped) == ([], 0)
    with open_source(f'bag:{bag.path}') as source:
        assert source.frame_rate == pytest.approx(25.0)


def test_a_storage_file_and_a_folder_without_metadata_are_played_too(tmp_path):
    bag = Bag(tmp_path / 'bag')
    bag.image('/rgb/image_raw', COLOUR, 'rgb8', 0)
    frames, _, _ = bag.play(next((tmp_path / 'bag').glob('*.mcap')))
    assert len(frames) == 1
    (tmp_path / 'bag' / 'metadata.yaml').unlink()
    with open_source(f'bag:{bag.path}') as source:
        assert 'no metadata.yaml' in source.take_warnings()[0]
        assert source.read() is not None


@pytest.mark.parametrize('offset, came, depth', [
    (5, 5, True), (-5, -5, True), (20, 20, True), (21, 21, False), (0, 800, True)])
def test_depth_is_paired_within_the_slop_however_late_it_came(offset, came, depth, tmp_path):
    bag = Bag(tmp_path / 'bag')
    for number in range(30):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', number * STEP)
    bag.image('/depth_registered/image_raw', DEPTH, '16UC1', offset * MILLISECOND,
              came=came * MILLISECOND)
    frames, _, _ = bag.play()
    assert len(frames) == 30
    assert (frames[0].depth is not None) == depth


@pytest.mark.parametrize('encoding, pixels', [
    ('bgr8', COLOUR[..., ::-1]), ('mono8', COLOUR[..., 0])])
def test_every_colour_encoding_becomes_rgb(encoding, pixels, tmp_path):
    bag = Bag(tmp_path / 'bag')
    bag.image('/rgb/image_raw', pixels, encoding, 0)
    (frame,), _, _ = bag.play()
    expected = COLOUR if encoding == 'bgr8' else np.dstack([COLOUR[..., 0]] * 3)
    assert np.array_equal(frame.rgb, expected)


@pytest.mark.parametrize('encoding', CAMERAS)
def test_every_encoding_of_a_camera_is_played(encoding, tmp_path):
    bag = Bag(tmp_path / 'bag')
    pixels = CAMERAS[encoding](blocks())
    bag.image('/camera/color/image_raw', np.ascontiguousarray(pixels), encoding, 0, height=16)
    (frame,), warnings, _ = bag.play()
    expected = centres(blocks()).astype(float)
    if encoding in ('mono8', 'mono16', '8UC1'):
        expected = np.repeat(gray_of(expected)[..., None], 3, axis=2)
    assert np.abs(centres(frame.rgb) - expected).max() <= 3
    assert warnings == []


@pytest.mark.parametrize('encoding', ['nv24', 'yuv444'])
def test_an_encoding_that_is_not_read_is_named(encoding, tmp_path):
    bag = Bag(tmp_path / 'bag')
    bag.image('/camera/color/image_raw', COLOUR, encoding, 0)
    bag.image('/camera/depth/image_raw', DEPTH, '16UC1', 0)
    with pytest.raises(InputError, match=f"encoding '{encoding}' of /camera/color/image_raw is "
                                         'not read; read are rgb8, '):
        bag.play()


def test_compressed_colour_and_depth_are_played(tmp_path):
    bag = Bag(tmp_path / 'bag')
    bag.info('/camera/color/camera_info')
    for number in range(3):
        bag.compressed('/camera/color/image_raw/compressed', png(COLOUR[..., ::-1]),
                       'rgb8; png compressed bgr8', number * STEP)
        bag.compressed('/camera/aligned_depth_to_color/image_raw/compressedDepth',
                       bytes(12) + png(DEPTH), '16UC1; compressedDepth png', number * STEP)
    frames, warnings, skipped = bag.play()
    assert [frame.stamp for frame in frames] == [START + n * STEP for n in range(3)]
    assert all(np.array_equal(frame.rgb, COLOUR) for frame in frames)
    assert all(np.array_equal(frame.depth, DEPTH) for frame in frames)
    assert frames[0].intrinsics == Intrinsics(5.0, 6.0, 3.0, 2.0)
    assert (warnings, skipped) == ([], 0)


def test_compressed_images_that_are_damaged_are_left_out(tmp_path):
    bag = Bag(tmp_path / 'bag')
    whole = png(COLOUR[..., ::-1])
    for number, data in enumerate((whole, whole[:40], b'', whole)):
        bag.compressed('/rgb/image_raw/compressed', data, 'jpeg', number * STEP)
    frames, warnings, skipped = bag.play()
    assert [frame.stamp - START for frame in frames] == [0, 3 * STEP]
    assert skipped == len(warnings) == 2 and 'damaged or cut short' in warnings[0]


def test_padded_big_endian_depth_and_depth_in_metres_are_millimetres(tmp_path):
    bag = Bag(tmp_path / 'bag')
    padded = np.zeros((6, 10), '>u2')
    padded[:, :8] = DEPTH
    metres = DEPTH.astype(np.float32) / 1000
    metres[0, :3] = np.nan, np.inf, -1
    for number in range(2):
        bag.image('/color/image_raw', COLOUR, 'rgb8', number * STEP)
    bag.image('/aligned_depth_to_color/image_raw', padded, '16UC1', 0, width=8, is_bigendian=1)
    bag.image('/aligned_depth_to_color/image_raw', metres, '32FC1', STEP)
    frames, _, _ = bag.play()
    assert np.array_equal(frames[0].depth, DEPTH)
    assert frames[1].depth[0, :3].tolist() == [0, 0, 0]
    assert np.array_equal(frames[1].depth[1:], DEPTH[1:])


def test_malformed_images_are_named_counted_and_left_out(tmp_path):
    bag = Bag(tmp_path / 'bag')
    bag.info('/rgb/camera_info')
    for number in range(3):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', number * STEP,
                  **({'step': 3} if number == 1 else {}))
    bag.image('/depth_registered/image_raw', DEPTH[:3], '16UC1', 2 * STEP)
    frames, warnings, skipped = bag.play()
    assert [frame.stamp - START for frame in frames] == [0, 2 * STEP]
    assert [frame.depth for frame in frames] == [None, None]
    assert skipped == 1
    assert ['step 3' in warnings[0], 'depth image is 8x3 px' in warnings[1]] == [True, True]


def test_the_camera_info_of_a_bag_is_fitted_to_its_images(tmp_path):
    bag = Bag(tmp_path / 'bag')
    bag.info('/rgb/camera_info', width=16, height=12, k=np.array([10.0, 0, 7, 0, 12, 5, 0, 0, 1]))
    for number in range(3):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', number * STEP)
    frames, warnings, _ = bag.play()
    assert frames[2].intrinsics == Intrinsics(5.0, 6.0, 3.25, 2.25)
    assert len(warnings) == 1 and '/rgb/camera_info' in warnings[0] and 'scaled' in warnings[0]


def test_depth_of_another_camera_or_unit_is_told_once_and_its_camera_info_is_missed(tmp_path):
    bag = Bag(tmp_path / 'bag')
    millimetres = np.full((6, 8), 1200, np.float32)
    for number in range(3):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', number * STEP)
        bag.image('/depth_registered/image_raw', millimetres, '32FC1', number * STEP,
                  header=header(START + number * STEP, 'depth_optical'))
    frames, warnings, _ = bag.play()
    assert [frame.depth for frame in frames] == [None] * 3
    missing, frame, unit = warnings
    assert 'no camera_info belongs to /rgb/image_raw' in missing
    assert 'depth is in frame depth_optical, colour in optical' in frame
    assert 'look like millimetres' in unit


def test_repeated_stamps_are_played_once_and_missing_ones_are_the_recorders(tmp_path):
    bag = Bag(tmp_path / 'bag')
    for came in (0, STEP):
        bag.image('/rgb/image_raw', COLOUR, 'rgb8', 0, came=came)
    bag.image('/rgb/image_raw', COLOUR, 'rgb8', -START, came=3 * STEP)
    frames, _, skipped = bag.play()
    assert [frame.stamp for frame in frames] == [START, START + 3 * STEP]
    assert skipped == 0


@pytest.mark.parametrize('damage', [100, 0.6])
def test_a_damaged_bag_is_played_as_far_as_it_goes_or_refused(damage, tmp_path):
    bag = Bag(tmp_path / 'bag', StoragePlugin.SQLITE3)
    big = np.random.default_rng(2).integers(0, 256, (120, 160, 3), np.uint8)
    for number in range(20):
        bag.image('/rgb/image_raw', big, 'rgb8', number * STEP)
    bag.close()
    file, = (tmp_path / 'bag').glob('*.db3')
    data = file.read_bytes()
    file.write_bytes(data[:damage if damage > 1 else int(damage * len(data))])
    try:
        frames, warnings, _ = bag.play()
    except InputError as error:
        assert str(tmp_path) in str(error) and '\n' not in str(error)
    else:
        assert 0 < len(frames) < 20
        assert 'damaged' in warnings[-1]


@pytest.mark.parametrize('content, told', [
    (None, 'there is no bag'),
    ({}, 'holds no ROS 2 bag'),
    ({'metadata.yaml': 'rosbag2_bagfile_information: {}'}, 'no ROS 2 bag, or a damaged one'),
    ({'metadata.yaml': '[what'}, 'no ROS 2 bag, or a damaged one'),
    ({'a.mcap': 'no mcap'}, 'no ROS 2 bag, or a damaged one'),
])
def test_what_is_no_bag_is_refused_in_one_line(content, told, tmp_path):
    path = tmp_path / 'bag'
    if content is not None:
        path.mkdir()
        for name, text in content.items():
            (path / name).write_text(text)
    with pytest.raises(InputError, match=told) as refusal:
        open_source(f'bag:{path}')
    assert '\n' not in str(refusal.value)


def test_without_rosbags_it_says_what_to_install(tmp_path, monkeypatch):
    (tmp_path / 'a.mcap').write_text('')
    monkeypatch.setitem(sys.modules, 'rosbags.highlevel', None)
    with pytest.raises(InputError, match='pip install rosbags'):
        open_source(f'bag:{tmp_path}')


@pytest.mark.parametrize('topics, chosen', [
    ({'/a/image': 'rgb8', '/camera/rgb/image_raw': 'rgb8'}, ('/camera/rgb/image_raw', '', False)),
    ({'/cam/color/image_raw': 'bgr8', '/cam/aligned_depth_to_color/image_raw': '16UC1',
      '/cam/depth/image_rect_raw': '16UC1'},
     ('/cam/color/image_raw', '/cam/aligned_depth_to_color/image_raw', True)),
    ({'/eye': 'mono8', '/range': '32FC1'}, ('/eye', '/range', False)),
    ({'/eye': 'mono16', '/depth': 'mono16'}, ('/eye', '/depth', False)),
    ({'/a_ir': 'mono16', '/eye': 'rgb8', '/range': '16UC1'}, ('/eye', '/range', False)),
])
def test_topics_are_chosen_by_name_and_by_type(topics, chosen):
    found = choose_topics(dict.fromkeys(topics, IMAGE), topics.__getitem__, 'bag')
    assert (found.colour, found.depth, found.aligned) == chosen


def test_raw_images_are_preferred_to_the_same_compressed_and_colour_to_infrared():
    types = {'/c/color/image_raw/compressed': COMPRESSED, '/c/infra1/image_rect_raw': IMAGE,
             '/c/color/camera_info': CAMERA_INFO}
    encodings = {'/c/infra1/image_rect_raw': 'mono8'}
    found = choose_topics(types, lambda topic: encodings.get(topic, 'bgr8'), 'bag')
    assert (found.colour, found.info) == ('/c/color/image_raw/compressed', '/c/color/camera_info')
    types['/c/color/image_raw'] = IMAGE
    found = choose_topics(types, lambda topic: encodings.get(topic, 'bgr8'), 'bag')
    assert found.colour == '/c/color/image_raw'


@pytest.mark.parametrize('types, told', [
    ({'/scan': 'sensor_msgs/msg/LaserScan'}, 'its image topics are: none'),
    ({'/depth': IMAGE}, r'/depth \(16UC1\)'),
    ({'/rgb/compressedDepth': COMPRESSED}, r'/rgb/compressedDepth \(16UC1\)'),
])
def test_a_bag_without_colour_is_refused(types, told):
    with pytest.raises(InputError, match=told):
        choose_topics(types, lambda _: '16UC1', 'bag')
