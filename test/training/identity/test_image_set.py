# SPDX-License-Identifier: Apache-2.0
"""An evaluation takes people who have images left when some are enrolled."""

import cv2
from emorec_training.identity.image_set import AT_MOST
from emorec_training.identity.image_set import image_set
from emorec_training.identity.image_set import live_face
from emorec_vision.errors import InputError
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.people.folder import People
import numpy as np
from people_folders import photos
import pytest


def test_images_know_their_owners_and_few_or_too_many_are_left_out():
    people = People({'a': photos(3), 'b': photos(2, 50), 'c': photos(3, 70), 'd': photos(90, 80),
                     'e': photos(4, 200)}, ['told before'])
    images = image_set(people, 2, None)
    assert images.names == ['a', 'c', 'd', 'e']
    assert [int((images.owners == owner).sum()) for owner in range(4)] == [3, 3, AT_MOST, 4]
    assert images.images[6][0, 0] == 80 and images.images[5 + AT_MOST][0, 0] == 169
    assert images.warnings == ['told before', 'b is left out: 2 image(s), and 2 are enrolled']


def test_too_few_people_are_refused():
    people = People({name: photos(3) for name in 'abc'})
    with pytest.raises(InputError, match='3 of the people have more than 2 images'):
        image_set(people, 2, None)


def test_faces_are_cut_out_and_who_shows_too_few_is_left_out(astronaut):
    """Somebody with images but without faces cannot be evaluated."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[:256, 96:352]
    seen = []
    people = People({**{name: [gray, gray] for name in 'abcd'}, 'wall': photos(2)})
    images = image_set(people, 1, HaarDetector(), lambda: seen.append(True))
    assert images.names == ['a', 'b', 'c', 'd'] and len(seen) == 10
    assert {image.shape for image in images.images} == {(150, 150)}
    assert images.warnings == ['no face is found in image 1 of wall',
                               'no face is found in image 2 of wall',
                               'wall is left out: 0 image(s), and 1 are enrolled']


def test_a_face_that_fills_the_image_is_found(astronaut):
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[65:163, 176:274]
    assert live_face(gray, HaarDetector()) is not None
    assert live_face(np.full((98, 98), 90, np.uint8), HaarDetector()) is None
