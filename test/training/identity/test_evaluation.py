# SPDX-License-Identifier: Apache-2.0
"""Evaluations count what they say, on looks whose answers are known."""

from emorec_training.identity.evaluation import evaluate
from emorec_training.identity.evaluation import make_split
from emorec_training.identity.look_table import LookTable
from emorec_training.identity.simulated_tracks import simulate_track
from emorec_vision.identity.gallery import Nearest
from emorec_vision.identity.recognizer import train
import numpy as np
import pytest

PEOPLE = np.repeat(np.arange(8), 6)


def oracle(image: int, enrolled: np.ndarray, labels: np.ndarray) -> Nearest:
    """Know everybody: near if enrolled, far if not."""
    person = int(PEOPLE[image])
    return Nearest(person, 10.0, 70.0) if person in labels else Nearest(
        int(labels[0]), 70.0 + image % 6, 71.0 + image % 6)


def test_a_perfect_recogniser_scores_all_and_a_blind_one_nothing():
    figures = evaluate(oracle, PEOPLE, 3, 4, 0)
    assert figures.closed == figures.true_accept == [1.0] * 4
    assert figures.calibrated_true_accept == figures.track_true_accept == [1.0] * 4
    assert figures.calibrated_false_accept == figures.track_false_accept == [0.0] * 4
    np.testing.assert_array_equal(figures.confusion, 12 * np.eye(8, dtype=int))
    blind = evaluate(lambda image, enrolled, labels: Nearest(-1, 70.0, 71.0), PEOPLE, 3, 2, 0)
    assert blind.closed == blind.true_accept == [0.0] * 2
    fooled = evaluate(lambda image, enrolled, labels: Nearest(int(labels[0]), 5.0, 70.0),
                      PEOPLE, 3, 2, 0)
    assert fooled.track_false_accept == [1.0] * 2


def test_splits_repeat_with_the_seed_and_never_share_a_image():
    one, same, other = (make_split(PEOPLE, 3, seed) for seed in ((0, 1), (0, 1), (1, 1)))
    for person in range(8):
        np.testing.assert_array_equal(one.enrolled[person], same.enrolled[person])
        every = sorted([*one.enrolled[person], *one.probes[person]])
        assert every == list(np.flatnonzero(PEOPLE == person))
    assert any((one.enrolled[person] != other.enrolled[person]).any() for person in range(8))


@pytest.mark.parametrize('good, named', [(6, True), (2, False)])
def test_a_track_needs_more_than_a_few_good_looks(good, named):
    looks = [Nearest(3, 10.0, 70.0)] * good + [Nearest(number, 90.0, 91.0)
                                               for number in range(6 - good)]
    order = type('Order', (), {'permutation': staticmethod(
        lambda count: np.array([0, 2, 3, 1, 4, 5]))})()
    found = simulate_track(looks, 50.0, order)
    assert (found.names == {'3'}) == named


def test_the_table_answers_as_the_recogniser_does():
    random = np.random.default_rng(0)
    images = [random.integers(0, 256, (120, 120), dtype=np.uint8) for _ in range(12)]
    table = LookTable(images)
    enrolled = np.array([0, 1, 4, 5, 8, 9])
    recognizer = train({name: [images[4 * number], images[4 * number + 1]]
                        for number, name in enumerate('abc')})
    for probe in range(12):
        found = table.look(probe, enrolled, np.array([0, 0, 1, 1, 2, 2]))
        match = recognizer.look(images[probe])
        assert match.person == 'abc'[found.label]
        assert match.distance == pytest.approx(found.distance, abs=1e-3)
        assert match.second_distance == pytest.approx(found.second_distance, abs=1e-3)
