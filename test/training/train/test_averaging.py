# SPDX-License-Identifier: Apache-2.0
"""The average of a network's weights over its training."""
from emorec_training.train.averaging import WeightAverage
import numpy as np
import pytest


def test_the_average_forgets_its_start_and_follows_the_weights() -> None:
    """It begins by forgetting fast, and later lags behind."""
    start, now = [np.zeros(3)], [np.ones(3)]
    average = WeightAverage(start, 0.99)
    average.update(now, 8)
    assert (average.weights[0] > 0.5).all() and (average.weights[0] < 1).all()
    average.update(now, 4992)
    assert average.weights[0] == pytest.approx(np.ones(3), abs=1e-3)
    average.update(start, 8)
    assert average.weights[0] == pytest.approx(np.full(3, 0.99 ** 8), abs=1e-3)


def test_without_a_decay_the_average_is_the_last_weights() -> None:
    """A decay of 0 switches averaging off."""
    average = WeightAverage([np.zeros(2), np.zeros(1)], 0.0)
    average.update([np.full(2, 3.0), np.full(1, 5.0)], 1)
    assert np.concatenate(average.weights).tolist() == [3, 3, 5]
