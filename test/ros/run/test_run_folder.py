# SPDX-License-Identifier: Apache-2.0
"""The folders of runs, and what dead ones left behind."""

import os
from pathlib import Path
import subprocess
import sys
import tempfile

from emorec_ros.run.run_folder import remove_dead_folders
from emorec_ros.run.run_folder import run_folder
from patience import wait_until
import pytest


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let this folder stand for /tmp."""
    monkeypatch.setattr(tempfile, 'tempdir', str(tmp_path))
    return tmp_path


def age(folder: Path) -> Path:
    """Let a folder look like one of a run, and old."""
    (folder / 'fastdds.xml').touch()
    os.utime(folder, (0, 0))
    return folder


def left_behind(name: str, temporary: Path) -> Path:
    """Return the folder of a run that nobody removed."""
    folder = temporary / name
    folder.mkdir()
    return age(folder)


@pytest.mark.parametrize('name', ['emorec_abc', 'emorec_launch_abc'])
def test_what_a_dead_run_left_behind_is_removed(name: str, temporary: Path) -> None:
    """The names of people are in its logs."""
    left_behind(name, temporary)
    assert remove_dead_folders() == 1
    assert list(temporary.iterdir()) == []


def test_the_folder_of_a_living_run_is_private_stays_and_goes_with_it(temporary: Path) -> None:
    """Whatever its age."""
    with run_folder() as folder:
        age(folder)
        assert folder.stat().st_mode & 0o777 == 0o700
        assert remove_dead_folders() == 0
        assert folder.is_dir()
    assert list(temporary.iterdir()) == []


def test_a_folder_that_a_living_process_names_stays(temporary: Path) -> None:
    """Such as that of a run from before there were locks."""
    folder = left_behind('emorec_old', temporary)
    process = subprocess.Popen(
        [sys.executable, '-S', '-c', 'import time; time.sleep(60)', f'{folder}/parameters.yaml'])
    try:
        wait_until(lambda: str(folder) in Path(f'/proc/{process.pid}/cmdline').read_text())
        assert remove_dead_folders() == 0
    finally:
        process.kill()
        process.wait()
    assert remove_dead_folders() == 1


def test_nothing_else_is_touched(temporary: Path) -> None:
    """Young folders, those of others, files, and links to elsewhere."""
    (temporary / 'emorec_young').mkdir()
    (temporary / 'emorec_young' / 'fastdds.xml').touch()
    left_behind('another', temporary)
    (temporary / 'emorec_file').touch()
    (temporary / 'emorec_foreign').mkdir()
    os.utime(temporary / 'emorec_foreign', (0, 0))
    (temporary / 'emorec_link').symlink_to(temporary / 'another')
    before = sorted(temporary.iterdir())
    assert remove_dead_folders() == 0
    assert sorted(temporary.iterdir()) == before
