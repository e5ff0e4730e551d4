# SPDX-License-Identifier: Apache-2.0
"""The portions in which one epoch shows its images."""

from collections.abc import Iterator
import copy
from typing import NamedTuple

from emorec_training.config import Config
from emorec_training.data.augment import augment
from emorec_training.data.augment import draw_pairs
from emorec_training.data.augment import milder
from emorec_training.data.augment import mix
import numpy as np

STATISTICS_IMAGES: int = 4096
"""Images that batch-norm statistics are measured on again."""

MILDER: float = 0.5
"""Share of the student's distortion that a teacher sees with distill.sees 'milder'."""


class Portion(NamedTuple):
    """One step of an epoch, of B images.

    shown: what the student sees, uint8 (B, 48, 48); judged: what a teacher sees of the same
    images, uint8 (B, 48, 48); targets: float32 (B, C).
    """

    shown: np.ndarray
    judged: np.ndarray
    targets: np.ndarray


def batches(images: np.ndarray, targets: np.ndarray, config: Config, epoch: int,
            live: np.ndarray | None = None) -> Iterator[Portion]:
    """Yield the portions of an epoch, images distorted.

    images: uint8 (N, 48, 48); targets: float32 (N, C); live: the same images as the live
    detector cuts them, of which the share config.augment.live_crops is shown instead. With
    config.distill.sees 'milder' a teacher sees all of them whole, without erased boxes and with
    MILDER of the distortion, otherwise what is shown. What comes depends on the seed and the
    number of the epoch alone.
    """
    rng = np.random.default_rng([config.training.seed, epoch])
    mild = milder(config.augment, MILDER) if config.distill.sees == 'milder' else None
    whole = images
    if live is not None:
        chosen = rng.random(len(images)) < config.augment.live_crops
        images = np.where(chosen[:, None, None], live, images)
    order = rng.permutation(len(images))
    for start in range(0, len(order), config.training.batch_size):
        rows = order[start:start + config.training.batch_size]
        same = copy.deepcopy(rng)
        views = [augment(images[rows], config.augment, rng)]
        if mild is not None:
            views.append(augment(whole[rows], mild, same))
        wanted = targets[rows]
        if config.augment.mixup:
            pairs = draw_pairs(len(rows), config.augment.mixup, rng)
            views, wanted = [mix(view, *pairs) for view in views], mix(wanted, *pairs)
        yield Portion(views[0], views[-1], wanted)


def statistics_batches(images: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    """Yield always the same images, undistorted like those that a network will judge."""
    rows = np.random.default_rng([seed, 2**31]).permutation(len(images))[:STATISTICS_IMAGES]
    for part in np.array_split(rows, max(1, len(rows) // 256)):
        yield images[part]
