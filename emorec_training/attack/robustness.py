# SPDX-License-Identifier: Apache-2.0
"""How large a change each pair of emotions needs until a network predicts the other one."""

import dataclasses
from typing import Any

from emorec_training.attack.figures import format_median
from emorec_training.attack.target import Target
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import numpy as np

BATCH: int = 42


@dataclasses.dataclass(frozen=True)
class Robustness:
    """The smallest budgets from correctly classified images, by pair of emotions.

    Attributes:
        medians: float (7, 7), median of the budgets in gray levels from row to column, NaN on
            the diagonal and where no image was left.
        tried: int (7, 7), number of attacks.
        fooled: int (7, 7), number of attacks that succeeded.
        settings: of the measurement, by name.
    """

    medians: np.ndarray
    tried: np.ndarray
    fooled: np.ndarray
    settings: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return plain numbers, None for NaN."""
        medians = [[None if np.isnan(each) else float(each) for each in row]
                   for row in self.medians]
        return {'emotions': list(EMOTIONS), 'median_gray_levels': medians,
                'tried': self.tried.tolist(), 'fooled': self.fooled.tolist(), **self.settings}


def measure_robustness(target: Target, images: np.ndarray, labels: np.ndarray, per_emotion: int,
                       steps: int, largest: int, seed: int) -> Robustness:
    """Attack correctly classified images towards all six other emotions.

    Args:
        target: the network.
        images: uint8 (N, 48, 48).
        labels: int (N,), indices into EMOTIONS.
        per_emotion: how many images of each emotion.
        steps: of one attempt.
        largest: budget, in gray levels.
        seed: chooses the images.

    Raises:
        InputError: if no image is classified correctly.
    """
    correct = np.flatnonzero(target.predict(images).argmax(axis=1) == labels)
    correct = np.random.default_rng(seed).permutation(correct)
    rows = np.concatenate([correct[labels[correct] == label][:per_emotion]
                           for label in range(len(EMOTIONS))])
    pairs = [(row, wanted) for row in rows for wanted in range(len(EMOTIONS))
             if wanted != labels[row]]
    if not pairs:
        raise InputError('no image is told rightly; there is nothing to attack')
    chosen, wanted = np.array(pairs).T
    budgets = _attack_all(target, images[chosen], wanted, steps, largest)
    return _table(labels[chosen], wanted, budgets, {
        'pictures': len(rows), 'attacks': len(pairs), 'steps': steps, 'largest': largest,
        'seed': seed, 'model': str(target.predict.path)})


def _attack_all(target: Target, images: np.ndarray, wanted: np.ndarray, steps: int,
                largest: int) -> np.ndarray:
    """Return the smallest budget of each image, 0 where none succeeds."""
    attacker = target.attacker(BATCH, steps)
    budgets: list[np.ndarray] = []
    for start in range(0, len(images), BATCH):
        rows = np.arange(start, start + BATCH) % len(images)
        found = attacker.find_smallest(images[rows], wanted[rows], largest)
        budgets.append(found.budgets[:len(images) - start])
    return np.concatenate(budgets)


def _table(labels: np.ndarray, wanted: np.ndarray, budgets: np.ndarray,
           settings: dict[str, Any]) -> Robustness:
    shape = (len(EMOTIONS), len(EMOTIONS))
    medians = np.full(shape, np.nan)
    tried, fooled = np.zeros(shape, int), np.zeros(shape, int)
    for row, column in np.ndindex(shape):
        here = budgets[(labels == row) & (wanted == column)]
        tried[row, column], fooled[row, column] = len(here), (here > 0).sum()
        if len(here):
            median = float(np.median(np.where(here > 0, here, np.inf)))
            medians[row, column] = median if np.isfinite(median) else np.nan
    return Robustness(medians, tried, fooled, settings)


def format_robustness(robustness: Robustness) -> str:
    """Return the medians as a Markdown table, and how often the attack succeeded at all."""
    lines = ['| from \\ to | ' + ' | '.join(EMOTIONS) + ' |', '|---' * 8 + '|']
    for name, row in zip(EMOTIONS, robustness.medians):
        lines.append(f'| {name} | ' + ' | '.join(map(format_median, row.tolist())) + ' |')
    settings = robustness.settings
    lines += ['', f'Median largest change of a pixel, of 255 gray levels, that makes the model '
              f'answer the column; {settings["pictures"]} rightly told images, '
              f'{robustness.fooled.sum()} of {robustness.tried.sum()} attacks worked (budgets up '
              f'to {settings["largest"]}, {settings["steps"]} steps each, seed '
              f'{settings["seed"]}).']
    return '\n'.join(lines)
