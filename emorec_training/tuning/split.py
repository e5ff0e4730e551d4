# SPDX-License-Identifier: Apache-2.0
"""Sets aside a tenth of Training to tune on, so that no test split is looked at."""

import dataclasses

from emorec_training.data.dataset import Split
from emorec_training.data.duplicates import duplicate_groups
from emorec_vision.errors import InputError
import numpy as np

SHARE: float = 0.1
LEAST: int = 20


def tuning_split(training: Split, seed: int, rows: int = 0) -> tuple[Split, Split]:
    """Return what to train on and the tenth to measure on, both parts of `training`.

    Images that are copies or cuts of one photo stay on one side. `rows` above 0 takes only so
    many images, drawn by the seed. The same seed gives the same parts on every machine.
    Raise InputError where there are too few images.
    """
    rng = np.random.default_rng(seed)
    count = len(training.images)
    if rows and not LEAST <= rows <= count:
        raise InputError(f'--rows: {rows} is outside {LEAST}..{count}, the images of Training')
    if count < LEAST:
        raise InputError(f'Training holds {count} images; tuning needs at least {LEAST}')
    drawn = np.sort(rng.permutation(count)[:rows or count])
    groups = duplicate_groups(training.images[drawn])
    is_held_out = hold_out(groups, rng)
    if not is_held_out.any():
        raise InputError('the images of Training are too alike to set a tenth of them aside')
    return part(training, drawn[~is_held_out]), part(training, drawn[is_held_out])


def hold_out(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose whole groups, in random order, until a tenth is reached; return bool (N,).

    groups: int64 (N,), equal where two images must stay together. A group that would
    overshoot the tenth is passed over.
    """
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    wanted = round(SHARE * len(groups))
    chosen = np.zeros(len(sizes), bool)
    filled = 0
    for index in rng.permutation(len(sizes)):
        if filled + sizes[index] <= wanted:
            chosen[index] = True
            filled += int(sizes[index])
    return chosen[group]


def part(split: Split, indices: np.ndarray) -> Split:
    """Return the images at `indices`, int64 (M,), with their labels, rows and targets."""
    return dataclasses.replace(split, images=split.images[indices], labels=split.labels[indices],
                               rows=split.rows[indices], targets=split.targets[indices])
