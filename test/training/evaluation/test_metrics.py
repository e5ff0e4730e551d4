# SPDX-License-Identifier: Apache-2.0
"""Figures of merit against values worked out by hand."""
import math

from emorec_training.evaluation import metrics
import numpy as np
import pytest


def _answers(*confidences: float) -> np.ndarray:
    """Return probabilities of two classes whose top one is class 0."""
    return np.array([[share, 1 - share] for share in confidences])


def test_calibration_error_is_the_gap_weighted_by_images() -> None:
    """Three sure answers of which one is wrong, and an unsure one that is right."""
    probabilities = _answers(0.95, 0.97, 0.99, 0.55)
    labels = np.array([0, 1, 0, 0])
    expected = (3 * abs(2 / 3 - 0.97) + abs(1 - 0.55)) / 4
    assert metrics.expected_calibration_error(probabilities, labels) == pytest.approx(expected)


def test_a_network_that_is_as_often_right_as_it_says_has_no_calibration_error() -> None:
    """Four answers at 75 %, three of them right."""
    labels = np.array([0, 0, 0, 1])
    assert metrics.expected_calibration_error(_answers(*[0.75] * 4), labels) == pytest.approx(0)


def test_few_images_make_a_calibration_error_by_chance() -> None:
    """One answer at 90 % is right nine times of ten, 0.1 off; the tenth time it is 0.9 off."""
    mean, most = metrics.chance_calibration_error(_answers(0.9))
    assert mean == pytest.approx(0.18, abs=0.05) and most == pytest.approx(0.9)
    assert max(metrics.chance_calibration_error(_answers(*[0.75] * 10_000))) < 0.01


def test_bins_are_fifteen_of_equal_width_and_closed_above() -> None:
    """A probability of 0.6 = 9 / 15 counts to the bin that ends there."""
    bins = metrics.reliability_bins(_answers(0.6, 0.61, 1.0), np.array([0, 0, 1]))
    assert len(bins) == 15
    assert [index for index, part in enumerate(bins) if part.images] == [8, 9, 14]
    assert (bins[8].low, bins[8].high) == pytest.approx((8 / 15, 9 / 15))
    assert bins[14].accuracy == 0 and bins[14].confidence == 1
    assert math.isnan(bins[0].accuracy) and math.isnan(bins[0].confidence)


def test_softmax_survives_large_logits() -> None:
    """The largest logit is taken away before the exponential."""
    assert metrics.softmax(np.array([[1000.0, 1000.0], [0.0, -1000.0]])) == pytest.approx(
        np.array([[0.5, 0.5], [1.0, 0.0]]))


def test_log_loss_of_an_impossible_label_is_finite() -> None:
    """Probability 0 counts as 1e-12; probability 1/2 costs log 2."""
    assert metrics.log_loss(np.array([[1.0, 0.0]]), np.array([1])) == pytest.approx(
        -math.log(1e-12))
    assert metrics.log_loss(_answers(0.5), np.array([0])) == pytest.approx(math.log(2))


def test_figures_of_a_confusion_matrix() -> None:
    """Recall by rows, precision by columns; a class without images counts nowhere."""
    labels, predicted = np.array([0, 0, 0, 1]), np.array([0, 0, 1, 1])
    matrix = metrics.confusion(predicted, labels, 3)
    assert matrix.tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    assert metrics.recall(matrix)[:2].tolist() == pytest.approx([2 / 3, 1])
    assert metrics.precision(matrix)[:2].tolist() == pytest.approx([1, 1 / 2])
    assert math.isnan(metrics.recall(matrix)[2])
    assert metrics.macro_f1(matrix) == pytest.approx((4 / 5 + 2 / 3) / 2)
    assert metrics.row_shares(matrix)[0].tolist() == pytest.approx([2 / 3, 1 / 3, 0])
    assert metrics.row_shares(matrix)[2].tolist() == [0, 0, 0]


@pytest.mark.parametrize('hits, total, low, high', [
    (50, 100, 0.4038, 0.5962), (0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0)])
def test_the_interval_is_wilsons(hits: int, total: int, low: float, high: float) -> None:
    """It stays within 0..1, also where the plain normal interval would not."""
    assert metrics.wilson_interval(hits, total) == pytest.approx((low, high), abs=1e-4)
