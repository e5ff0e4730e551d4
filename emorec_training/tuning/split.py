# SPDX-License-Identifier: Apache-2.0
"""The tenth of Training to tune on, so that no test split is looked at."""

import dataclasses

from emorec_training.data.dataset import Split
from emorec_training.data.overlap.duplicates import duplicate_groups
from emorec_training.data.overlap.duplicates import hold_out
from emorec_vision.errors import InputError
import numpy as np

FEWEST_IMAGES: int = 20


def tuning_split(training: Split, seed: int, rows: int = 0) -> tuple[Split, Split]:
    """Split Training into what to train on and the tenth to measure on.

    Images that are copies or cuts of one photo stay on one side. The same seed gives the same
    parts on every machine.

    Args:
        training: the images of Training.
        seed: of the draws.
        rows: how many images to draw, 0 for all.

    Raises:
        InputError: if there are too few images, or they are too alike.
    """
    rng = np.random.default_rng(seed)
    count = len(training.images)
    if rows and not FEWEST_IMAGES <= rows <= count:
        raise InputError(f'--rows: {rows} is outside {FEWEST_IMAGES}..{count}, the images of '
                         'Training')
    if count < FEWEST_IMAGES:
        raise InputError(f'Training holds {count} images; tuning needs at least {FEWEST_IMAGES}')
    drawn = np.sort(rng.permutation(count)[:rows or count])
    groups = duplicate_groups(training.images[drawn])
    is_held_out = hold_out(groups, rng)
    if not is_held_out.any():
        raise InputError('the images of Training are too alike to set a tenth of them aside')
    return subset(training, drawn[~is_held_out]), subset(training, drawn[is_held_out])


def subset(split: Split, indices: np.ndarray) -> Split:
    """Return the images at `indices`, int64 (M,), with their labels, rows and targets."""
    return dataclasses.replace(split, images=split.images[indices], labels=split.labels[indices],
                               rows=split.rows[indices], targets=split.targets[indices])
