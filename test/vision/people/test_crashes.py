# SPDX-License-Identifier: Apache-2.0
"""Whatever ends a program while people are changed, the old or the new state remains."""

import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
import time

from emorec_vision.people.folder import load_people
from emorec_vision.people.folder import MODEL_FOLDER
from emorec_vision.people.folder import PeopleFolder
from people_folders import hidden
from people_folders import levels
from people_folders import make_people
from people_folders import photos
import pytest

CHANGES = ('rename', 'replace', 'fsync', 'unlink', 'rmdir', 'mkdir')
"""Functions of os through which a folder changes."""
ADD_AND_FORGET = """
from emorec_vision.people.folder import PeopleFolder
import numpy as np
from pathlib import Path
import sys
people = PeopleFolder(Path(sys.argv[1]))
photos = [np.full((150, 150), level, np.uint8) for level in (1, 2, 3)]
print('started', flush=True)
while True:
    people.add('Ada', photos)
    people.forget('Ada')
"""


class PowerFailure(BaseException):
    """Stand for the end of the program, wherever it is."""


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder of two people and a model."""
    return make_people(tmp_path / 'people')


@pytest.mark.parametrize('operation, new', [
    (lambda people: people.add('Cleo', photos(2, 90)),
     {'Ada': [10, 11, 12], 'Bob': [50, 51], 'Cleo': [90, 91]}),
    (lambda people: people.forget('Ada'), {'Bob': [50, 51]}),
    (lambda people: people.rename('Ada', 'Eve'), {'Eve': [10, 11, 12], 'Bob': [50, 51]}),
], ids=['add', 'forget', 'rename'])
def test_a_crash_at_any_step_leaves_the_old_or_the_new_state(
        folder, tmp_path, monkeypatch, operation, new):
    old = {'Ada': [10, 11, 12], 'Bob': [50, 51]}
    seen = []
    for step in range(100):
        copy = tmp_path / f'copy{step}'
        shutil.copytree(folder, copy)
        with monkeypatch.context() as patch:
            left = [step]
            for name in CHANGES:
                fail_when_due(patch, name, left)
            try:
                operation(PeopleFolder(copy))
                finished = True
            except PowerFailure:
                finished = False
        people = PeopleFolder(copy)
        state = {name: levels(copy, name) for name in people.names()}
        assert state in (old, new)
        assert hidden(copy) == []
        assert (copy / MODEL_FOLDER).exists() or state != old
        if len(state) < len(old):
            assert not (copy / MODEL_FOLDER).exists()
        seen.append(state)
        if finished:
            break
    assert finished and old in seen and seen[-1] == new


def fail_when_due(patch: pytest.MonkeyPatch, name: str, left: list[int]) -> None:
    """Let a function of os fail when so many changes were made before."""
    function = getattr(os, name)

    def failing(*arguments, **named):
        if not left[0]:
            raise PowerFailure
        left[0] -= 1
        return function(*arguments, **named)
    patch.setattr(os, name, failing)


def test_a_crash_while_photos_are_added_keeps_whole_ones_only(folder, monkeypatch):
    left = [3]
    with monkeypatch.context() as patch:
        for name in CHANGES:
            fail_when_due(patch, name, left)
        with pytest.raises(PowerFailure):
            PeopleFolder(folder).add('Ada', photos(3, 70))
    assert levels(folder, 'Ada')[:3] == [10, 11, 12] and len(levels(folder, 'Ada')) < 6
    assert load_people(folder).warnings == []
    PeopleFolder(folder).add('Ada', photos(1, 90))
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
        people = PeopleFolder(tmp_path / 'people')
        assert people.warnings == [] and hidden(tmp_path / 'people') == []
        assert [people.count(name) for name in people.names()] in ([], [3])
        assert people.add('Bob', photos(1)) >= 1
        people.forget('Bob')
