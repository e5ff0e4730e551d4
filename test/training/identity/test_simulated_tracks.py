# SPDX-License-Identifier: Apache-2.0
"""A simulated track gets its names as a live one does."""

from emorec_training.identity.simulated_tracks import simulate_track
from emorec_vision.identity.gallery import Nearest
import numpy as np
import pytest


@pytest.mark.parametrize('good, named', [(6, True), (2, False)])
def test_a_track_needs_more_than_a_few_good_looks(good, named):
    looks = [Nearest(3, 10.0, 70.0)] * good + [Nearest(number, 90.0, 91.0)
                                               for number in range(6 - good)]
    order = type('Order', (), {'permutation': staticmethod(
        lambda count: np.array([0, 2, 3, 1, 4, 5]))})()
    found = simulate_track(looks, 50.0, order)
    assert (found.carried == {'3'}) == named
    assert found.last == ('3' if named else '')
