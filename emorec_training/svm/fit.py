# SPDX-License-Identifier: Apache-2.0
"""Fit support vector machines, and keep the one that is best on the validation images."""

from collections.abc import Iterator
from collections.abc import Sequence
import dataclasses
import itertools
from time import monotonic
from typing import Any

from emorec_training.evaluation.metrics import log_loss
from emorec_training.evaluation.metrics import softmax
from emorec_vision.errors import InputError
import numpy as np
import optuna
from sklearn.svm import SVC

LONGEST_FIT: int = -1
"""Iterations of libsvm: until it converges."""
GRID: tuple[tuple[float, ...], tuple[float, ...]] = ((1.0, 3.0, 10.0), (0.3, 1.0, 3.0))
"""C, and gamma in units of 1 / values, which is scikit-learn's `auto`."""
PROBE: tuple[int, int] = (500, 1000)
"""Rows of the fits by which the time of larger ones is told."""
SHARPNESS: np.ndarray = np.geomspace(0.1, 30.0, 60)


@dataclasses.dataclass(frozen=True)
class Settings:
    """What a machine is fitted with.

    Attributes:
        kernel: rbf or linear.
        c: weight of errors.
        gamma: of the kernel, in units of 1 / number of values.
    """

    kernel: str = 'rbf'
    c: float = 1.0
    gamma: float = 1.0


@dataclasses.dataclass
class Data:
    """Standardised features, float32 (N, D), with labels int64 (N,), to learn and to check."""

    learn: np.ndarray
    labels: np.ndarray
    check: np.ndarray
    check_labels: np.ndarray

    def drawn(self, rows: int, seed: int) -> 'Data':
        """Return the same with so many rows to learn, each class at its share."""
        if rows >= len(self.labels):
            return self
        chosen = np.concatenate([
            np.random.default_rng([seed, label]).permutation(np.flatnonzero(self.labels == label))
            [:max(2, round(rows * (self.labels == label).mean()))]
            for label in np.unique(self.labels)])
        return dataclasses.replace(self, learn=self.learn[chosen], labels=self.labels[chosen])


def fit(data: Data, settings: Settings) -> SVC:
    """Return a machine that was fitted on all rows."""
    return SVC(kernel=settings.kernel, C=settings.c, gamma=settings.gamma / data.learn.shape[1],
               max_iter=LONGEST_FIT, cache_size=1000, random_state=0).fit(data.learn, data.labels)


def accuracy(machine: SVC, data: Data) -> float:
    """Return the share of the validation images that a machine tells rightly, 0..1."""
    scores = machine.decision_function(data.check)
    return float((scores.argmax(axis=1) == data.check_labels).mean())


@dataclasses.dataclass(frozen=True)
class Pace:
    """How the time of a fit grows: `seconds` for `rows`, and with this power of them.

    libsvm takes between the square and the cube of the rows (its manual).
    """

    rows: int
    seconds: float
    exponent: float

    def seconds_for(self, rows: int) -> float:
        """Return about how long a fit on so many rows takes, s."""
        return float(self.seconds * (rows / self.rows) ** self.exponent)

    def rows_within(self, seconds: float, rows: int) -> int:
        """Return how many rows can be learnt in so many seconds, at most `rows`."""
        most = self.rows * (seconds / max(self.seconds, 1e-9)) ** (1 / self.exponent)
        return min(rows, max(PROBE[0], int(min(most, rows))))


def pace_of(data: Data, settings: Settings) -> Pace:
    """Return the pace that two small fits show."""
    times = []
    for count in PROBE:
        few = data.drawn(count, 0)
        begun = monotonic()
        fit(few, settings)
        times.append((len(few.labels), monotonic() - begun))
    (small, first), (large, second) = times
    exponent = (float(np.clip(np.log(second / first) / np.log(large / small), 1.8, 3.0))
                if large > small and first > 0.0 else 2.0)
    return Pace(large, second, exponent)


def search(data: Data, kernel: str, trials: int, seed: int) -> Iterator[tuple[Settings, float]]:
    """Yield settings and their accuracy: those of GRID, or as many as `trials`, drawn by TPE.

    Args:
        data: to fit each on.
        kernel: of all.
        trials: 0 for the grid.
        seed: of the draws.
    """
    if not trials:
        gammas = GRID[1] if kernel == 'rbf' else (1.0,)
        for c, gamma in itertools.product(GRID[0], gammas):
            settings = Settings(kernel, c, gamma)
            yield settings, accuracy(fit(data, settings), data)
        return
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        direction='maximize', sampler=optuna.samplers.TPESampler(seed=seed))
    for _ in range(trials):
        trial = study.ask()
        gamma = trial.suggest_float('gamma', 0.05, 20.0, log=True) if kernel == 'rbf' else 1.0
        settings = Settings(kernel, trial.suggest_float('C', 0.1, 100.0, log=True), gamma)
        found = accuracy(fit(data, settings), data)
        study.tell(trial, found)
        yield settings, found


def sharpness_of(scores: np.ndarray, labels: np.ndarray) -> float:
    """Return by how much scores (N, C) are multiplied to make the likeliest logits of labels."""
    losses = [log_loss(softmax(sharp * scores), labels) for sharp in SHARPNESS]
    return float(SHARPNESS[int(np.argmin(losses))])


def standardised(learn: np.ndarray, check: np.ndarray) -> tuple[Any, ...]:
    """Return both with mean 0 and deviation 1 of what is learnt, and these two, float32 (D,)."""
    mean = learn.mean(axis=0)
    deviation = np.maximum(learn.std(axis=0), 1e-4)
    return (learn - mean) / deviation, (check - mean) / deviation, mean, deviation


def check_classes(labels: Sequence[str]) -> None:
    """Check that there are pairs to vote.

    Raises:
        InputError: if there are fewer than three classes.
    """
    if len(labels) < 3:
        raise InputError('--classes: a support vector machine here needs three classes or more')
