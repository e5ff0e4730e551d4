# SPDX-License-Identifier: Apache-2.0
"""Faces are recognised by the images of the people they were learned from."""

import math

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import whole_face
from emorec_vision.identity.recognizer import train
import numpy as np
from people_folders import portraits
import pytest


def test_the_nearest_person_is_found_whatever_the_size_and_the_light():
    people = {f'P{seed}': portraits(seed, 6) for seed in range(4)}
    recognizer = train(people)
    for seed in range(4):
        darker = (portraits(seed, 1)[0] * 0.5).astype(np.uint8)
        for size in (75, 150, 220):
            match = recognizer.look(whole_face(cv2.resize(darker, (size, size))))
            assert match.person == f'P{seed}'
            assert match.distance < recognizer.threshold
    assert recognizer.look(whole_face(portraits(9, 1)[0])).distance > recognizer.threshold


def test_a_single_person_has_no_second_and_no_stranger_to_calibrate_on():
    recognizer = train({'Ada': portraits(0, 3)})
    match = recognizer.look(whole_face(portraits(0, 1)[0]))
    assert (match.person, match.score) == ('Ada', match.distance)
    assert math.isnan(match.second_distance)
    assert (recognizer.calibration.strangers, recognizer.calibration.friends) == (0, 3)


def test_names_are_sorted_and_templates_counted_and_bounded():
    recognizer = train({'Zoe': portraits(0, 1), 'Ada': portraits(1, 15)})
    assert recognizer.names == ['Ada', 'Zoe'] and recognizer.template_counts == [20, 2]


@pytest.mark.parametrize('share', [0.0, 1.0, math.nan])
def test_a_rate_that_is_none_is_refused(share):
    with pytest.raises(InputError, match='give a value between 0 and 1, such as 0.01'):
        train({'Ada': portraits(0, 1)}, share)
