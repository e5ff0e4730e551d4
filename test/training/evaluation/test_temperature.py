# SPDX-License-Identifier: Apache-2.0
"""Temperature scaling, with label smoothing undone."""
from emorec_training.evaluation import metrics
from emorec_training.evaluation import temperature
import numpy as np
import pytest


@pytest.mark.parametrize('factor, smoothing', [
    (0.5, 0.0), (1.0, 0.0), (2.5, 0.0), (0.5, 0.1), (1.0, 0.1)])
def test_the_calibration_is_found_again(factor: float, smoothing: float) -> None:
    """Labels drawn from q calibrate answers made of q by temperature and smoothing."""
    rng = np.random.default_rng(0)
    logits = rng.normal(0, 2, (8000, 7))
    chances = metrics.softmax(logits)
    labels = (rng.uniform(size=(8000, 1)) > chances.cumsum(axis=1)).sum(axis=1).clip(0, 6)
    answers = (1 - smoothing) * metrics.softmax(logits * factor) + smoothing / 7
    found = temperature.fit(answers, labels)
    assert found.smoothing == pytest.approx(smoothing, abs=0.03)
    if not smoothing:
        assert found.temperature == pytest.approx(factor, rel=0.1)
    calibrated = temperature.calibrate(answers, found)
    assert metrics.expected_calibration_error(calibrated, labels) < 0.02


def test_without_smoothing_it_is_plain_temperature_scaling() -> None:
    """As in the paper: softmax(z / T)."""
    logits = np.random.default_rng(0).normal(0, 3, (50, 7))
    calibrated = temperature.calibrate(metrics.softmax(logits),
                                       temperature.TemperatureScaling(1.7))
    assert calibrated == pytest.approx(metrics.softmax(logits / 1.7))


def test_calibration_keeps_the_answer_and_certain_answers_stay_finite() -> None:
    """No order changes, and a probability of 0 is no error."""
    answers = np.array([[0.0, 1.0, 0.0], [0.2, 0.5, 0.3], [0.02, 0.95, 0.03]])
    calibrated = temperature.calibrate(answers, temperature.TemperatureScaling(0.5, 0.1))
    assert np.isfinite(calibrated).all()
    assert (calibrated.argsort(axis=1)[1:] == answers.argsort(axis=1)[1:]).all()
    low, high = temperature.LIMITS
    assert low <= temperature.fit(answers, np.array([1, 1, 1])).temperature <= high
