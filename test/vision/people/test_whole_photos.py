# SPDX-License-Identifier: Apache-2.0
"""Whole photos as people: the one clear face is cut out, and what shows none is named."""

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import whole_face
from emorec_vision.people.closed_eyes import EyeCheck
from emorec_vision.people.photo_sheet import flaw_mark
from emorec_vision.people.store import PeopleStore
from emorec_vision.people.whole_photos import FaceCutter
import numpy as np
import pytest


@pytest.fixture(scope='module')
def portrait(astronaut) -> np.ndarray:
    """Return a whole photo with one face, gray."""
    return cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)


def test_the_face_of_a_whole_photo_is_cut_out_at_any_size(portrait):
    cutter = FaceCutter()
    face = cutter.cut(portrait)
    assert face.shape == (150, 150)
    by_hand = cv2.resize(portrait[65:164, 176:275], (150, 150))
    assert np.corrcoef(face[30:120, 30:120].ravel(),
                       by_hand[30:120, 30:120].ravel())[0, 1] > 0.4
    large = cutter.cut(cv2.resize(portrait, None, fx=3, fy=3))
    assert np.corrcoef(face.ravel(), large.ravel())[0, 1] > 0.7


def test_what_is_cut_already_stays_as_it_is(portrait):
    cutter = FaceCutter()
    for cut in (portrait[65:164, 176:275], np.full((150, 150), 7, np.uint8),
                cv2.resize(portrait[55:174, 166:285], (400, 400)), np.zeros((112, 92), np.uint8)):
        assert cutter.cut(cut) is cut


def test_no_face_and_several_are_refused(portrait):
    with pytest.raises(InputError, match='no face'):
        FaceCutter().cut(np.full((480, 640), 120, np.uint8))
    with pytest.raises(InputError, match='2 faces'):
        FaceCutter().cut(np.hstack([portrait, portrait]))


def test_a_person_learned_from_whole_photos_is_recognised_and_bad_photos_are_named(
        tmp_path, portrait):
    told = []
    people = PeopleStore(tmp_path / 'people', warn=told.append)
    people.add('Eileen', [portrait, np.full((480, 640), 120, np.uint8)])
    people.train()
    warning, = told
    assert '0002.png is left out: it shows no face' in warning
    recognizer = people.model.recognizer
    match = recognizer.look(whole_face(portrait[66:165, 177:276]))
    assert match.person == 'Eileen' and match.score <= recognizer.threshold


def test_a_blurred_photo_is_marked(portrait):
    face = FaceCutter().cut(portrait)
    assert flaw_mark(face, EyeCheck()) == ''
    assert flaw_mark(cv2.GaussianBlur(face, (0, 0), 8), EyeCheck()) == ' BLUR'
