# SPDX-License-Identifier: Apache-2.0
"""`emorec faces list`, `forget` and `rename` show and change who is known."""

import json
import os
from pathlib import Path
import subprocess
import sys

from emorec_cli.main import main
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.people.model import MODEL_FOLDER
from emorec_vision.people.model import open_model
from emorec_vision.people.store import PeopleStore
import numpy as np
import pytest


def faces(capsys, *arguments: object) -> tuple[int, str, str]:
    """Run `emorec faces` and return its status, what it printed and what it complained of."""
    status = main(['faces', *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out, printed.err


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder of two people with photos of noise."""
    people = PeopleStore(tmp_path / 'people')
    rng = np.random.default_rng(3)
    for name in ('Ada', 'Zoë van Dyk'):
        people.add(name, list(rng.integers(0, 256, (4, 150, 150), np.uint8)))
    return people.path


def model_texts(folder: Path) -> str:
    """Return all that the files of the model say."""
    return ''.join(path.read_text(errors='replace')
                   for path in sorted((folder / MODEL_FOLDER).glob('*')))


def test_everybody_is_listed_with_the_number_of_photos(capsys, folder):
    status, said, complaints = faces(capsys, 'list', '--people', folder)
    assert (status, complaints) == (0, '')
    assert [line.split('  ')[0].strip() for line in said.splitlines()] == ['Ada', 'Zoë van Dyk']
    assert all(' 4 photos' in line for line in said.splitlines())
    _, said, _ = faces(capsys, 'list', '--json', '--people', folder)
    assert json.loads(said) == {'folder': str(folder), 'people': [
        {'name': name, 'photos': 4, 'folder': str(folder / name)}
        for name in ('Ada', 'Zoë van Dyk')]}


def test_an_empty_or_missing_folder_is_no_error(capsys, tmp_path, monkeypatch):
    monkeypatch.setenv('XDG_DATA_HOME', str(tmp_path))
    status, said, _ = faces(capsys, 'list')
    assert status == 0 and f'nobody is known in {tmp_path}/emorec/people' in said
    assert json.loads(faces(capsys, 'list', '--json')[1])['people'] == []
    assert not (tmp_path / 'emorec').exists()


def test_a_folder_that_others_may_read_is_complained_of(capsys, folder):
    folder.chmod(0o755)
    status, _, complaints = faces(capsys, 'list', '--people', folder)
    assert status == 0 and 'chmod 700' in complaints


def test_forgetting_deletes_photos_and_model_entry_and_says_so(capsys, folder):
    PeopleStore(folder).train()
    assert 'Ada' in model_texts(folder)
    status, said, complaints = faces(capsys, 'forget', 'Ada', '--people', folder)
    assert (status, complaints) == (0, '')
    assert said == 'Ada: 4 photos deleted, and the model was learned anew without them\n'
    assert PeopleFolder(folder).names() == ['Zoë van Dyk']
    assert 'Ada' not in model_texts(folder) and 'van Dyk' in model_texts(folder)
    assert faces(capsys, 'forget', 'Zoë van Dyk', '--people', folder)[0] == 0
    assert model_texts(folder) == ''


def test_forgetting_is_done_also_when_the_others_cannot_be_learned(capsys, folder):
    PeopleStore(folder).train()
    for path in (folder / 'Zoë van Dyk').iterdir():
        path.write_bytes(b'broken')
    status, said, complaints = faces(capsys, 'forget', 'Ada', '--people', folder)
    assert (status, said) == (2, 'Ada: 4 photos deleted\n')
    assert 'could not be written anew' in complaints and complaints.count('\n') == 1
    assert model_texts(folder) == '' and PeopleFolder(folder).names() == ['Zoë van Dyk']


def test_renaming_is_done_also_when_nobody_can_be_learned(capsys, folder):
    PeopleStore(folder).train()
    for path in folder.glob('*/*.png'):
        path.write_bytes(b'broken')
    status, said, complaints = faces(capsys, 'rename', 'Ada', 'Eve', '--people', folder)
    assert (status, said) == (2, 'Ada is called Eve now\n')
    assert 'could not be written anew' in complaints and complaints.count('\n') == 1


def test_listing_cleans_up_what_an_interrupted_change_left(capsys, folder):
    (folder / 'Ada').rename(folder / '.forgotten-1')
    status, said, complaints = faces(capsys, 'list', '--people', folder)
    assert (status, complaints) == (0, '') and 'Ada' not in said
    assert not (folder / '.forgotten-1').exists()


@pytest.mark.parametrize('change', [['forget', 'Ada'], ['rename', 'Ada', 'Eve']])
def test_the_false_accept_rate_of_the_training_is_kept(capsys, folder, change):
    PeopleStore(folder, 0.03).train()
    assert faces(capsys, *change, '--people', folder)[0] == 0
    recognizer = open_model(folder).recognizer
    assert recognizer is not None and recognizer.calibration.false_accept == 0.03


@pytest.mark.parametrize('change', [['forget', 'Ada'], ['rename', 'Ada', 'Eve']])
def test_a_broken_model_is_replaced(capsys, folder, change):
    PeopleStore(folder).train()
    for path in (folder / MODEL_FOLDER).iterdir():
        path.write_text('broken')
    assert faces(capsys, *change, '--people', folder)[0] == 0
    assert open_model(folder).names == [*change[2:], 'Zoë van Dyk']


def test_without_a_model_none_is_made(capsys, folder):
    _, said, _ = faces(capsys, 'forget', 'Ada', '--people', folder)
    assert said == 'Ada: 4 photos deleted\n'
    assert not (folder / MODEL_FOLDER).exists()


def test_renaming_changes_photos_and_model(capsys, folder):
    PeopleStore(folder).train()
    status, said, _ = faces(capsys, 'rename', 'Ada', 'A/B', '--people', folder)
    assert (status, said) == (0, 'Ada is called A/B now\n')
    assert PeopleFolder(folder).names() == ['A/B', 'Zoë van Dyk']
    assert 'A/B' in model_texts(folder) and 'Ada' not in model_texts(folder)


@pytest.mark.parametrize('arguments, told', [
    (['forget', 'Eve'], "is called 'Eve'; known: Ada, Zoë van Dyk"),
    (['rename', 'Eve', 'Ada'], "is called 'Eve'; known: Ada, Zoë van Dyk"),
    (['rename', 'Ada', 'Zoë van Dyk'], 'there is somebody called Zoë van Dyk already'),
    (['rename', 'Ada', ''], 'the name is empty'),
    (['forget', '../people'], "is called '../people'"),
])
def test_a_wrong_name_is_refused_in_one_line(capsys, folder, arguments, told):
    status, said, complaints = faces(capsys, *arguments, '--people', folder)
    assert (status, said) == (2, '')
    assert complaints.count('\n') == 1 and told in complaints
    assert PeopleFolder(folder).names() == ['Ada', 'Zoë van Dyk']


def test_neither_ros_nor_tensorflow_is_needed(folder):
    program = ('import sys\n'
               'for name in ("rclpy", "emorec", "keras", "tensorflow"): sys.modules[name] = None\n'
               'from emorec_cli.main import main\n'
               f'sys.exit(main(["faces", "list", "--people", {str(folder)!r}]))')
    ended = subprocess.run([sys.executable, '-c', program], text=True, capture_output=True,
                           env={**os.environ, 'PYTHONIOENCODING': 'utf-8'})
    assert ended.returncode == 0 and 'Ada' in ended.stdout, ended.stderr
