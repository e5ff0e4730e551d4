# SPDX-License-Identifier: Apache-2.0
"""Data sets of others are played: files are paired, the unit of depth is known or told."""

import json
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
import numpy as np
import pytest

WALL = 1.5
"""m."""


def write_colour(path: Path, number: int) -> None:
    """Write a red image, redder for higher numbers."""
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), np.full((48, 64, 3), (0, 0, 10 * number), np.uint8))


def write_depth(path: Path, per_metre: float, dtype: type = np.uint16, wall: float = WALL) -> None:
    """Write a wall, with a corner where there is no reading."""
    path.parent.mkdir(exist_ok=True)
    depth = np.full((48, 64), wall * per_metre, dtype)
    depth[:4, :4] = 0 if dtype == np.uint16 else np.nan
    cv2.imwrite(str(path), depth)


def write_tum(folder: Path, lists: str = 'two') -> Path:
    """Write four frames at 30 Hz, of which number 2 has depth 30 ms later."""
    folder.mkdir()
    lines: dict[str, list[str]] = {'rgb': ['# color images'], 'depth': ['# depth maps']}
    for number in range(4):
        time = 1305031102.175304 + number / 30
        depth_time = time + (0.005 if number == 1 else 0.03 if number == 2 else -0.01)
        for kind, when in (('rgb', time), ('depth', depth_time)):
            lines[kind].append(f'{when:.6f} {kind}/{when:.6f}.png')
        write_colour(folder / 'rgb' / f'{time:.6f}.png', number)
        write_depth(folder / 'depth' / f'{depth_time:.6f}.png', 5000)
    if lists == 'two':
        for kind, text in lines.items():
            (folder / f'{kind}.txt').write_text('\n'.join(text) + '\n')
    elif lists == 'pairs':
        pairs = zip(lines['rgb'][1:], lines['depth'][1:])
        (folder / 'associations.txt').write_text(''.join(f'{a} {b}\n' for a, b in pairs))
    return folder


def play(folder: Path) -> tuple[list[Frame], list[str], int]:
    """Return the frames, all warnings and how many frames were skipped."""
    with open_source(f'recording:{folder}') as source:
        frames = list(iter(source.read, None))
        return frames, source.take_warnings(), source.skipped


def distances(frames: list[Frame]) -> list[float | None]:
    """Return how far the wall is, m, and check that the corner is empty."""
    assert all(frame.depth is None or frame.depth[0, 0] == 0 for frame in frames)
    return [None if frame.depth is None else frame.depth[20, 20] / 1000 for frame in frames]


def test_tum_is_paired_by_time_and_its_depth_is_in_metres(tmp_path):
    frames, told, skipped = play(write_tum(tmp_path / 'rgbd_dataset_freiburg3_sitting'))
    assert [frame.rgb[0, 0, 0] for frame in frames] == [0, 10, 20, 30]
    assert frames[0].stamp == 1305031102_175304000
    assert distances(frames) == [WALL, WALL, None, WALL]
    assert frames[0].intrinsics == Intrinsics(535.4, 539.2, 320.1, 247.6)
    assert skipped == 0
    line, = told
    assert 'counts as 1/5000 m, as TUM RGB-D has it (half of it is nearer than 1.50 m)' in line


@pytest.mark.parametrize('lists', ['pairs', 'none'])
def test_tum_by_pairs_and_by_the_names_of_its_files(lists, tmp_path):
    frames, _, _ = play(write_tum(tmp_path / 'scene', lists))
    assert distances(frames) == [WALL, WALL, WALL if lists == 'pairs' else None, WALL]
    assert frames[3].stamp - frames[0].stamp == pytest.approx(1e8, abs=2000)
    assert frames[0].intrinsics is None


def test_camera_json_wins_in_a_folder_of_tum(tmp_path):
    folder = write_tum(tmp_path / 'fr1_desk')
    (folder / 'camera.json').write_text(json.dumps(
        {'fx': 5, 'fy': 6, 'cx': 3, 'cy': 4, 'depth_unit': '0.4 mm'}))
    frames, told, _ = play(folder)
    assert distances(frames)[0] == pytest.approx(2 * WALL)
    assert frames[0].intrinsics == Intrinsics(5, 6, 3, 4)
    assert told == []


def test_icl_nuim_is_played_by_its_frame_numbers(tmp_path):
    folder = tmp_path / 'traj0_frei_png'
    folder.mkdir()
    for number in range(3):
        write_colour(folder / 'rgb' / f'{number}.png', number)
        write_depth(folder / 'depth' / f'{number}.png', 5000)
    (folder / 'associations.txt').write_text(
        ''.join(f'{n} depth/{n}.png {n} rgb/{n}.png\n' for n in range(3)))
    frames, _, _ = play(folder)
    assert [frame.stamp / 1e9 for frame in frames] == pytest.approx([0, 1 / 30, 2 / 30])
    assert [frame.rgb[0, 0, 0] for frame in frames] == [0, 10, 20]
    assert distances(frames) == [WALL] * 3
    assert frames[0].intrinsics == Intrinsics(481.2, 480.0, 319.5, 239.5)


def test_files_that_a_list_names_and_that_are_lost_are_told_once(tmp_path):
    folder = write_tum(tmp_path / 'fr1_desk')
    colours, depths = (sorted((folder / kind).iterdir()) for kind in ('rgb', 'depth'))
    colours[0].unlink()
    depths[1].unlink()
    with open(folder / 'rgb.txt', 'a') as file:
        file.write('13050')
    frames, told, _ = play(folder)
    assert distances(frames) == [None, None, WALL]
    assert ['1 line(s) that are no times' in told[0], '2 file(s)' in told[1]] == [True, True]
    (folder / 'rgb.txt').write_text('# nothing\nhello there\n')
    with pytest.raises(InputError, match='names no image'):
        play(folder)
    (folder / 'rgb.txt').write_text('1 lost.png\n')
    with pytest.raises(InputError, match='none of the 1 colour image'):
        play(folder)


@pytest.mark.parametrize('colour, depth', [
    ('rgb/{:04d}.png', 'depth/{:04d}.png'), ('color/{}.jpg', 'depth/{}.png'),
    ('frame-{:06d}.color.png', 'frame-{:06d}.depth.png'), ('rgb_{}.png', 'depth_{}.png'),
    ('{:03d}_rgb.png', '{:03d}_depth.tiff'), ('image/a{}.png', 'depth/b{}.png'),
    ('Color/{:04d}.PNG', 'Depth/{:04d}.PNG')])
def test_plain_folders_are_paired_by_name(colour, depth, tmp_path):
    for number in range(12):
        write_colour(tmp_path / colour.format(number), number)
        write_depth(tmp_path / depth.format(number), 1000, wall=WALL + number)
    (tmp_path / 'camera.json').write_text(
        '{"fx": 50, "fy": 50, "cx": 32, "cy": 24, "rate": 10, "depth_unit": "mm"}')
    frames, told, skipped = play(tmp_path)
    assert [round(frame.rgb[0, 0, 0] / 10) for frame in frames] == list(range(12))
    assert distances(frames) == [WALL + number for number in range(12)]
    assert frames[1].stamp == 10**8 and frames[0].intrinsics.fx == 50
    assert (len(told), skipped) == ('image/' in colour, 0)


def test_images_beside_a_camera_json_need_no_depth(tmp_path):
    for number in range(3):
        write_colour(tmp_path / f'IMG_{number}.png', number)
    (tmp_path / 'camera.json').write_text('{"fx": 50, "fy": 50, "cx": 32, "cy": 24}')
    frames, told, _ = play(tmp_path)
    assert [frame.intrinsics.fx for frame in frames] == [50] * 3
    assert told == []


def test_colour_without_fitting_depth_is_played_without(tmp_path):
    for number in range(3):
        write_colour(tmp_path / 'rgb' / f'a{number}.png', number)
    write_depth(tmp_path / 'depth' / 'b0.png', 1000)
    frames, told, _ = play(tmp_path)
    assert distances(frames) == [None] * 3
    assert 'no name of a depth image fits' in told[0]


@pytest.mark.parametrize('stated, per_metre, dtype', [
    ({'depth_unit': 'mm'}, 1000, np.uint16), ({'depth_unit': '0.25 mm'}, 4000, np.uint16),
    ({'depth_unit': 'm'}, 1, np.float32), ({'depth_unit': 'mm'}, 1000, np.float32),
    ({'depth_unit': 0.0001}, 10000, np.uint16), ({'depth_units': 0.00025}, 4000, np.uint16),
    ({'depth_scale': 5000}, 5000, np.uint16), ({'depth_scale': 0.001}, 1000, np.uint16),
    ({'DepthMapFactor': 5000.0}, 5000, np.uint16),
    ({'png_depth_scale': 6553.5}, 6553.5, np.uint16),
    ({'depth': 'uint16, 0.1 millimetres'}, 10000, np.uint16),
    ({'depth': {'unit': 'cm'}}, 100, np.uint16), ({'depth': 'float metres'}, 1, np.float32),
])
def test_the_stated_unit_of_depth_counts(stated, per_metre, dtype, tmp_path):
    suffix = 'png' if dtype == np.uint16 else 'tiff'
    write_colour(tmp_path / '000_rgb.png', 0)
    write_depth(tmp_path / f'000_depth.{suffix}', per_metre, dtype)
    (tmp_path / 'camera.json').write_text(
        json.dumps({'fx': 50, 'fy': 50, 'cx': 32, 'cy': 24, **stated}))
    frames, told, _ = play(tmp_path)
    assert distances(frames) == [pytest.approx(WALL, abs=0.001)]
    assert told == []


@pytest.mark.parametrize('per_metre, dtype, wall, as_what', [
    (1000, np.uint16, 1.5, 'millimetres (half of it is nearer than 1.50 m)'),
    (5000, np.uint16, 2.0, '1/5000 m as in TUM RGB-D, since as millimetres half would lie beyond '
     '10.0 m'),
    (1, np.float32, 1.5, 'metres, as floats mostly are'),
    (1000, np.float32, 1.5, 'millimetres, since half of the floats are above 1500')])
def test_an_unstated_unit_is_guessed_with_a_word(per_metre, dtype, wall, as_what, tmp_path):
    suffix = 'png' if dtype == np.uint16 else 'tiff'
    for number in range(9):
        write_colour(tmp_path / f'{number:03d}_rgb.png', number)
        write_depth(tmp_path / f'{number:03d}_depth.{suffix}', per_metre, dtype, wall)
    frames, told, _ = play(tmp_path)
    assert distances(frames) == [wall] * 9
    assert [as_what in line for line in told] == [False, True]


@pytest.mark.parametrize('stated', [
    {'depth_unit': 'furlong'}, {'depth_unit': 0}, {'depth_scale': -1}, {'depth_unit': None},
    {'depth_scale': True}, {'depth_unit': '0 mm'}])
def test_a_unit_that_is_none_is_refused(stated, tmp_path):
    write_colour(tmp_path / '000_rgb.png', 0)
    (tmp_path / 'camera.json').write_text(json.dumps(stated))
    with pytest.raises(InputError, match='camera.json: depth_') as refusal:
        play(tmp_path)
    assert '\n' not in str(refusal.value)


def test_many_broken_files_make_one_line_and_a_count(tmp_path):
    for number in range(20):
        write_colour(tmp_path / f'{number:03d}_rgb.png', number)
        (tmp_path / f'{number:03d}_depth.png').write_bytes(b'none')
        if number % 2:
            (tmp_path / f'{number:03d}_rgb.png').write_bytes(b'none')
    frames, told, skipped = play(tmp_path)
    assert (len(frames), skipped) == (10, 10)
    lines = [line for line in told if 'camera.json' not in line]
    assert len(lines) == 4
    assert sum('10 were left out in all' in line for line in lines) == 2


def test_depth_as_text_is_refused_with_what_to_take_instead(tmp_path):
    write_colour(tmp_path / 'scene_00_0000.png', 0)
    (tmp_path / 'scene_00_0000.depth').write_text('1.0 1.0')
    with pytest.raises(InputError, match='TUM RGB-D compatible'):
        play(tmp_path)
