# SPDX-License-Identifier: Apache-2.0
"""Remembered looks are those of the recogniser."""

from emorec_training.identity.look_table import LookTable
from emorec_vision.faces.crop import whole_face
from emorec_vision.identity.recognizer import train
import numpy as np
import pytest


def test_the_table_answers_as_the_recogniser_does():
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, (120, 120), dtype=np.uint8) for _ in range(12)]
    table = LookTable(images)
    enrolled = np.array([0, 1, 4, 5, 8, 9])
    recognizer = train({name: [images[4 * number], images[4 * number + 1]]
                        for number, name in enumerate('abc')})
    for probe in range(12):
        found = table.look(probe, enrolled, np.array([0, 0, 1, 1, 2, 2]))
        match = recognizer.look(whole_face(images[probe]))
        assert match.person == 'abc'[found.label]
        assert match.distance == pytest.approx(found.distance, abs=1e-3)
        assert match.second_distance == pytest.approx(found.second_distance, abs=1e-3)
