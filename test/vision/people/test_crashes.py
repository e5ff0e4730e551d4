# SPDX-License-Identifier: Apache-2.0
"""Whatever ends a program while people are changed, the old or the new state remains."""

from collections.abc import Callable
import errno
import os
from pathlib import Path
import resource
import shutil
import signal
import subprocess
import sys
import time

from emorec_vision.errors import InputError
from emorec_vision.people.folder import load_people
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.people.store import PeopleStore
from people_folders import hidden
from people_folders import levels
from people_folders import photos
from people_folders import portraits
import pytest

CHANGES = ('rename', 'replace', 'fsync', 'unlink', 'rmdir', 'mkdir')
"""Functions of os through which a folder changes."""
TAKE_ROOM = ('rename', 'replace', 'fsync', 'mkdir', 'write')
"""Those that a full disk may refuse."""
FULL = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
ADD_AND_FORGET = """
from emorec_vision.people.store import PeopleStore
import numpy as np
from pathlib import Path
import sys
people = PeopleStore(Path(sys.argv[1]))
photos = [np.full((150, 150), level, np.uint8) for level in (1, 2, 3)]
print('started', flush=True)
while True:
    people.add('Ada', photos)
    people.forget('Ada')
"""
OLD = {'Ada': 2, 'Bob': 2}
"""Who is in the folder at first, with how many photos."""


class PowerFailure(BaseException):
    """Stand for the end of the program, wherever it is."""


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder of two people and their model."""
    people = PeopleStore(tmp_path / 'people')
    for seed, name in enumerate(OLD):
        people.add(name, portraits(seed, 2))
    people.train()
    return people.path


@pytest.mark.parametrize('change, new', [
    (lambda people: people.add('Cleo', portraits(2, 2), learn=True),
     {'Ada': 2, 'Bob': 2, 'Cleo': 2}),
    (lambda people: people.forget('Ada'), {'Bob': 2}),
    (lambda people: people.rename('Ada', 'Eve'), {'Eve': 2, 'Bob': 2}),
], ids=['add', 'forget', 'rename'])
def test_a_crash_at_any_step_leaves_the_old_or_the_new_state(
        folder, tmp_path, monkeypatch, change, new):
    seen = []
    finished = False
    while not finished:
        copy = tmp_path / f'copy{len(seen)}'
        shutil.copytree(folder, copy)
        finished = survives(copy, change, len(seen), monkeypatch)
        people = PeopleStore(copy)
        people.read()
        assert people.counts() in (OLD, new) and people.model.names == people.names()
        assert hidden(copy) == []
        if people.names() == ['Bob']:
            assert not any(b'Ada' in path.read_bytes() for path in copy.glob('.model/*'))
        seen.append(people.counts())
        assert len(seen) < 100
    assert OLD in seen and seen[-1] == new


def survives(copy: Path, change: Callable[[PeopleStore], object], steps: int,
             monkeypatch: pytest.MonkeyPatch) -> bool:
    """Change a folder; return whether that took no more than so many steps, or the power fails."""
    with monkeypatch.context() as patch:
        left = [steps]
        for name in CHANGES:
            fail_when_due(patch, name, left)
        try:
            change(PeopleStore(copy))
        except PowerFailure:
            return False
    return True


def fail_when_due(patch: pytest.MonkeyPatch, name: str, left: list[int],
                  error: BaseException = PowerFailure()) -> None:
    """Let a function of os fail when so many changes were made before, and from then on."""
    function = getattr(os, name)

    def failing(*arguments, **named):
        if not left[0]:
            raise error
        left[0] -= 1
        return function(*arguments, **named)
    patch.setattr(os, name, failing)


@pytest.mark.parametrize('change, new', [
    (lambda people: people.add('Cleo', portraits(2, 2), learn=True),
     {'Ada': 2, 'Bob': 2, 'Cleo': 2}),
    (lambda people: people.forget('Ada'), {'Bob': 2}),
    (lambda people: people.rename('Ada', 'Eve'), {'Eve': 2, 'Bob': 2}),
    (lambda people: people.train(), OLD),
], ids=['add', 'forget', 'rename', 'train'])
def test_a_disk_that_is_full_from_any_step_on_leaves_the_old_or_the_new_state_and_says_so(
        folder, tmp_path, monkeypatch, change, new):
    """One line, and never "done" for what is not; all is right again when there is room."""
    step = 0
    while True:
        copy = tmp_path / f'copy{step}'
        shutil.copytree(folder, copy)
        told = []
        people = PeopleStore(copy, warn=told.append)
        with monkeypatch.context() as patch:
            left = [step]
            for name in TAKE_ROOM:
                fail_when_due(patch, name, left, FULL)
            try:
                change(people)
            except InputError as error:
                told.append(str(error))
        read = PeopleStore(copy, warn=pytest.fail)
        read.read()
        assert read.counts() in (OLD, new) and read.model.names == read.names()
        assert hidden(copy) == []
        if not told:
            assert read.counts() == new and not people.learning_failed
            break
        assert len(told) == 1 and 'No space left on device' in told[0] and '\n' not in told[0]
        step += 1
        assert step < 100
    assert step > 5


@pytest.mark.parametrize('recognizer', ['lbph', 'sface'])
def test_no_room_for_the_model_leaves_the_old_one(folder, recognizer):
    """What OpenCV writes by itself is short then, without a word."""
    people = PeopleStore(folder, recognizer=recognizer)
    people.train()
    before = {path: path.read_bytes() for path in (folder / '.model').iterdir()}
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 10, limits[1]))
    try:
        with pytest.raises(InputError, match='cannot write the model of the people: File too'):
            people.train()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {path: path.read_bytes() for path in (folder / '.model').iterdir()} == before


def test_a_crash_while_photos_are_added_keeps_whole_ones_only(folder, monkeypatch):
    left = [3]
    with monkeypatch.context() as patch:
        for name in CHANGES:
            fail_when_due(patch, name, left)
        with pytest.raises(PowerFailure):
            PeopleStore(folder).add('Ada', photos(3, 70))
    assert 2 <= PeopleFolder(folder).count('Ada') < 5
    assert load_people(folder).warnings == []
    PeopleStore(folder).add('Ada', photos(1, 90))
    assert hidden(folder) == [] and levels(folder, 'Ada')[-1] == 90


def test_kill_9_at_any_time_leaves_all_or_nothing(tmp_path):
    for wait in (0.03, 0.11):
        process = subprocess.Popen(
            [sys.executable, '-c', ADD_AND_FORGET, str(tmp_path / 'people')],
            stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None and process.stdout.readline() == 'started\n'
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        people = PeopleStore(tmp_path / 'people', warn=pytest.fail)
        people.tidy()
        assert hidden(people.path) == []
        assert [people.count(name) for name in people.names()] in ([], [3])
        assert people.add('Bob', photos(1)) >= 1
        people.forget('Bob')
