# SPDX-License-Identifier: Apache-2.0
"""A face is worth a photo when it is near, whole, sharp, well lit and frontal."""

import cv2
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.geometry import Box
from emorec_vision.identity.blur import sharpness
from emorec_vision.people.photo_quality import complaint_of_light
from emorec_vision.people.photo_quality import complaint_of_place
from emorec_vision.people.photo_quality import FrontalCheck
from emorec_vision.people.photo_quality import MIN_SHARPNESS
from emorec_vision.people.photo_quality import MIN_VOTES
from emorec_vision.people.photo_quality import photo_of
from emorec_vision.people.photo_quality import signature
import numpy as np
import pytest

FACE = Box(176, 65, 98, 98)
"""Where Haar finds the astronaut's face, px."""


def face_of(gray: np.ndarray, box: Box = FACE) -> FaceCrop:
    """Return a face of an image."""
    return FaceCrop('s-1', *context_crop(gray, box), box, True)


@pytest.fixture(scope='module')
def portrait(astronaut) -> np.ndarray:
    """Return the astronaut in gray."""
    return cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)


@pytest.mark.parametrize('box, complaint', [
    (FACE, ''), (Box(190, 80, 59, 59), 'come closer'),
    (Box(176, 0, 98, 80), 'move to the middle of the image')])
def test_the_place_of_a_face(portrait, box, complaint):
    assert complaint_of_place(face_of(portrait, box)) == complaint


def test_light_is_judged_at_one_size_so_that_near_and_far_count_alike(portrait):
    large = cv2.resize(portrait, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
    twice = Box(*(2 * side for side in (FACE.x, FACE.y, FACE.width, FACE.height)))
    assert complaint_of_light(face_of(portrait)) == complaint_of_light(face_of(large, twice)) == ''
    assert complaint_of_light(face_of(portrait // 6)) == 'too dark'


def test_a_turned_face_gets_fewer_votes(portrait):
    frontal = FrontalCheck()
    assert frontal.votes(face_of(portrait)) >= MIN_VOTES
    assert frontal.complaint_of_pose(face_of(portrait)) == ''
    upside_down = np.ascontiguousarray(portrait[::-1])
    below = Box(FACE.x, 512 - FACE.bottom, FACE.width, FACE.height)
    assert frontal.votes(face_of(upside_down, below)) < MIN_VOTES
    assert frontal.complaint_of_pose(face_of(upside_down, below)) == 'look at the camera'


def test_sharpness_is_that_of_the_face_and_not_of_its_contrast(portrait):
    face = portrait[FACE.y:FACE.bottom, FACE.x:FACE.right]
    assert sharpness(face) == pytest.approx(sharpness(face // 2 + 60), rel=0.1)
    assert sharpness(cv2.blur(face, (15, 1))) < MIN_SHARPNESS < sharpness(face)
    assert sharpness(np.full((60, 60), 90, np.uint8)) == 0.0


def test_a_signature_is_the_same_in_other_light_and_another_of_another_photo(portrait):
    photo = photo_of(face_of(portrait))
    assert photo.shape == (150, 150) and photo.dtype == np.uint8
    own = signature(photo)
    assert own.shape == (2304,) and own.dtype == np.float32
    assert own @ own == pytest.approx(1.0, abs=1e-5)
    assert own @ signature((photo * 0.7).astype(np.uint8)) > 0.95
    assert own @ signature(np.ascontiguousarray(photo[:, ::-1])) < 0.5
