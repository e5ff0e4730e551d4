# SPDX-License-Identifier: Apache-2.0
"""How much each class weighs in the loss."""
from emorec_training.train.class_weights import class_weights
import numpy as np
import pytest


def test_class_weights_make_rare_classes_count() -> None:
    """At power 1 every class weighs the same in all, at 0 every image."""
    targets = np.eye(2)[[0] * 30 + [1] * 10]
    assert class_weights(targets, 0.0) == pytest.approx(np.ones(2))
    balanced = class_weights(targets, 1.0)
    assert balanced * [30, 10] == pytest.approx(np.full(2, 20.0))
    assert 1 < class_weights(targets, 0.5)[1] / class_weights(targets, 0.5)[0] < 3


def test_a_class_without_an_image_weighs_nothing_up() -> None:
    """Label smoothing asks a little of it in every image."""
    targets = np.eye(3)[[0] * 3000 + [1] * 1000]
    weights = class_weights(targets, 1.0)
    smoothed = targets * 0.9 + 0.1 / 3
    assert (smoothed @ weights).mean() == pytest.approx(1, abs=0.05)
    assert weights[:2] * [3000, 1000] == pytest.approx(np.full(2, 2000.0))
