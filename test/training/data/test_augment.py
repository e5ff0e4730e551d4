# SPDX-License-Identifier: Apache-2.0
"""The distortions of training images."""
import dataclasses

from emorec_training.config import AugmentConfig
from emorec_training.data.augment import augment
from emorec_training.data.augment import draw_mixup
from emorec_training.data.augment import mixup
from emorec_training.data.augment import random_affine
from emorec_training.data.augment import weakened
import numpy as np
import pytest

NONE = AugmentConfig(flip=0.0, shift=0.0, scale_min=1.0, scale_max=1.0, rotation=0.0, shear=0.0,
                     contrast=0.0, brightness=0.0, erase=0.0)
RNG = np.random.default_rng
IMAGES = RNG(0).integers(0, 256, (20, 48, 48), dtype=np.uint8)


def test_without_distortions_images_stay_as_they_are() -> None:
    """Nothing is resampled when nothing moves."""
    assert np.array_equal(augment(IMAGES, NONE, RNG(1)), IMAGES)


def test_a_flip_is_the_exact_mirror_image() -> None:
    """The mirror line runs through the middle of the image, not beside it."""
    flipped = augment(IMAGES, dataclasses.replace(NONE, flip=1.0), RNG(1))
    assert np.array_equal(flipped, IMAGES[:, :, ::-1])


@pytest.mark.parametrize('change', [
    {'rotation': 30.0}, {'scale_min': 0.5, 'scale_max': 2.0}, {'shear': 0.3}, {'flip': 0.5}])
def test_the_centre_stays_without_a_shift(change: dict[str, float]) -> None:
    """Rotation, scale, shear and flip turn about the centre."""
    matrices = random_affine(50, 48, dataclasses.replace(NONE, **change), RNG(3))
    assert np.allclose(matrices @ [23.5, 23.5, 1.0], [23.5, 23.5])


def test_limits_are_kept_and_used() -> None:
    """Scales, angles and shifts fill the ranges that were set, and never leave them."""
    config = dataclasses.replace(NONE, scale_min=0.85, scale_max=1.2, rotation=12.0, shift=0.08)
    matrices = random_affine(4000, 48, config, RNG(4))
    scales = np.sqrt(np.linalg.det(matrices[:, :, :2]))
    angles = np.degrees(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    shifts = matrices @ [23.5, 23.5, 1.0] - 23.5
    for values, low, high in ((scales, 0.85, 1.2), (angles, -12, 12), (shifts, -3.84, 3.84)):
        assert low - 1e-9 <= values.min() < low + 0.05 * (high - low)
        assert high - 0.05 * (high - low) < values.max() <= high + 1e-9


def test_a_shift_repeats_the_edge() -> None:
    """What comes into view is the edge repeated, as in the live face crop."""
    ramp = np.tile(np.arange(48, dtype=np.uint8) * 5, (1, 48, 1))
    moved = augment(np.repeat(ramp, 40, axis=0), dataclasses.replace(NONE, shift=0.2), RNG(5))
    assert moved.min() >= ramp.min() and moved.max() <= ramp.max()
    assert (np.diff(moved.astype(int), axis=2) >= 0).all()
    assert (moved[:, :, 0] > 0).any() and (moved[:, :, -1] < ramp.max()).any()


def test_light_changes_within_limits() -> None:
    """A gray level of 128 moves by the brightness alone."""
    gray = np.full((200, 48, 48), 128, np.uint8)
    lit = augment(gray, dataclasses.replace(NONE, brightness=20.0, contrast=0.2), RNG(6))
    levels = lit[:, 0, 0].astype(int)
    assert 108 <= levels.min() < 115 and 141 < levels.max() <= 148
    assert (lit == lit[:, :1, :1]).all()


def test_erasing_fills_one_box() -> None:
    """About the set share of images loses a box of at most 3/8 of each side."""
    changed = augment(IMAGES.repeat(20, axis=0), dataclasses.replace(NONE, erase=0.5), RNG(7)) \
        != IMAGES.repeat(20, axis=0)
    hit = changed.any(axis=(1, 2))
    assert 0.4 < hit.mean() < 0.6
    assert changed.any(axis=2).sum(axis=1).max() <= 18
    assert changed.any(axis=1).sum(axis=1).max() <= 18


def test_the_same_seed_distorts_alike() -> None:
    """An epoch can be repeated."""
    config = AugmentConfig()
    assert np.array_equal(augment(IMAGES, config, RNG(8)), augment(IMAGES, config, RNG(8)))
    assert not np.array_equal(augment(IMAGES, config, RNG(8)),
                              augment(IMAGES, config, RNG(9)))


def test_weakened_distortion_is_the_same_but_weaker() -> None:
    """Turned, moved and sheared by half of the angle; the mirror image stays one."""
    config = AugmentConfig(rotation=10, shift=0.1, scale_min=0.8, scale_max=1.3, shear=0.0)
    full, half = (random_affine(40, 48, each, RNG(3))
                  for each in (config, weakened(config, 0.5)))
    angle, size, moved = zip(*(
        (np.arctan2(-part[:, 0, 1], part[:, 1, 1]), np.abs(np.linalg.det(part[:, :, :2])) ** 0.5,
         part[:, :, :2] @ np.full(2, 23.5) + part[:, :, 2] - 23.5) for part in (full, half)))
    assert angle[1] == pytest.approx(angle[0] / 2, abs=1e-9)
    assert size[1] == pytest.approx(size[0] ** 0.5)
    assert moved[1] == pytest.approx(moved[0] / 2, abs=1e-9)
    assert (np.sign(np.linalg.det(half[:, :, :2])) == np.sign(np.linalg.det(full[:, :, :2]))).all()


def test_mixup_blends_images_as_it_blends_targets() -> None:
    """Each pair has a share of its own, and its first image is the stronger one."""
    levels = np.arange(50, dtype=np.uint8) * 5
    gray, targets = levels[:, None, None].repeat(48, 1).repeat(48, 2), np.eye(50, dtype=np.float32)
    drawn = draw_mixup(50, 1.0, RNG(2))
    images, blended = mixup(gray, *drawn), mixup(targets, *drawn)
    assert images.dtype == np.uint8 and blended.dtype == np.float32
    assert blended.sum(axis=1) == pytest.approx(np.ones(50))
    assert np.abs(images[:, 0, 0] - blended @ levels).max() <= 0.51
    assert (blended.diagonal() >= 0.5).all() and len(set(blended.diagonal().round(3))) > 30
