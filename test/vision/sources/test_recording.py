# SPDX-License-Identifier: Apache-2.0
"""Recordings are played with their depth and stamps; what is broken is named and left out."""

from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
import numpy as np
import pytest

WIDTH, HEIGHT = 64, 48


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Write four frames, of which number 2 has no depth."""
    for number in range(4):
        write_colour(tmp_path / f'{number:03d}_rgb.png', number)
        if number != 2:
            write_depth(tmp_path / f'{number:03d}_depth.png', 1000 + number)
    (tmp_path / 'camera.json').write_text(
        '{"fx": 52.5, "fy": 52.5, "cx": 31.5, "cy": 23.5, "rate": 10, '
        '"depth_unit": "mm"}')
    return tmp_path


def write_colour(path: Path, number: int) -> None:
    """Write a red image, redder for higher numbers."""
    cv2.imwrite(str(path), np.full((HEIGHT, WIDTH, 3), (0, 0, 10 * number), np.uint8))


def write_depth(path: Path, millimetres: int, dtype: type = np.uint16) -> None:
    """Write a wall."""
    cv2.imwrite(str(path), np.full((HEIGHT, WIDTH), millimetres, dtype))


def play(folder: Path) -> tuple[list[Frame], list[str], int]:
    """Return the frames, all warnings and how many frames were skipped."""
    with open_source(f'recording:{folder}') as source:
        frames, warnings = [], source.take_warnings()
        while (frame := source.read()) is not None:
            frames.append(frame)
            warnings += source.take_warnings()
        return frames, warnings + source.take_warnings(), source.skipped


def test_a_folder_plays_colour_with_its_depth(folder):
    frames, warnings, skipped = play(folder)
    assert [frame.rgb[0, 0].tolist() for frame in frames] == [[10 * n, 0, 0] for n in range(4)]
    assert [frame.stamp / 1e9 for frame in frames] == pytest.approx([0.0, 0.1, 0.2, 0.3])
    assert [None if frame.depth is None else int(frame.depth[5, 5]) for frame in frames] == [
        1000, 1001, None, 1003]
    assert frames[0].depth.dtype == np.uint16
    assert {frame.intrinsics for frame in frames} == {Intrinsics(52.5, 52.5, 31.5, 23.5)}
    assert (frames[3].name, warnings, skipped) == ('003_rgb.png', [], 0)


def test_it_is_a_file_with_a_rate(folder):
    with open_source(f'recording:{folder}') as source:
        assert (source.kind, source.live, source.stills) == ('recording', False, False)
        assert source.frame_rate == pytest.approx(10.0)


def test_stamps_txt_rules_which_frames_there_are_and_when(folder):
    stamps = [1_700_000_000_123_456_789 + 40_000_001 * number for number in range(3)]
    (folder / 'stamps.txt').write_text(
        ''.join(f'{number:03d} {stamp}\n' for number, stamp in enumerate(stamps)) + '003 17000')
    frames, warnings, skipped = play(folder)
    assert [frame.stamp for frame in frames] == stamps
    assert (warnings, skipped) == ([], 0)
    with open_source(f'recording:{folder}') as source:
        assert source.frame_rate == pytest.approx(25.0, rel=1e-4)


@pytest.mark.parametrize('camera, intrinsics', [
    ('{"K": [5, 0, 3, 0, 6, 4, 0, 0, 1]}', Intrinsics(5, 6, 3, 4)),
    ('{"intrinsics": {"fx": 5, "fy": 6, "cx": 3, "cy": 4}}', Intrinsics(5, 6, 3, 4)),
    ('{"intrinsics": [[5, 0, 3], [0, 6, 4], [0, 0, 1]]}', Intrinsics(5, 6, 3, 4)),
    ('{"K": [5, 0, 0, 0, 6, 0, 3, 4, 1]}', Intrinsics(5, 6, 3, 4)),
    ('{"camera_matrix": {"rows": 3, "data": [5, 0, 3, 0, 6, 4, 0, 0, 1]}}',
     Intrinsics(5, 6, 3, 4)),
    ('{"frames": {"000": [[5, 0, 3, 0, 6, 4, 0, 0, 1], [1], [0]]}}', Intrinsics(5, 6, 3, 4)),
    ('{"frames": {"000": {"T": [[1, 2]]}}, "note": "by hand"}', None),
])
def test_every_form_of_camera_json_is_understood(camera, intrinsics, folder):
    (folder / 'camera.json').write_text(camera)
    frames, warnings, _ = play(folder)
    assert frames[0].intrinsics == intrinsics
    assert [('no position' in line) for line in warnings] == [True, False][intrinsics is not None:]
    assert 'does not state the unit of depth: it counts as millimetres' in warnings[-1]


def test_without_camera_json_it_plays_at_30_hz_and_says_so(folder):
    (folder / 'camera.json').unlink()
    frames, warnings, _ = play(folder)
    assert frames[3].stamp / 1e9 == pytest.approx(0.1)
    assert frames[0].intrinsics is None
    assert len(warnings) == 2 and 'camera.json is missing' in warnings[0]
    assert 'unit of depth: it counts as millimetres (half of it is nearer than 1.00' in warnings[1]


@pytest.mark.parametrize('damage, told', [
    (lambda path: path.write_bytes(path.read_bytes()[:60]), 'damaged'),
    (lambda path: path.write_bytes(b''), 'damaged'),
    (lambda path: write_depth(path, 200, np.uint8), '8 bit'),
    (lambda path: cv2.imwrite(str(path), np.ones((24, 32), np.uint16)), '32x24 px'),
])
def test_broken_depth_costs_only_the_depth(damage, told, folder):
    damage(folder / '001_depth.png')
    frames, warnings, skipped = play(folder)
    assert [frame.depth is None for frame in frames] == [False, True, True, False]
    warning, = warnings
    assert told in warning and '001_depth.png' in warning
    assert skipped == 0


def test_a_broken_colour_image_is_named_counted_and_left_out(folder):
    (folder / '001_rgb.png').write_bytes(b'no image')
    frames, warnings, skipped = play(folder)
    assert [frame.name for frame in frames] == ['000_rgb.png', '002_rgb.png', '003_rgb.png']
    assert skipped == 1
    assert len(warnings) == 1 and '001_rgb.png' in warnings[0]


@pytest.mark.parametrize('content, told', [
    ({}, 'holds no recording'),
    ({'a.png': b'', 'rgb.png': b''}, 'holds no recording'),
    ({'000_rgb.png': b''}, 'none of the 1 colour image'),
    ({'000_rgb.png': b'', 'stamps.txt': b''}, 'is empty'),
    ({'000_rgb.png': b'', 'stamps.txt': b'one two\n'}, 'no frame number and stamp'),
    ({'000_rgb.png': b'', 'camera.json': b'{"fx"'}, 'no JSON'),
    ({'000_rgb.png': b'', 'camera.json': b'[1]'}, 'no JSON object'),
    ({'000_rgb.png': b'', 'camera.json': b'{"rate": 0}'}, 'rate of 0 Hz'),
    ({'000_rgb.png': b'', 'camera.json': b'{"fx": 0, "fy": 1, "cx": 1, "cy": 1}'}, 'no numbers'),
    ({'INDEX.txt': b'a-1.0-2.dump\n', 'a-1.0-2.dump': b''}, 'no colour image'),
])
def test_a_folder_that_is_no_recording_is_refused_in_one_line(content, told, tmp_path):
    for name, data in content.items():
        (tmp_path / name).write_bytes(data)
    with pytest.raises(InputError, match=told) as refusal:
        open_source(f'recording:{tmp_path}')
    assert str(tmp_path) in str(refusal.value) and '\n' not in str(refusal.value)


@pytest.mark.parametrize('name', ['nowhere', 'file'])
def test_what_is_no_folder_is_refused(name, tmp_path):
    (tmp_path / 'file').write_text('')
    told = {'nowhere': 'there is no folder .*nowhere', 'file': 'file is no folder'}[name]
    with pytest.raises(InputError, match=told):
        open_source(f'recording:{tmp_path / name}')


def test_research_data_is_played(shared_data):
    frames, warnings, skipped = play(shared_data / 'rgbd' / 'uva_a1_person')
    assert (len(frames), len(warnings), skipped) == (100, 1, 0)
    assert 'it counts as millimetres (half of it is nearer than 2.60 m)' in warnings[0]
    assert frames[0].intrinsics == Intrinsics(525.0, 525.0, 320.0, 240.0)
    face = frames[0].depth[110:210, 290:380]
    assert np.median(face[face > 0]) == pytest.approx(850, abs=60)
