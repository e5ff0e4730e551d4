# SPDX-License-Identifier: Apache-2.0
"""An enrolment collects photos of one track, says how far it is, and keeps none if it fails."""

import cv2
from emorec_ros.people.enrolment import Enrolment
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.geometry import Box
import numpy as np
import pytest

BOXES = (Box(176, 65, 98, 98), Box(164, 69, 98, 98), Box(186, 57, 102, 102))
"""Where the astronaut's face is in successive images, px."""
SECOND = 10 ** 9


@pytest.fixture(scope='module')
def gray(astronaut: np.ndarray) -> np.ndarray:
    """Return the astronaut in gray."""
    return cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)


def face(gray: np.ndarray, track_id: str, number: int = 0) -> FaceCrop:
    """Return the face in image `number`."""
    box = BOXES[number]
    return FaceCrop(track_id, *context_crop(gray, box), box, True)


def test_the_only_face_in_view_is_taken_and_nobody_else_from_then_on(gray: np.ndarray) -> None:
    reports = []
    enrolment = Enrolment('Ada', 3, '', lambda each: reports.append(
        (each.taken, each.track_id, each.hint)))
    enrolment.offer([face(gray, 'a'), face(gray, 'b')], SECOND)
    for number in range(3):
        enrolment.offer([face(gray, 'a', number), face(gray, 'b')], (2 + number) * SECOND)
        assert not enrolment.photos.done()
        enrolment.offer([face(gray, 'a', number)], (2 + number) * SECOND + SECOND // 2)
    photos = enrolment.photos.result()
    assert [photo.shape for photo in photos] == [(150, 150)] * 3
    assert enrolment.stamp == 4 * SECOND + SECOND // 2
    assert reports[:2] == [(0, '', 'two faces in view'), (1, 'a', '')]
    assert reports[-1][:2] == (3, 'a')


def test_a_track_that_was_asked_for_is_waited_for_by_nobody(gray: np.ndarray) -> None:
    enrolment = Enrolment('Ada', 3, 'a', lambda _: None)
    enrolment.offer([face(gray, 'a')], SECOND)
    enrolment.offer([face(gray, 'b')], 2 * SECOND)
    with pytest.raises(InputError, match='the face was lost after 1 of 3 photos of Ada; none of'):
        enrolment.photos.result()
    enrolment.offer([face(gray, 'a', 1)], 3 * SECOND)
    assert enrolment.taken == 1 and enrolment.stamp == 2 * SECOND


def test_giving_up_says_what_was_missing_and_changes_nothing_afterwards() -> None:
    enrolment = Enrolment('Ada', 3, '', lambda _: None)
    enrolment.offer([], SECOND)
    enrolment.end('time was up')
    enrolment.end('something else')
    with pytest.raises(InputError, match=r'^time was up after 0 of 3 .*hint: nobody in view\)'):
        enrolment.photos.result()
