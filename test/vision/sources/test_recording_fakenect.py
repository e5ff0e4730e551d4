# SPDX-License-Identifier: Apache-2.0
"""Dumps of fakenect-record are played as the Kinect saw them."""

from pathlib import Path

from emorec_vision.sources import open_source
from emorec_vision.sources.kinect.depth import raw_to_millimetres
from emorec_vision.sources.kinect.depth import register_depth
import numpy as np
import pytest

TICKS = 2_000_000
"""Of the device's clock between two frames at 30 Hz."""
RAW = np.full((480, 640), 2047, '<u2')
RAW[:, 100:500] = 1000
RAW[150:300, 250:400] = 700


def write_dump(folder: Path, colour_ticks: list[int], depth_ticks: list[int]) -> Path:
    """Write a dump as fakenect-record does, with an accelerometer file before each frame."""
    names = []
    for kind, ticks in sorted([('r', t) for t in colour_ticks] + [('d', t) for t in depth_ticks],
                              key=lambda item: item[1]):
        stem = f'{kind}-{1e9 + ticks / 6e7:.6f}-{ticks % 2 ** 32}'
        names += [f'a-{stem[2:]}.dump', stem + ('.ppm' if kind == 'r' else '.pgm')]
        (folder / names[-2]).write_bytes(bytes(12))
        if kind == 'r':
            pixels = np.full((480, 640, 3), (len(names), 20, 30), np.uint8)
            (folder / names[-1]).write_bytes(b'P6 640 480 255\n' + pixels.tobytes())
        else:
            (folder / names[-1]).write_bytes(b'P5 640 480 65535\n' + RAW.tobytes())
    (folder / 'INDEX.txt').write_text('\n'.join(names) + '\n')
    return folder


def read_all(folder: Path) -> tuple[list, list[str], int]:
    """Return frames, warnings and how many were skipped."""
    with open_source(f'recording:{folder}') as source:
        frames = []
        while (frame := source.read()) is not None:
            frames.append(frame)
        return frames, source.take_warnings(), source.skipped


def test_depth_is_in_millimetres_and_lies_on_the_colour_image(tmp_path):
    frames, warnings, skipped = read_all(write_dump(tmp_path, [0], [9000]))
    frame, = frames
    assert frame.rgb[0, 0, 1:].tolist() == [20, 30]
    assert np.array_equal(frame.depth, register_depth(raw_to_millimetres(RAW)))
    assert frame.depth[225, 325] == 887
    assert set(np.unique(frame.depth)) == {0, 887, 3864}
    assert frame.intrinsics.fx == 525.0
    assert (warnings, skipped) == ([], 0)


@pytest.mark.parametrize('start', [1000, 2 ** 32 - 3 * TICKS])
def test_pairs_are_made_by_the_device_clock_which_wraps(start, tmp_path):
    colour = [start + number * TICKS for number in range(6)]
    depth = [colour[0] + 500_000, colour[1] - 600_000, colour[3] + 900_000, colour[5] + 1_100_000]
    frames, _, _ = read_all(write_dump(tmp_path, colour, depth))
    assert [frame.depth is not None for frame in frames] == [True, True, False, True, False, False]
    assert [frame.stamp / 1e9 for frame in frames] == pytest.approx(
        [number / 30 for number in range(6)], abs=1e-8)
    with open_source(f'recording:{tmp_path}') as source:
        assert source.frame_rate == pytest.approx(30.0)


def test_what_a_killed_recorder_left_is_named_and_left_out(tmp_path):
    write_dump(tmp_path, [0, TICKS, 2 * TICKS], [0, TICKS, 2 * TICKS])
    colour = sorted(tmp_path.glob('r-*.ppm'))
    depth = sorted(tmp_path.glob('d-*.pgm'))
    colour[2].write_bytes(colour[2].read_bytes()[:5000])
    depth[1].write_bytes(b'P5 640')
    depth[0].unlink()
    frames, warnings, skipped = read_all(tmp_path)
    assert [frame.depth for frame in frames] == [None, None]
    assert skipped == 1
    assert len(warnings) == 3
    for path, told in ((depth[0], 'is missing'), (depth[1], 'without depth'),
                       (colour[2], 'cut short')):
        assert [told in line for line in warnings if path.name in line] == [True]


def test_a_dump_without_its_index_is_played_in_the_order_of_time(tmp_path):
    write_dump(tmp_path, [0, TICKS], [0, TICKS])
    (tmp_path / 'INDEX.txt').unlink()
    frames, warnings, _ = read_all(tmp_path)
    assert [frame.depth is not None for frame in frames] == [True, True]
    assert 'INDEX.txt is missing' in warnings[0]


def test_stamps_increase_whatever_the_device_says(tmp_path):
    write_dump(tmp_path, [0, TICKS, 2 * TICKS], [])
    lines = (tmp_path / 'INDEX.txt').read_text().split()
    names = [line for line in lines if line.startswith('r-')]
    (tmp_path / 'INDEX.txt').write_text('\n'.join([names[1], names[0], names[2]]))
    frames, _, _ = read_all(tmp_path)
    stamps = [frame.stamp for frame in frames]
    assert len(stamps) == 3 and stamps == sorted(set(stamps))
