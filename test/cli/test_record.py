# SPDX-License-Identifier: Apache-2.0
"""`emorec record` of a source: whole frames whatever happens, and one line for every mistake."""

from pathlib import Path
import signal
import subprocess
import sys
from time import sleep

import cv2
from emorec_cli.main import main
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
import numpy as np
from patience import wait_until
import pytest


def frames_of(folder: Path) -> list[Frame]:
    """Play a recording, in which nothing may be broken."""
    with open_source(f'recording:{folder}') as source:
        frames = []
        while (frame := source.read()) is not None:
            frames.append(frame)
        assert (source.skipped, source.take_warnings()) == (0, [])
        return frames


@pytest.fixture
def recorder(tmp_path):
    """Start `emorec record` of the demo scene as a process; it never outlives the test."""
    processes = []

    def start(*arguments: str) -> subprocess.Popen:
        processes.append(subprocess.Popen(
            [sys.executable, '-m', 'emorec_cli.main', 'record', str(tmp_path / 'new'),
             '--source', 'demo', *arguments],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True))
        stamps = tmp_path / 'new' / 'stamps.txt'
        wait_until(lambda: stamps.exists() and stamps.read_text().count('\n') >= 5)
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_kill_9_loses_at_most_the_last_frame(recorder, tmp_path):
    recorder().kill()
    sleep(0.1)
    written = len(list((tmp_path / 'new').glob('[0-9]*_rgb.ppm')))
    frames = frames_of(tmp_path / 'new')
    assert written - 1 <= len(frames) <= written
    assert all(frame.depth is not None for frame in frames)
    assert all(frame.rgb.shape == (480, 640, 3) for frame in frames)
    assert all(later.stamp > earlier.stamp for earlier, later in zip(frames, frames[1:]))


def test_told_to_stop_it_ends_in_order(recorder, tmp_path):
    process = recorder()
    process.send_signal(signal.SIGTERM)
    said, complaints = process.communicate()
    assert (process.returncode, complaints) == (0, '')
    frames = frames_of(tmp_path / 'new')
    assert f'recorded {len(frames)} frames ({len(frames)} with depth)' in said
    assert f'emorec live --source recording:{tmp_path / "new"}' in said
    assert not list((tmp_path / 'new').glob('.*'))


@pytest.fixture
def clip(tmp_path):
    """Write a clip of ten frames of 64x48 px, 25 a second."""
    path = tmp_path / 'clip.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25.0, (64, 48))
    for number in range(10):
        writer.write(np.full((48, 64, 3), 20 * number, np.uint8))
    writer.release()
    return path


def test_a_video_is_recorded_whole_with_its_own_times(clip, tmp_path, capsys):
    assert main(['record', str(tmp_path / 'new'), '--source', f'video:{clip}']) == 0
    assert 'recorded 10 frames (0 with depth), 0.4 s' in capsys.readouterr().out
    stamps = [round(25 * frame.stamp / 1e9) for frame in frames_of(tmp_path / 'new')]
    assert stamps == list(range(10))
    assert main(['record', str(tmp_path / 'half'), '--source', f'recording:{tmp_path / "new"}',
                 '--duration', '0.2']) == 0
    assert len(frames_of(tmp_path / 'half')) == 6


def test_a_size_is_an_end_and_a_full_disk_an_error(clip, tmp_path, capsys, monkeypatch):
    source = ['--source', f'video:{clip}']
    assert main(['record', str(tmp_path / 'small'), *source, '--max-gb', '3e-5']) == 0
    assert len(frames_of(tmp_path / 'small')) == 4
    free = iter([3e9, 2e9, 1.5e9] + 100 * [0.5e9])
    monkeypatch.setattr('shutil.disk_usage', lambda _: type('Usage', (), {'free': next(free)}))
    assert main(['record', str(tmp_path / 'full'), *source]) == 2
    error, = capsys.readouterr().err.splitlines()
    assert 'full has 500 MB free, of which 1000 MB are kept' in error
    assert 0 < len(frames_of(tmp_path / 'full')) < 10


@pytest.mark.parametrize('arguments, told', [
    (['--source', 'telepathy'], "'telepathy' is no source"),
    (['--source', 'video:nowhere.mp4'], 'nowhere.mp4'),
    (['--keep-free', '1e9'], '--keep-free'),
])
def test_bad_input_is_one_line_and_leaves_no_folder(arguments, told, tmp_path, capsys):
    assert main(['record', str(tmp_path / 'new'), *arguments]) == 2
    error, = capsys.readouterr().err.splitlines()
    assert told in error
    assert not (tmp_path / 'new').exists()


def test_a_folder_with_something_in_it_is_left_alone(tmp_path, capsys):
    (tmp_path / '000000_rgb.ppm').write_text('precious')
    assert main(['record', str(tmp_path), '--source', 'demo']) == 2
    assert 'is not empty' in capsys.readouterr().err
    assert [path.read_text() for path in tmp_path.iterdir()] == ['precious']
