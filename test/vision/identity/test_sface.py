# SPDX-License-Identifier: Apache-2.0
"""SFace tells people apart by one photo, and its model is stored as embeddings."""

import json
import stat

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.crop import whole_face
from emorec_vision.geometry import Box
from emorec_vision.identity.embedder import open_embedder
from emorec_vision.identity.factory import choice_in_words
from emorec_vision.identity.factory import recognizer_kind
from emorec_vision.identity.factory import why_no_sface
from emorec_vision.identity.sface import PHOTOS
from emorec_vision.identity.sface import spread
from emorec_vision.identity.sface import train_sface
from emorec_vision.people.store import PeopleStore
import numpy as np
from people_folders import model_files
from people_folders import portraits
import pytest

needs_weights = pytest.mark.skipif(bool(why_no_sface()), reason=why_no_sface())


@pytest.fixture
def orl(shared_data):
    """Return a function that gives image n of person s as a face."""
    def face(person: int, number: int) -> FaceCrop:
        gray = cv2.imread(str(shared_data / 'identity' / 'orl' / f's{person}' / f'{number}.pgm'),
                          cv2.IMREAD_GRAYSCALE)
        gray = cv2.copyMakeBorder(gray, *[20] * 4, cv2.BORDER_REPLICATE)
        return FaceCrop('', gray, Box(0, 0, *gray.shape[::-1]), Box(20, 34, 92, 92), True)
    return face


@needs_weights
def test_one_photo_each_names_others_and_no_stranger(orl):
    recognizer = train_sface({f's{person}': [orl(person, 1).pixels(150)]
                              for person in range(1, 6)})
    for person in range(1, 6):
        match = recognizer.look(orl(person, 7))
        assert match.person == f's{person}' and match.score <= recognizer.threshold
    for person in range(6, 10):
        assert recognizer.look(orl(person, 3)).score > recognizer.threshold


@needs_weights
def test_a_face_turned_by_25_degrees_is_the_same(orl):
    face = orl(4, 1)
    turn = cv2.getRotationMatrix2D(face.box.center, 25, 1)
    turned = FaceCrop('', cv2.warpAffine(face.crop, turn, face.crop.shape[::-1],
                                         borderMode=cv2.BORDER_REPLICATE),
                      face.crop_box, face.box, True)
    embedder = open_embedder()
    assert embedder.embed(face) @ embedder.embed(turned) > 0.7


@needs_weights
def test_a_blurred_face_is_nearer_to_its_photo_when_it_is_sharpened(orl):
    embedder = open_embedder()
    nearer = 0
    for person in range(1, 7):
        face = orl(person, 2)
        blurred = FaceCrop('', cv2.GaussianBlur(face.crop, (0, 0), 4), face.crop_box, face.box,
                           True)
        sharp, plain = embedder.embed_look(blurred)
        photo = embedder.embed_photo(orl(person, 1).pixels(150))[0]
        nearer += sharp @ photo > plain @ photo + 0.02
        assert (np.diff(embedder.embed_look(face), axis=0) == 0).all()
    assert nearer >= 5


@needs_weights
def test_known_landmarks_are_taken_and_what_shows_no_face_is_embedded_too(orl):
    face = orl(4, 1)
    embedder = open_embedder()
    eyes = ((49.0, 68.0), (83.0, 68.0), (66.0, 86.0), (52.0, 102.0), (80.0, 102.0))
    given = embedder.embed(face, eyes)
    assert 0.5 < given @ embedder.embed(face) < 0.9999
    nothing = embedder.embed(whole_face(np.full((60, 60), 90, np.uint8)))
    assert np.linalg.norm(nothing) == pytest.approx(1.0, abs=1e-4)


def test_the_photos_that_are_kept_are_spread():
    random = np.random.default_rng(0)
    centres = random.normal(size=(3, 128))
    photos = np.repeat(centres, 6, axis=0) + random.normal(0, 0.05, (18, 128))
    photos = (photos / np.linalg.norm(photos, axis=1, keepdims=True)).astype(np.float32)
    kept = spread(np.stack([photos, photos], 1), 3)
    assert kept.shape == (3, 2, 128)
    assert {int((centres @ each[0]).argmax()) for each in kept} == {0, 1, 2}


@needs_weights
def test_the_model_is_stored_as_embeddings_and_retrained_when_the_recogniser_changes(tmp_path):
    people = PeopleStore(tmp_path / 'people', recognizer='lbph')
    for seed, name in enumerate(('Ada', 'Bob')):
        people.add(name, portraits(seed, PHOTOS + 2))
    people.train()
    assert model_files(people.path)[0].startswith('lbph-')
    switched = PeopleStore(people.path, recognizer='sface')
    switched.read()
    array, index = model_files(people.path)
    assert array.startswith('sface-') and array.endswith('.npy')
    stored = np.load(people.path / '.model' / array, allow_pickle=False)
    assert stored.shape == (2 * PHOTOS, 2, 128)
    assert stat.S_IMODE((people.path / '.model' / array).stat().st_mode) == 0o600
    again = PeopleStore(people.path, recognizer='sface')
    again.read()
    face = whole_face(portraits(0, 1)[0])
    assert again.model.recognizer.look(face) == switched.model.recognizer.look(face)
    again.forget('Ada')
    array, index = model_files(people.path)
    assert np.load(people.path / '.model' / array).shape == (PHOTOS, 2, 128)
    entry = json.loads((people.path / '.model' / index).read_text())
    assert [each['name'] for each in entry['people']] == ['Bob']


@needs_weights
@pytest.mark.parametrize('content', [b'', b'\x93NUMPY', b'\x80\x04\x95'])
def test_broken_embeddings_are_named(tmp_path, content):
    people = PeopleStore(tmp_path / 'people', recognizer='sface')
    people.add('Ada', portraits(0, 1))
    people.train()
    path = people.path / '.model' / model_files(people.path)[0]
    path.write_bytes(content)
    with pytest.raises(InputError, match='broken') as raised:
        people.read()
    assert str(path) in str(raised.value)


@needs_weights
def test_auto_is_sface():
    assert (recognizer_kind('auto'), choice_in_words('auto')) == ('sface', 'SFace')


@needs_weights
def test_the_networks_are_opened_when_somebody_is_known_and_not_before(tmp_path, monkeypatch):
    opened = []

    def count() -> None:
        opened.append(True)
        raise InputError('it was opened')
    monkeypatch.setattr('emorec_vision.identity.factory.open_embedder', count)
    why_no_sface.cache_clear()
    try:
        people = PeopleStore(tmp_path / 'people')
        people.prepare()
        people.read()
        assert (choice_in_words('auto'), choice_in_words('sface')) == ('SFace', 'SFace')
        assert not opened
        people.add('Ada', portraits(0, 1), learn=True)
        assert opened and people.model.names == ['Ada']
    finally:
        why_no_sface.cache_clear()


def test_without_the_weights_auto_is_lbph_and_says_why(monkeypatch):
    monkeypatch.setattr('emorec_vision.identity.embedder.sface_weights', lambda: None)
    open_embedder.cache_clear()
    why_no_sface.cache_clear()
    try:
        assert recognizer_kind('auto') == 'lbph'
        assert choice_in_words('auto').startswith('LBPH: the weights of YuNet and SFace are not')
        with pytest.raises(InputError, match='recognizer is sface, but the weights'):
            recognizer_kind('sface')
    finally:
        open_embedder.cache_clear()
        why_no_sface.cache_clear()


def test_an_unknown_recogniser_is_refused():
    with pytest.raises(InputError, match='auto, sface, lbph'):
        recognizer_kind('eigenfaces')
