# SPDX-License-Identifier: Apache-2.0
"""`emorec watch VIDEO...`: a table and a page of many files."""

import csv
from pathlib import Path
import signal
import subprocess

import cv2
from emorec_cli.main import main
from live_harness import EMOREC
import numpy as np
from patience import PATIENCE
from patience import wait_until
import pytest


def write_clip(path: Path, astronaut: np.ndarray, frames: int) -> Path:
    """Write a clip of the astronaut's face, 10 images a second."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 10.0, (320, 240))
    bgr = cv2.cvtColor(np.ascontiguousarray(astronaut[0:240, 60:380]), cv2.COLOR_RGB2BGR)
    for _ in range(frames):
        writer.write(bgr)
    writer.release()
    return path


def rows_of(path: Path) -> list[dict[str, str]]:
    """Return the rows of a table."""
    with path.open() as file:
        return list(csv.DictReader(file))


def test_a_folder_becomes_one_table_and_one_page(
        tmp_path: Path, astronaut: np.ndarray, capsys: pytest.CaptureFixture[str]) -> None:
    """A line per file; what is no video is told, and ends with 2 after the others."""
    folder = tmp_path / 'talks'
    folder.mkdir()
    write_clip(folder / 'b.avi', astronaut, 30)
    write_clip(folder / 'a.avi', astronaut, 30)
    (folder / 'c.mp4').write_text('no')
    (folder / 'notes.txt').write_text('no video')
    table, page = tmp_path / 't.csv', tmp_path / 'p.html'
    assert main(['watch', str(folder), '--csv', str(table), '--report', str(page)]) == 2
    told = capsys.readouterr()
    assert [line.split(': ')[1] for line in told.out.splitlines()] == ['30 images, 1 face'] * 2
    assert 'c.mp4 is no video' in told.err and 'notes' not in told.err
    rows = rows_of(table)
    assert {(row['file'], row['track_id']) for row in rows} == {
        (str(folder / 'a.avi'), 'a 1'), (str(folder / 'b.avi'), 'b 1')}
    assert rows[-1]['emotion'] == rows[-1]['confirmed'] == 'Happy'
    assert 'a 1' in page.read_text()
    assert not list(tmp_path.glob('*.parts'))


def test_faces_of_files_of_one_name_are_told_apart(
        tmp_path: Path, astronaut: np.ndarray) -> None:
    """Two people are not one because their files are called alike; one file needs no name."""
    clips = [tmp_path / folder / 'talk.avi' for folder in ('monday', 'tuesday')]
    for clip in clips:
        clip.parent.mkdir()
        write_clip(clip, astronaut, 10)
    table = tmp_path / 't.csv'
    assert main(['watch', *map(str, clips), '--csv', str(table), '--jobs', '1']) == 0
    assert {row['track_id'] for row in rows_of(table)} == {f'{clip} 1' for clip in clips}
    assert main(['watch', str(clips[0]), '--csv', str(table)]) == 0
    assert {(row['file'], row['track_id']) for row in rows_of(table)} == {(str(clips[0]), '1')}


def test_a_killed_run_goes_on_where_it_was(tmp_path: Path, astronaut: np.ndarray) -> None:
    """With the same table in the end, and no process left behind."""
    short = write_clip(tmp_path / 'short.avi', astronaut, 30)
    long = write_clip(tmp_path / 'long.avi', astronaut, 4000)
    table = tmp_path / 't.csv'
    command = [str(EMOREC), 'watch', str(short), str(long), '--csv', str(table), '--jobs', '2']
    run = subprocess.Popen(command, stderr=subprocess.PIPE)
    kept = Path(f'{table}.parts')
    wait_until(lambda: list(kept.glob('[0-9a-f]*.json')))
    run.kill()
    run.communicate(timeout=PATIENCE)  # until none of its processes holds the pipe any more
    assert not table.exists()
    write_clip(long, astronaut, 20)
    again = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    assert again.returncode == 0, again.stderr
    assert 'going on: 1 of 2 parts are there already' in again.stderr
    assert {row['file'] for row in rows_of(table)} == {str(short), str(long)}
    assert not kept.exists()


def test_ctrl_c_says_where_it_goes_on(tmp_path: Path, astronaut: np.ndarray) -> None:
    """Status 130, and no half table."""
    short = write_clip(tmp_path / 'short.avi', astronaut, 5)
    long = write_clip(tmp_path / 'long.avi', astronaut, 4000)
    run = subprocess.Popen(
        [str(EMOREC), 'watch', str(short), str(long), '--csv', 't.csv', '--jobs', '1'],
        cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: list(tmp_path.glob('t.csv.parts/*.json')))
    run.send_signal(signal.SIGTERM)
    _, said = run.communicate(timeout=PATIENCE)
    assert run.returncode == 130
    assert said.endswith('stopped; the same command goes on where it was\n')
    assert not (tmp_path / 't.csv').exists()


@pytest.mark.parametrize('arguments, complaint', [
    (['a.avi', '--source', 'demo'], '--source and --duration do not go with VIDEO...'),
    (['--jobs', '2', '--source', 'demo'], '--jobs is for VIDEO...'),
    (['.'], 'there is no video to read'), (['a.avi', '--jobs', '0'], '--jobs')])
def test_what_does_not_fit_is_one_line(
        arguments: list[str], complaint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """With status 2."""
    monkeypatch.chdir(tmp_path)
    try:
        status = main(['watch', *arguments])
    except SystemExit as end:
        status = end.code
    assert status == 2
    assert complaint in capsys.readouterr().err
