# SPDX-License-Identifier: Apache-2.0
"""The model of a people folder: written whole, read again, named when broken."""

import json
from pathlib import Path
import stat

import cv2
from emorec_vision.errors import InputError
from emorec_vision.identity.threshold import calibrate
from emorec_vision.identity.threshold import strangers_of
from emorec_vision.people import model
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.people.model import open_model
from emorec_vision.people.model import open_people
from emorec_vision.people.model import train_people
import numpy as np
import pytest


def portraits(seed: int, count: int = 3) -> list[np.ndarray]:
    """Return images of one made-up face under changing light, uint8 (150, 150)."""
    face = np.random.default_rng(seed).normal(0, 1, (150, 150)).astype(np.float32)
    face = cv2.GaussianBlur(face, (0, 0), 4) * 300 + 128
    ramp = np.linspace(0.6, 1.3, 150)
    return [np.clip(face * ramp[::(-1) ** i] + 3 * i, 0, 255).astype(np.uint8)
            for i in range(count)]


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a people folder with three people."""
    people = PeopleFolder(tmp_path / 'people')
    for seed, name in enumerate(('Ada', 'Bob', 'Zoë / 2')):
        people.add(name, portraits(seed))
    return people.path


def model_files(folder: Path) -> list[str]:
    """Return the names of the model's files."""
    home = folder / '.model'
    return sorted(path.name for path in home.iterdir()) if home.is_dir() else []


def test_a_model_is_read_as_it_was_trained(folder, monkeypatch):
    trained = train_people(folder, 0.02)
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
    monkeypatch.setattr(model, 'train', None)
    read = open_people(folder)
    assert read.names == trained.names
    assert read.threshold == trained.threshold
    for seed in range(4):
        face = portraits(seed, 5)[4]
        assert read.look(face) == trained.recognizer.look(face)


def test_opencv_reads_the_model_itself(folder):
    train_people(folder)
    plain = cv2.face.LBPHFaceRecognizer_create()
    plain.read(str(folder / '.model' / model_files(folder)[0]))
    assert sorted(set(plain.getLabels().ravel())) == [0, 1, 2]


def test_images_that_changed_are_learned_in_memory(folder):
    train_people(folder)
    before = model_files(folder)
    PeopleFolder(folder).add('Eve', portraits(7))
    assert open_model(folder).names == ['Ada', 'Bob', 'Eve', 'Zoë / 2']
    assert model_files(folder) == before
    train_people(folder)
    assert len(model_files(folder)) == 2 and model_files(folder) != before


def test_the_model_of_nobody_leaves_no_file(folder):
    train_people(folder)
    for home in folder.iterdir():
        if not home.name.startswith('.'):
            home.rename(folder.parent / home.name)
    model = train_people(folder)
    assert (model.recognizer, model.names) == (None, [])
    assert np.isnan(model.threshold)
    assert model_files(folder) == []
    assert open_people(folder) is None


@pytest.mark.parametrize('which', [0, 1])
@pytest.mark.parametrize('content', [b'', b'{"people": 3}', b'%YAML:1.0\n---\nopencv: [',
                                     b'\x80\x04\x95'])
def test_a_broken_file_is_named(folder, which, content):
    train_people(folder)
    path = folder / '.model' / model_files(folder)[which]
    path.write_bytes(content)
    with pytest.raises(InputError, match='broken') as raised:
        open_model(folder)
    assert str(path) in str(raised.value)
    train_people(folder)
    assert len(open_model(folder).names) == 3


def test_a_missing_file_of_the_model_is_named(folder):
    train_people(folder)
    name = model_files(folder)[0]
    (folder / '.model' / name).unlink()
    with pytest.raises(InputError, match=name):
        open_model(folder)


@pytest.mark.parametrize('written', [0, 1])
def test_a_crash_while_writing_leaves_the_old_model(folder, monkeypatch, written):
    train_people(folder)
    old = open_model(folder)
    PeopleFolder(folder).add('Ada', portraits(11))
    calls = []
    real = model.write_private

    def crash(path: Path, content: bytes) -> None:
        """Write so many files, then die half-way through the next."""
        calls.append(path)
        if len(calls) > written:
            path.with_name(f'.part-{path.name}').write_bytes(content[:10])
            raise KeyboardInterrupt
        real(path, content)
    monkeypatch.setattr(model, 'write_private', crash)
    with pytest.raises(KeyboardInterrupt):
        train_people(folder)
    index = model._read_index(folder / '.model' / 'people.json')
    assert model._read(folder / '.model' / 'people.json', index).threshold == old.threshold
    monkeypatch.undo()
    train_people(folder)
    assert len(model_files(folder)) == 2


def test_a_missing_people_folder_is_named(tmp_path):
    for opened in (open_model, train_people):
        with pytest.raises(InputError, match='no people folder'):
            opened(tmp_path / 'nowhere')


@pytest.mark.parametrize('share', [0.0, 1.0, -0.1, float('nan')])
def test_a_false_accept_rate_out_of_range_is_refused(folder, share):
    with pytest.raises(InputError, match='false-accept'):
        train_people(folder, share)


def test_the_threshold_is_calibrated_from_strangers():
    random = np.random.default_rng(0)
    looks = random.normal(60.0, 5.0, 4000)
    found = calibrate(looks.tolist(), [30.0, 80.0], 10, 0.01)
    assert 0.002 < np.mean(looks <= found.threshold) < 0.012
    assert found.true_accept == 0.5
    assert found.threshold < calibrate(looks.tolist(), [], 10, 0.05).threshold


def test_few_people_are_calibrated_from_strangers_elsewhere():
    for people in (1, 2, 3, 50):
        mean, deviation = strangers_of(people)
        found = calibrate([], [], people, 0.01)
        assert found.threshold == pytest.approx(mean - 2.326 * deviation, abs=0.01)
        assert np.isnan(found.true_accept)
