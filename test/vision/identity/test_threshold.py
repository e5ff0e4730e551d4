# SPDX-License-Identifier: Apache-2.0
"""The threshold lets the share of strangers pass that it was calibrated for."""

from emorec_vision.identity.threshold import calibrate
from emorec_vision.identity.threshold import LBPH_STRANGERS
from emorec_vision.identity.threshold import SFACE_STRANGERS
import numpy as np
import pytest


def test_the_threshold_is_calibrated_from_strangers():
    random = np.random.default_rng(0)
    looks = random.normal(60.0, 5.0, 4000)
    found = calibrate(looks.tolist(), [30.0, 80.0], 10, 0.01)
    assert 0.002 < np.mean(looks <= found.threshold) < 0.012
    assert found.true_accept == 0.5
    assert found.threshold < calibrate(looks.tolist(), [], 10, 0.05).threshold


@pytest.mark.parametrize('prior', [LBPH_STRANGERS, SFACE_STRANGERS])
def test_few_people_are_calibrated_from_strangers_elsewhere(prior):
    for people in (1, 2, 3, 50):
        mean, deviation = prior.of(people)
        found = calibrate([], [], people, 0.01, prior)
        assert found.threshold == pytest.approx(mean - 2.326 * deviation, rel=1e-3)
        assert np.isnan(found.true_accept)
