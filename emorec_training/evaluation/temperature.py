# SPDX-License-Identifier: Apache-2.0
"""Temperature scaling: probabilities that are as often right as they say."""

from typing import NamedTuple

from emorec_training.evaluation import metrics
import numpy as np

LIMITS: tuple[float, float] = (0.05, 20.0)
"""Temperatures that are considered."""

SMOOTHINGS: np.ndarray = np.linspace(0.0, 0.2, 11)
"""Shares of label smoothing that are considered."""

KEPT: float = 0.1
"""Share of a probability that stays where smoothing would explain all of it."""

FLOOR: float = 1e-12
"""Smallest probability whose logarithm is taken."""

HALVINGS: int = 30


class TemperatureScaling(NamedTuple):
    """A temperature T, and the share s of label smoothing that is undone before it.

    Attributes:
        temperature: T.
        smoothing: s, 0..1.
    """

    temperature: float = 1.0
    smoothing: float = 0.0


def undo_smoothing(probabilities: np.ndarray, smoothing: float) -> np.ndarray:
    """Return max(p - s / C, KEPT p), whose rows do not sum to 1.

    A network that learnt labels blended with s of the uniform distribution (Szegedy et al.
    2015, arXiv 1512.00567, section 7) answers (1 - s) q + s / C instead of q, and is never
    sure.

    Args:
        probabilities: p, (N, C).
        smoothing: s, 0..1.

    Returns:
        float64 (N, C).
    """
    smoothed = np.asarray(probabilities, np.float64)
    return np.asarray(
        np.maximum(smoothed - smoothing / smoothed.shape[1], KEPT * smoothed))


def calibrate(probabilities: np.ndarray, calibration: TemperatureScaling) -> np.ndarray:
    """Return softmax(log(undo_smoothing(p, s)) / T).

    Without smoothing and for p = softmax(z) that is softmax(z / T).

    Args:
        probabilities: p, (N, C).
        calibration: T and s.

    Returns:
        float64 (N, C).
    """
    logs = _logs(probabilities, calibration.smoothing)
    return metrics.softmax(logs / calibration.temperature)


def fit(probabilities: np.ndarray, labels: np.ndarray) -> TemperatureScaling:
    """Return the TemperatureScaling with the least log-loss: s of SMOOTHINGS, T in LIMITS.

    This is temperature scaling (Guo et al. 2017, arXiv 1706.04599, section 4.2) with one
    parameter more.

    Args:
        probabilities: (N, C), uncalibrated.
        labels: int (N,), indices of columns.
    """
    found = []
    for smoothing in SMOOTHINGS:
        temperature = _fit_temperature(_logs(probabilities, smoothing), labels)
        candidate = TemperatureScaling(temperature, float(smoothing))
        found.append((metrics.log_loss(calibrate(probabilities, candidate), labels), candidate))
    return min(found)[1]


def _logs(probabilities: np.ndarray, smoothing: float) -> np.ndarray:
    return np.asarray(np.log(np.maximum(undo_smoothing(probabilities, smoothing), FLOOR)))


def _fit_temperature(logs: np.ndarray, labels: np.ndarray) -> float:
    """Return the T with the least log-loss of softmax(logs / T).

    That is convex in 1 / T, so its slope is bisected: the mean of
    sum_c p_c(T) logs_c - logs_label, which rises with 1 / T.
    """
    true = logs[np.arange(len(labels)), labels]
    low, high = 1 / LIMITS[1], 1 / LIMITS[0]
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        slope = (metrics.softmax(middle * logs) * logs).sum(axis=1) - true
        if slope.mean() > 0:
            high = middle
        else:
            low = middle
    return 2 / (low + high)
