# SPDX-License-Identifier: Apache-2.0
"""Photos with closed eyes are told from those with open ones, as far as they are."""

import cv2
from emorec_vision.model_files.weights import yunet_weights
from emorec_vision.people.closed_eyes import EyeCheck
from emorec_vision.people.photo_sheet import flaw_mark
from emorec_vision.people.whole_photos import FaceCutter
import numpy as np
import pytest

needs_weights = pytest.mark.skipif(yunet_weights() is None,
                                   reason='the weights of YuNet are not installed')


@needs_weights
def test_some_closed_eyes_are_found_and_no_open_ones(shared_data):
    check, cutter = EyeCheck(), FaceCutter()

    def marks(person: int, condition: str) -> str:
        path = shared_data / 'yale' / f'subject{person:02}.{condition}.png'
        return flaw_mark(cutter.cut(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)), check)
    closed = [marks(person, 'sleepy') for person in range(1, 16)]
    assert closed.count(' EYES') >= 4
    for condition in ('normal', 'happy', 'glasses'):
        assert {marks(person, condition) for person in range(1, 16)} == {''}


def test_without_the_weights_no_eyes_are_closed(monkeypatch):
    monkeypatch.setattr('emorec_vision.people.closed_eyes.yunet_weights', lambda: None)
    assert not EyeCheck().are_closed(np.full((150, 150), 90, np.uint8))


@needs_weights
@pytest.mark.parametrize('shape', [(150, 150), (3, 3), (40, 90)])
def test_what_shows_no_face_has_no_closed_eyes(shape):
    assert not EyeCheck().are_closed(np.full(shape, 90, np.uint8))
