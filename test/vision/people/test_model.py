# SPDX-License-Identifier: Apache-2.0
"""The model of a people folder: written whole, read again, named when broken."""

import json
import os
from pathlib import Path
import stat

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import whole_face
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.people.model import has_model
from emorec_vision.people.model import open_model
from emorec_vision.people.model import trained_false_accept
from emorec_vision.people.model import write_model
from emorec_vision.people.store import PeopleStore
import numpy as np
from people_folders import model_files
from people_folders import portraits
import pytest


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a people folder with three people."""
    people = PeopleStore(tmp_path / 'people')
    for seed, name in enumerate(('Ada', 'Bob', 'Zoë / 2')):
        people.add(name, portraits(seed))
    return people.path


def test_a_model_is_read_as_it_was_trained(folder):
    trained = write_model(folder, 0.02, 'lbph')
    assert trained.names == ['Ada', 'Bob', 'Zoë / 2']
    name, index = model_files(folder)
    entry = json.loads((folder / '.model' / index).read_text())
    assert (entry['file'], index) == (name, 'people.json')
    assert [(each['name'], each['pictures'], each['templates']) for each in entry['people']] == [
        (person, 3, 6) for person in trained.names]
    assert entry['calibration']['threshold'] == trained.threshold
    assert entry['calibration']['false_accept'] == 0.02
    for path in (folder / '.model').iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    read = open_model(folder, recognizer='lbph').recognizer
    assert read.names == trained.names
    assert read.threshold == trained.threshold
    for seed in range(4):
        face = portraits(seed, 5)[4]
        assert read.look(whole_face(face)) == trained.recognizer.look(whole_face(face))


def test_a_model_that_fits_the_images_is_not_trained_again(folder):
    write_model(folder, FALSE_ACCEPT)
    index = folder / '.model' / 'people.json'
    entry = json.loads(index.read_text())
    entry['calibration']['threshold'] = 12.5
    index.write_text(json.dumps(entry))
    assert open_model(folder).threshold == 12.5


def test_opencv_reads_the_model_itself(folder):
    write_model(folder, FALSE_ACCEPT, 'lbph')
    plain = cv2.face.LBPHFaceRecognizer_create()
    plain.read(str(folder / '.model' / model_files(folder)[0]))
    assert sorted(set(plain.getLabels().ravel())) == [0, 1, 2]


def test_images_that_changed_are_learned_in_memory(folder):
    write_model(folder, FALSE_ACCEPT)
    before = model_files(folder)
    PeopleStore(folder).add('Eve', portraits(7))
    assert open_model(folder).names == ['Ada', 'Bob', 'Eve', 'Zoë / 2']
    assert model_files(folder) == before
    write_model(folder, FALSE_ACCEPT)
    assert len(model_files(folder)) == 2 and model_files(folder) != before


def test_the_model_of_nobody_leaves_no_file(folder):
    write_model(folder, FALSE_ACCEPT)
    for home in folder.iterdir():
        if not home.name.startswith('.'):
            home.rename(folder.parent / home.name)
    model = write_model(folder, FALSE_ACCEPT)
    assert (model.recognizer, model.names) == (None, [])
    assert np.isnan(model.threshold)
    assert model_files(folder) == []
    assert open_model(folder).recognizer is None


@pytest.mark.parametrize('which', [0, 1])
@pytest.mark.parametrize('content', [b'', b'{"people": 3}', b'%YAML:1.0\n---\nopencv: [',
                                     b'\x80\x04\x95'])
def test_a_broken_file_is_named(folder, which, content):
    write_model(folder, FALSE_ACCEPT)
    path = folder / '.model' / model_files(folder)[which]
    path.write_bytes(content)
    with pytest.raises(InputError, match='broken') as raised:
        open_model(folder)
    assert str(path) in str(raised.value)
    write_model(folder, FALSE_ACCEPT)
    assert len(open_model(folder).names) == 3


def test_a_missing_file_of_the_model_is_named(folder):
    write_model(folder, FALSE_ACCEPT)
    name = model_files(folder)[0]
    (folder / '.model' / name).unlink()
    with pytest.raises(InputError, match=name):
        open_model(folder)


@pytest.mark.parametrize('completed', [0, 1])
def test_a_crash_while_writing_leaves_the_old_model(folder, monkeypatch, completed):
    """Of its two files so many are in place then; the old one is read when its photos are back."""
    old = write_model(folder, 0.02)
    PeopleStore(folder).add('Ada', portraits(11, 1))
    moved = []
    replace = os.replace

    def crash(source: Path, target: Path) -> None:
        if len(moved) == completed:
            raise KeyboardInterrupt
        moved.append(target)
        replace(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, 'replace', crash)
        with pytest.raises(KeyboardInterrupt):
            write_model(folder, FALSE_ACCEPT)
    assert open_model(folder).names == old.names
    (folder / 'Ada' / '0004.png').unlink()
    assert open_model(folder).recognizer.calibration == old.recognizer.calibration
    write_model(folder, FALSE_ACCEPT)
    assert len(model_files(folder)) == 2


def test_the_false_accept_rate_of_a_model_outlives_new_photos_and_is_none_of_a_broken_one(folder):
    assert not has_model(folder) and trained_false_accept(folder) is None
    write_model(folder, 0.02)
    PeopleStore(folder).add('Eve', portraits(7))
    assert has_model(folder) and trained_false_accept(folder) == 0.02
    assert open_model(folder, 0.05).recognizer.calibration.false_accept == 0.02
    (folder / '.model' / 'people.json').write_text('{}')
    assert has_model(folder) and trained_false_accept(folder) is None


def test_a_missing_people_folder_is_named(tmp_path):
    with pytest.raises(InputError, match='no people folder'):
        open_model(tmp_path / 'nowhere')


@pytest.mark.parametrize('share', [0.0, 1.0, -0.1, float('nan')])
def test_a_false_accept_rate_out_of_range_is_refused(folder, share):
    with pytest.raises(InputError, match='false-accept'):
        write_model(folder, share)
