# SPDX-License-Identifier: Apache-2.0
"""Rest and expressions of a person, estimated in the space of expressions from a few images."""
import numpy as np
from people_images import space_of_levels
import pytest

SPACE = space_of_levels()
SHIFT = np.array([0.8, -0.6, 0.4, 0.0, -0.5, 0.3])


def _faces(classes: np.ndarray, seed: int = 0) -> np.ndarray:
    """Return coordinates of faces of somebody whose rest lies at SHIFT."""
    noise = np.random.default_rng(seed).normal(0, 0.1, (len(classes), len(SHIFT)))
    return np.asarray(SPACE.expressions[classes] + SHIFT + noise)


@pytest.mark.parametrize('labelled', [False, True])
def test_the_rest_is_found_by_images_of_every_emotion(labelled: bool) -> None:
    """With labels or without; more images, less of what FER2013 expects."""
    errors = []
    for repeats in (1, 10):
        classes = np.tile(np.arange(7), repeats)
        rest = (SPACE.labelled_rest(_faces(classes), classes) if labelled
                else SPACE.unlabelled_rest(_faces(classes)))
        errors.append(np.linalg.norm(rest - SHIFT))
    assert errors[0] < 0.35 * np.linalg.norm(SHIFT)
    assert labelled or errors[1] < 0.1 * np.linalg.norm(SHIFT)


def test_every_emotion_counts_the_same_for_the_rest() -> None:
    """Twenty smiles do not pull it where one sad face does not."""
    classes = np.array([3] * 20 + [4])
    even = SPACE.labelled_rest(_faces(np.array([3, 4])), np.array([3, 4]))
    assert np.linalg.norm(SPACE.labelled_rest(_faces(classes), classes) - even) < 0.2


def test_nothing_is_known_of_nobody() -> None:
    """Rest lies at FER2013's mean, expressions where they are expected."""
    none, classes = np.zeros((0, len(SHIFT))), np.zeros(0, int)
    assert not SPACE.unlabelled_rest(none).any()
    assert not SPACE.labelled_rest(none, classes).any()
    assert np.array_equal(SPACE.shrunk_expressions(none, classes), SPACE.expressions)


def test_expressions_are_learnt_with_more_images() -> None:
    """One that is shown goes half the way with one image, others stay."""
    place = SPACE.expressions[3] + 1.0
    for count, share in ((1, 1 / 2), (3, 3 / 4)):
        own = SPACE.shrunk_expressions(np.tile(place, (count, 1)), np.full(count, 3))
        assert np.allclose(own[3], SPACE.expressions[3] + share)
        assert np.array_equal(own[:3], SPACE.expressions[:3])
