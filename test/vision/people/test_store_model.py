# SPDX-License-Identifier: Apache-2.0
"""What is known of people follows their photos, whoever changes them."""

import os
from pathlib import Path
import threading
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.files.folder_lock import locked
from emorec_vision.people import store
from emorec_vision.people.model import open_model
from emorec_vision.people.store import Forgotten
from emorec_vision.people.store import PeopleStore
from people_folders import model_files
from people_folders import portraits
import pytest


@pytest.fixture
def trained(tmp_path) -> Path:
    """Return a folder of three people and their model."""
    people = PeopleStore(tmp_path / 'people', 0.03)
    for seed, name in enumerate(('Ada', 'Bob', 'Cleo')):
        people.add(name, portraits(seed))
    people.train()
    return people.path


def test_a_store_that_was_read_learns_every_change(tmp_path):
    people = PeopleStore(tmp_path / 'people', 0.02)
    people.read()
    assert people.model.names == [] and not people.path.exists()
    known = [people.model]
    for change in (lambda: people.add('Ada', portraits(0), learn=True),
                   lambda: people.add('Bob', portraits(1), learn=True),
                   lambda: people.rename('Ada', 'Eve'), lambda: people.forget('Bob')):
        change()
        known.append(people.model)
    assert [model.names for model in known] == [[], ['Ada'], ['Ada', 'Bob'], ['Bob', 'Eve'],
                                                ['Eve']]
    assert open_model(people.path).recognizer.calibration.false_accept == 0.02
    people.forget('Eve')
    assert people.model.names == [] and model_files(people.path) == []


def test_photos_are_learned_only_where_somebody_asks_for_a_model(trained, tmp_path):
    before = model_files(trained)
    PeopleStore(trained).add('Ada', portraits(7))
    assert model_files(trained) == before
    other = PeopleStore(tmp_path / 'other')
    other.add('Ada', portraits(0))
    other.add('Bob', portraits(1))
    other.rename('Ada', 'Eve')
    assert other.forget('Bob') == Forgotten(3, learned_anew=False)
    assert model_files(other.path) == [] and other.model.names == []


@pytest.mark.parametrize('change', [
    lambda people: people.forget('Ada'), lambda people: people.rename('Ada', 'Eve'),
    lambda people: people.add('Eve', portraits(5), learn=True)], ids=['forget', 'rename', 'add'])
@pytest.mark.parametrize('broken, rate', [(False, 0.03), (True, 0.01)])
def test_a_change_keeps_the_false_accept_rate_of_a_good_model(trained, change, broken, rate):
    """Whatever state the files of the model are in, they fit the photos then."""
    for name in model_files(trained) if broken else []:
        (trained / '.model' / name).write_text('broken')
    people = PeopleStore(trained)
    change(people)
    assert open_model(trained).recognizer.calibration.false_accept == rate
    assert open_model(trained).names == people.names()


def test_nobody_else_writes_between_a_change_and_its_learning(trained, monkeypatch):
    refused = []
    write_model = store.write_model

    def write_and_intrude(*arguments: Any) -> object:
        intruder = threading.Thread(target=intrude)
        intruder.start()
        intruder.join()
        return write_model(*arguments)

    def intrude() -> None:
        with pytest.raises(InputError, match='another program'), locked(trained, 'folder', 0.05):
            pass
        refused.append(True)

    monkeypatch.setattr(store, 'write_model', write_and_intrude)
    people = PeopleStore(trained)
    people.forget('Ada')
    people.rename('Bob', 'Eve')
    people.add('Zoe', portraits(9), learn=True)
    people.train()
    assert len(refused) == 4


def test_people_are_known_also_when_their_model_cannot_be_written(trained, monkeypatch):
    warnings = []
    people = PeopleStore(trained, warn=warnings.append)
    people.read()
    replace = os.replace

    def full_for_models(source: Path, target: Path) -> None:
        if '.model' in str(target):
            raise OSError(28, 'No space left on device', str(target))
        replace(source, target)

    monkeypatch.setattr(os, 'replace', full_for_models)
    assert people.forget('Ada') == Forgotten(3, learned_anew=False)
    assert people.model.names == ['Bob', 'Cleo']
    assert len(warnings) == 1 and 'No space left' in warnings[0]


def test_a_folder_that_cannot_be_read_shows_nobody(trained):
    people = PeopleStore(trained)
    people.read()
    assert people.model.names == ['Ada', 'Bob', 'Cleo']
    (trained / '.model' / 'people.json').write_text('broken')
    with pytest.raises(InputError, match='people.json is broken'):
        people.read()
    assert people.model.names == []


def test_what_is_wrong_with_photos_is_told_when_they_are_learned(trained):
    (trained / 'Ada' / '0009.png').write_text('broken')
    warnings = []
    people = PeopleStore(trained, warn=warnings.append)
    people.train()
    people.read()
    assert len(warnings) == 1 and '0009.png' in warnings[0]


def test_a_missing_folder_cannot_be_trained_and_is_not_made(tmp_path):
    with pytest.raises(InputError, match='no people folder'):
        PeopleStore(tmp_path / 'none').train()
    assert not (tmp_path / 'none').exists()
