# SPDX-License-Identifier: Apache-2.0
"""Temperature scaling: probabilities that are as often right as they say."""

from emorec_training import metrics
import numpy as np

LIMITS: tuple[float, float] = (0.05, 20.0)
"""Temperatures that are considered."""

FLOOR: float = 1e-12
"""Smallest probability whose logarithm is taken."""

HALVINGS: int = 60


def sharpen(probabilities: np.ndarray, temperature: float) -> np.ndarray:
    """Return softmax(log(p) / T), float64 (N, C); for p = softmax(z) that is softmax(z / T)."""
    logs = np.log(np.maximum(np.asarray(probabilities, np.float64), FLOOR))
    return metrics.softmax(logs / temperature)


def fit_temperature(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the temperature T in LIMITS with the least log-loss of sharpen(p, T).

    probabilities: (N, C), at temperature 1; labels: int (N,). The log-loss is convex in 1 / T
    (Guo et al. 2017, arXiv 1706.04599, section 4.2), so its slope is bisected:
    the mean of sum_c p_c(T) log p_c - log p_label, which rises with 1 / T.
    """
    logs = np.log(np.maximum(np.asarray(probabilities, np.float64), FLOOR))
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
