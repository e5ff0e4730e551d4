# SPDX-License-Identifier: Apache-2.0
"""Probabilities that are as often right as they say, and no label said too often."""

from typing import NamedTuple

from emorec_training import metrics
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

SPREAD: float = 0.2
"""Standard deviation that offsets are expected to have: on few pictures they stay near 0."""

STEPS: int = 300


class Calibration(NamedTuple):
    """A temperature T, the share s of label smoothing undone before it, offsets b after it.

    One offset is added to the logit of each of the C labels; one alone stands for all.
    """

    temperature: float = 1.0
    smoothing: float = 0.0
    offsets: tuple[float, ...] = (0.0,)


def undo_smoothing(probabilities: np.ndarray, smoothing: float) -> np.ndarray:
    """Return max(p - s / C, KEPT p), float64 (N, C), whose rows do not sum to 1.

    Who learnt labels blended with s of the uniform distribution (Szegedy et al. 2015, arXiv
    1512.00567, section 7) answers (1 - s) q + s / C instead of q, and is never sure.
    """
    answers = np.asarray(probabilities, np.float64)
    return np.maximum(answers - smoothing / answers.shape[1], KEPT * answers)


def calibrate(probabilities: np.ndarray, calibration: Calibration) -> np.ndarray:
    """Return softmax(log(undo_smoothing(p, s)) / T + b), float64 (N, C).

    Without smoothing and offsets and for p = softmax(z) that is softmax(z / T).
    """
    logs = _logs(probabilities, calibration.smoothing)
    return metrics.softmax(logs / calibration.temperature + np.array(calibration.offsets))


def fit(probabilities: np.ndarray, labels: np.ndarray) -> Calibration:
    """Return the Calibration with the least log-loss: s of SMOOTHINGS, T in LIMITS, then b.

    probabilities: (N, C), uncalibrated; labels: int (N,). This is temperature scaling (Guo et
    al. 2017, arXiv 1706.04599, section 4.2), with the smoothing of the labels before it, and
    after it the offsets of their bias-corrected form (Alexandari et al. 2020, arXiv
    1901.06852): who learnt from a teacher says some labels more often than they are true.
    """
    found = []
    for smoothing in SMOOTHINGS:
        temperature = _fit_temperature(_logs(probabilities, smoothing), labels)
        candidate = Calibration(temperature, float(smoothing))
        found.append((metrics.log_loss(calibrate(probabilities, candidate), labels), candidate))
    best = min(found)[1]
    scaled = _logs(probabilities, best.smoothing) / best.temperature
    return best._replace(offsets=_fit_offsets(scaled, labels))


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


def _fit_offsets(logits: np.ndarray, labels: np.ndarray) -> tuple[float, ...]:
    """Return the likeliest offsets of logits (N, C), which are 0 give or take SPREAD beforehand.

    That is convex, and N / 2 is the most that it is curved by the labels in any direction
    (Boehning 1992, "Multinomial logistic regression algorithm"), so no step goes too far.
    """
    count, classes = logits.shape
    true = np.bincount(labels, minlength=classes)
    offsets = np.zeros(classes)
    for _ in range(STEPS):
        said = metrics.softmax(logits + offsets).sum(axis=0)
        slope = said - true + offsets / SPREAD ** 2
        offsets -= slope / (count / 2 + 1 / SPREAD ** 2)
    return tuple(map(float, offsets))
