# SPDX-License-Identifier: Apache-2.0
"""The nearest person is found among templates, with the margin to the second-best."""

import math

from emorec_vision.identity import lbp as lbph
from emorec_vision.identity.gallery import Gallery
from emorec_vision.identity.gallery import margin_score
from emorec_vision.identity.gallery import nearest
from emorec_vision.identity.gallery import SHORTLIST
from emorec_vision.identity.gallery import TRIES
import numpy as np
from people_folders import portraits
import pytest

FACES = [*portraits(0, 2), *portraits(1, 1), *portraits(2, 1)]
LABELS = np.array([0, 0, 1, 2])


@pytest.fixture(scope='module')
def rows() -> np.ndarray:
    """Return the histograms of two images of one face and of two other faces."""
    return np.stack([lbph.histogram(lbph.middle_window(lbph.evenly_lit(face)))
                     for face in FACES])


def test_the_second_best_is_another_person(rows):
    gallery = Gallery(rows, LABELS)
    windows = lbph.window_histograms(lbph.evenly_lit(FACES[0]))
    found = gallery.nearest(windows)
    exact = lbph.chi_square(windows, np.ascontiguousarray(rows.T)).min(0)
    assert found.label == 0
    assert found.distance == pytest.approx(0.0, abs=1e-3)
    assert found.second_distance == pytest.approx(exact[2:].min(), rel=0.02)
    assert found.score == pytest.approx(2 * found.distance - found.second_distance)
    others = gallery.nearest(windows, without=np.array([True, True, False, False]))
    assert others.label in (1, 2)


def test_without_a_second_person_the_distance_decides(rows):
    found = Gallery(rows[:2], LABELS[:2]).nearest(
        lbph.window_histograms(lbph.evenly_lit(FACES[2])))
    assert math.isnan(found.second_distance) and found.score == found.distance > 0
    assert margin_score(30.0, 70.0) == -10.0 and margin_score(30.0, math.nan) == 30.0


def test_only_templates_of_the_likeliest_people_are_compared_exactly():
    """Each of 20 people has 6 templates; the fast measure prefers those of a higher number."""
    labels = np.tile(np.arange(20), 6)
    compared = []

    def exact(templates: np.ndarray) -> np.ndarray:
        compared.extend(templates)
        return np.where(labels[templates] == 17, 5.0, 50.0 + templates)

    found = nearest(np.arange(120.0), labels, exact)
    assert (found.label, found.distance) == (17, 5.0)
    assert {labels[template] for template in compared} == set(range(20 - SHORTLIST, 20))
    assert {100 + person for person in range(20 - SHORTLIST, 20)} <= set(compared)
    assert len(compared) == len(set(compared)) <= SHORTLIST * TRIES


def test_templates_are_compared_until_it_is_the_turn_of_one_person_too_many():
    """Two of the nearest, one each of four more; what comes after the sixth person is left."""
    labels = np.array([0, 0, 1, 2, 3, 4, 5, 0, 1, 2])
    compared = []

    def exact(templates: np.ndarray) -> np.ndarray:
        compared.extend(templates)
        return 1.0 + templates

    assert nearest(-np.arange(10.0), labels, exact).label == 0
    assert sorted(compared) == [0, 1, 2, 3, 4, 5]
