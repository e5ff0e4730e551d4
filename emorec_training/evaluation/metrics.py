# SPDX-License-Identifier: Apache-2.0
"""Metrics of a classifier from labels and probabilities."""

import math
from typing import NamedTuple

import numpy as np

BINS: int = 15
"""Equal-width bins of the calibration error, as in Guo et al. 2017, arXiv 1706.04599."""
CHANCE_DRAWS = 300
"""Sets of labels from which the calibration error by chance is reckoned."""


class ReliabilityBin(NamedTuple):
    """Images whose top probability lies in (low, high].

    Attributes:
        low: 0..1.
        high: 0..1.
        images: how many.
        confidence: their mean top probability, NaN if there are none.
        accuracy: the share of them that is right, 0..1, NaN if there are none.
    """

    low: float
    high: float
    images: int
    confidence: float
    accuracy: float


def softmax(logits: np.ndarray) -> np.ndarray:
    """Return probabilities, float64 (N, C), of `logits` (N, C)."""
    shifted = np.asarray(logits, np.float64)
    shifted = shifted - shifted.max(axis=1, keepdims=True)
    powers = np.exp(shifted)
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean negative log-probability, in nats, of the true labels (N,)."""
    true = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(true, 1e-12)).mean())


def accuracy(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the share, 0..1, of rows whose most probable class is the label."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def reliability_bins(probabilities: np.ndarray, labels: np.ndarray) -> list[ReliabilityBin]:
    """Sort the rows of (N, C) by their top probability into BINS bins of equal width."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    is_right = probabilities.argmax(axis=1) == labels
    place = np.clip(np.ceil(confidence * BINS).astype(int) - 1, 0, BINS - 1)
    bins = []
    for index in range(BINS):
        inside = place == index
        means = ((float(confidence[inside].mean()), float(is_right[inside].mean()))
                 if inside.any() else (math.nan, math.nan))
        bins.append(ReliabilityBin(index / BINS, (index + 1) / BINS, int(inside.sum()), *means))
    return bins


def expected_calibration_error(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean over rows of |accuracy - confidence| of their bin, 0..1.

    With BINS bins of the top probability (Guo et al. 2017, equation 5).
    """
    gaps = [part.images * abs(part.accuracy - part.confidence)
            for part in reliability_bins(probabilities, labels) if part.images]
    return sum(gaps) / len(labels)


def chance_calibration_error(probabilities: np.ndarray) -> tuple[float, float]:
    """Return the calibration error that few images alone make: its mean, and 95 % below it.

    Labels are drawn from the probabilities themselves, which are then calibrated by definition
    (consistency resampling, Broecker and Smith 2007).
    """
    rng, sums = np.random.default_rng(0), probabilities.cumsum(axis=1)
    errors = [expected_calibration_error(
        probabilities, (rng.random((len(sums), 1)) * sums[:, -1:] > sums).sum(axis=1))
        for _ in range(CHANCE_DRAWS)]
    return float(np.mean(errors)), float(np.quantile(errors, 0.95))


def confusion(predicted: np.ndarray, labels: np.ndarray, classes: int) -> np.ndarray:
    """Return counts, int64 (classes, classes): rows are true, columns predicted."""
    counts = np.bincount(labels * classes + predicted, minlength=classes * classes)
    return np.asarray(counts.reshape(classes, classes))


def row_shares(matrix: np.ndarray) -> np.ndarray:
    """Return a confusion matrix (C, C) as shares 0..1 of each true class; 0 where it has none."""
    return np.asarray(matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1))


def recall(matrix: np.ndarray) -> np.ndarray:
    """Return the recall of each class, float64 (C,); NaN for classes without images."""
    total = matrix.sum(axis=1)
    shares = np.full(len(matrix), np.nan)
    np.divide(matrix.diagonal(), total, out=shares, where=total > 0)
    return shares


def precision(matrix: np.ndarray) -> np.ndarray:
    """Return the precision of each class, float64 (C,); NaN for classes never predicted."""
    return recall(matrix.T)


def macro_f1(matrix: np.ndarray) -> float:
    """Return the mean of the classes' F1 over the classes that have images."""
    present = matrix.sum(axis=1) > 0
    hits = 2.0 * matrix.diagonal()
    return float((hits / np.maximum(matrix.sum(axis=0) + matrix.sum(axis=1), 1))[present].mean())


def wilson_interval(hits: int, total: int) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927, z = 1.96)."""
    z, share = 1.96, hits / total
    centre = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return (centre - half) / scale, (centre + half) / scale
