# SPDX-License-Identifier: Apache-2.0
"""The batches in which one epoch shows its images."""

from collections.abc import Iterator
import copy
from typing import NamedTuple

from emorec_training.config import Config
from emorec_training.data.augment import augment
from emorec_training.data.augment import draw_mixup
from emorec_training.data.augment import mixup
from emorec_training.data.augment import weakened
import numpy as np

STATISTICS_IMAGES: int = 4096
"""Images from which batch-norm statistics are computed again."""

TEACHER_DISTORTION: float = 0.5
"""Share of the student's distortion that a teacher sees with distill.sees 'milder'."""


class Batch(NamedTuple):
    """The B images of one step.

    Attributes:
        images: what the student sees, uint8 (B, 48, 48).
        teacher_images: what a teacher sees of the same images, uint8 (B, 48, 48).
        targets: float32 (B, C).
    """

    images: np.ndarray
    teacher_images: np.ndarray
    targets: np.ndarray


def batches(images: np.ndarray, targets: np.ndarray, config: Config, epoch: int,
            live_crops: np.ndarray | None = None) -> Iterator[Batch]:
    """Yield the batches of an epoch, images distorted.

    They depend on the seed and the number of the epoch alone. With config.distill.sees
    'milder' a teacher sees all images whole, without erased boxes and with TEACHER_DISTORTION
    of the distortion, otherwise what the student sees.

    Args:
        images: uint8 (N, 48, 48).
        targets: float32 (N, C).
        config: distortion, batch size and seed.
        epoch: number of the epoch, from 0.
        live_crops: the same images as the live detector cuts them, uint8 (N, 48, 48); the share
            config.augment.live_crops of them takes the place of `images`.
    """
    rng = np.random.default_rng([config.training.seed, epoch])
    is_milder = config.distill.sees == 'milder'
    whole = images
    if live_crops is not None:
        is_live = rng.random(len(images)) < config.augment.live_crops
        images = np.where(is_live[:, None, None], live_crops, images)
    order = rng.permutation(len(images))
    for start in range(0, len(order), config.training.batch_size):
        rows = order[start:start + config.training.batch_size]
        same_draws = copy.deepcopy(rng)
        views = [augment(images[rows], config.augment, rng)]
        if is_milder:
            views.append(augment(
                whole[rows], weakened(config.augment, TEACHER_DISTORTION), same_draws))
        wanted = targets[rows]
        if config.augment.mixup:
            drawn = draw_mixup(len(rows), config.augment.mixup, rng)
            views, wanted = [mixup(view, *drawn) for view in views], mixup(wanted, *drawn)
        yield Batch(views[0], views[-1], wanted)


def statistics_batches(images: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    """Yield undistorted images for batch-norm statistics, the same in every epoch.

    Args:
        images: uint8 (N, 48, 48).
        seed: chooses STATISTICS_IMAGES of them.
    """
    rows = np.random.default_rng([seed, 2**31]).permutation(len(images))[:STATISTICS_IMAGES]
    for part in np.array_split(rows, max(1, len(rows) // 256)):
        yield images[part]
