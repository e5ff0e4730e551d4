# SPDX-License-Identifier: Apache-2.0
"""Evaluations count what they say, on looks whose answers are known."""

from emorec_training.identity.evaluation import evaluate
from emorec_training.identity.evaluation import make_split
from emorec_vision.identity.gallery import Nearest
import numpy as np

PEOPLE = np.repeat(np.arange(8), 6)


def oracle(image: int, enrolled: np.ndarray, labels: np.ndarray) -> Nearest:
    """Know everybody: near if enrolled, far if not."""
    person = int(PEOPLE[image])
    return Nearest(person, 10.0, 70.0) if person in labels else Nearest(
        int(labels[0]), 70.0 + image % 6, 71.0 + image % 6)


def test_a_perfect_recogniser_scores_all_and_a_blind_one_nothing():
    figures = evaluate(oracle, PEOPLE, 3, 4, 0)
    assert figures.closed_set_accuracy == figures.true_accept == [1.0] * 4
    assert figures.calibrated_true_accept == figures.track_true_accept == [1.0] * 4
    assert figures.calibrated_false_accept == figures.track_false_accept == [0.0] * 4
    np.testing.assert_array_equal(figures.confusion, 12 * np.eye(8, dtype=int))
    blind = evaluate(lambda image, enrolled, labels: Nearest(-1, 70.0, 71.0), PEOPLE, 3, 2, 0)
    assert blind.closed_set_accuracy == blind.true_accept == [0.0] * 2
    fooled = evaluate(lambda image, enrolled, labels: Nearest(int(labels[0]), 5.0, 70.0),
                      PEOPLE, 3, 2, 0)
    assert fooled.track_false_accept == [1.0] * 2


def test_splits_repeat_with_the_seed_and_never_share_an_image():
    one, same, other = (make_split(PEOPLE, 3, seed) for seed in ((0, 1), (0, 1), (1, 1)))
    for person in range(8):
        np.testing.assert_array_equal(one.enrolled[person], same.enrolled[person])
        every = sorted([*one.enrolled[person], *one.probes[person]])
        assert every == list(np.flatnonzero(PEOPLE == person))
    assert any((one.enrolled[person] != other.enrolled[person]).any() for person in range(8))
