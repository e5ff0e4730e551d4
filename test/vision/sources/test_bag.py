# SPDX-License-Identifier: Apache-2.0
"""Bags of both storage formats, written by rosbags itself, are played without ROS."""

import sys

from bags import Bag
from bags import COLOUR
from bags import DEPTH
from bags import header
from bags import png
from bags import START
from bags import STEP
from bags import StoragePlugin
from camera_encodings import blocks
from camera_encodings import CAMERAS
from camera_encodings import centres
from camera_encodings import gray_of
from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources import open_source
import numpy as np
import pytest

MILLISECOND = 1_000_000


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
    assert 'no JPEG and no PNG' in warnings[1]


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
    frames, warnings, skipped = bag.play()
    assert [frame.stamp for frame in frames] == [START, START + 3 * STEP]
    assert skipped == 0
    assert len(warnings) == 1 and 'not later than the one before' in warnings[0]


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
