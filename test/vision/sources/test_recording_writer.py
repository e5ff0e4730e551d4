# SPDX-License-Identifier: Apache-2.0
"""What is written plays again bit for bit; nothing is overwritten and the disk is not filled."""

import errno
import os
from pathlib import Path

from emorec_vision.distortion import Distortion
from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
from emorec_vision.sources.recording.writer import RecordingWriter
import numpy as np
import pytest

START = 1_700_000_000_123_456_789
STEP = 33_333_333
LENS = Distortion('plumb_bob', (0.1, -0.2, 0.0, 0.001, 0.0))
RANDOM = np.random.default_rng(3)
FRAMES = [Frame(RANDOM.integers(0, 256, (48, 64, 3), np.uint8),
                depth=None if number == 2 else RANDOM.integers(0, 60000, (48, 64), np.uint16),
                intrinsics=Intrinsics(52.5, 52.5, 31.5, 23.5, LENS)) for number in range(4)]


def write(folder: Path) -> RecordingWriter:
    """Write the frames."""
    writer = RecordingWriter(folder, keep_free=0)
    for number, frame in enumerate(FRAMES):
        assert writer.add(frame, START + number * STEP)
    writer.close()
    return writer


def read(folder: Path) -> list[Frame]:
    """Play the folder."""
    with open_source(f'recording:{folder}') as source:
        frames = []
        while (frame := source.read()) is not None:
            frames.append(frame)
        assert (source.skipped, source.take_warnings()) == (0, [])
        return frames


def test_what_was_written_plays_again_bit_for_bit_at_the_same_stamps(tmp_path):
    writer = write(tmp_path / 'new' / 'recording')
    played = read(tmp_path / 'new' / 'recording')
    assert [frame.stamp for frame in played] == [START + n * STEP for n in range(4)]
    for frame, sent in zip(played, FRAMES):
        assert np.array_equal(frame.rgb, sent.rgb)
        assert (frame.depth is None) == (sent.depth is None)
        assert sent.depth is None or np.array_equal(frame.depth, sent.depth)
        assert frame.intrinsics == sent.intrinsics
    assert (writer.frames, writer.with_depth) == (4, 3)
    assert writer.seconds == pytest.approx(0.1)
    assert writer.bytes == sum(
        path.stat().st_size for path in writer.folder.iterdir() if path.name != 'stamps.txt')
    assert writer.folder.stat().st_mode & 0o077 == 0


def test_a_frame_that_is_no_later_than_the_last_is_not_written_again(tmp_path):
    writer = RecordingWriter(tmp_path, keep_free=0)
    assert [writer.add(FRAMES[0], stamp) for stamp in (5, 5, 4, 6)] == [True, False, False, True]
    writer.close()
    assert len(read(tmp_path)) == 2


def test_intrinsics_that_come_late_are_in_camera_json(tmp_path):
    writer = RecordingWriter(tmp_path, keep_free=0)
    writer.add(Frame(FRAMES[0].rgb), 1)
    writer.add(FRAMES[0], 2)
    writer.add(Frame(FRAMES[0].rgb), 3)
    writer.close()
    assert {frame.intrinsics for frame in read(tmp_path)} == {FRAMES[0].intrinsics}


@pytest.mark.parametrize('name', ['stamps.txt', '.hidden', 'notes'])
def test_a_folder_that_holds_something_is_never_written_to(name, tmp_path):
    (tmp_path / name).write_text('precious')
    with pytest.raises(InputError, match='is not empty'):
        RecordingWriter(tmp_path, keep_free=0)
    assert [path.read_text() for path in tmp_path.iterdir()] == ['precious']


def test_a_file_is_no_folder_to_write_to(tmp_path):
    (tmp_path / 'file').write_text('')
    with pytest.raises(InputError, match='file is no folder'):
        RecordingWriter(tmp_path / 'file', keep_free=0)
    with pytest.raises(InputError, match='cannot make the folder'):
        RecordingWriter(tmp_path / 'file' / 'below', keep_free=0)


def test_the_disk_is_not_filled(tmp_path):
    free = iter([10_000_000, 9_000_000, 4_000_000])
    writer = RecordingWriter(tmp_path, keep_free=5_000_000, free_space=lambda _: next(free))
    assert not writer.lack_of_room
    assert '4 MB free, of which 5 MB are kept' in writer.lack_of_room
    writer.close()


def test_a_full_disk_is_told_before_anything_is_written(tmp_path):
    with pytest.raises(InputError, match='--keep-free'):
        RecordingWriter(tmp_path / 'new', keep_free=10, free_space=lambda _: 9)
    assert not (tmp_path / 'new').exists()


def test_the_largest_size_ends_it(tmp_path):
    writer = RecordingWriter(tmp_path, keep_free=0, largest=10_000)
    writer.add(Frame(FRAMES[0].rgb[:24]), 1)
    assert not writer.is_large_enough
    writer.add(FRAMES[0], 2)
    assert writer.is_large_enough
    writer.close()


def test_nothing_recorded_leaves_nothing(tmp_path):
    RecordingWriter(tmp_path / 'new', keep_free=0).close()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize('room', [0, 100, 4_000, 12_000, 20_500, 20_520])
def test_a_frame_that_has_no_room_leaves_nothing(tmp_path, monkeypatch, room):
    """The disk gives in after so many bytes, within a line of stamps.txt too."""
    folder, left, write_to = tmp_path / 'recording', [room], os.write

    def full(descriptor: int, data: bytes) -> int:
        if not left[0]:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written = write_to(descriptor, bytes(data)[:left[0]])
        left[0] -= written
        return written

    writer = RecordingWriter(folder, keep_free=0)
    with monkeypatch.context() as patch:
        patch.setattr(os, 'write', full)
        with pytest.raises(OSError, match='No space left on device'):
            for number, frame in enumerate(FRAMES):
                writer.add(frame, START + number * STEP)
    whole = writer.frames
    writer.close()
    assert folder.exists() == bool(whole)
    if whole:
        assert len(read(folder)) == whole
        assert [path.name for path in folder.iterdir() if path.name[:6] == f'{whole:06}'] == []
        assert not list(folder.glob('.*'))
