# SPDX-License-Identifier: Apache-2.0
"""The batches of an epoch."""
import dataclasses

from emorec_training.config import AugmentConfig
from emorec_training.config import Config
from emorec_training.train.batches import batches
from emorec_training.train.batches import statistics_batches
import numpy as np

NONE = AugmentConfig(flip=0.0, shift=0.0, scale_min=1.0, scale_max=1.0, rotation=0.0, shear=0.0,
                     contrast=0.0, brightness=0.0, erase=0.0, mixup=0.0)
TARGETS = np.eye(7, dtype=np.float32)[np.arange(50) % 7]
IMAGES = np.arange(50, dtype=np.uint8)[:, None, None].repeat(48, 1).repeat(48, 2) * 5


def test_an_epoch_shows_every_image_once_with_its_target() -> None:
    """Order and batches depend on seed and epoch alone."""
    config = Config(augment=NONE)
    config.training.batch_size = 16
    shown = list(batches(IMAGES, TARGETS, config, 0))
    assert [len(batch.images) for batch in shown] == [16, 16, 16, 2]
    images, teacher_images, targets = (np.concatenate(part) for part in zip(*shown))
    rows = images[:, 0, 0] // 5
    assert sorted(rows.tolist()) == list(range(50))
    assert np.array_equal(targets, TARGETS[rows])
    assert np.array_equal(teacher_images, images)
    again = np.concatenate([part.images for part in batches(IMAGES, TARGETS, config, 0)])
    other = np.concatenate([part.images for part in batches(IMAGES, TARGETS, config, 1)])
    assert np.array_equal(images, again) and not np.array_equal(images, other)


def test_a_share_of_the_images_is_shown_as_the_live_detector_cuts_them() -> None:
    """Which ones changes with the epoch; their targets do not."""
    config = Config(augment=dataclasses.replace(NONE, live_crops=0.5))
    crops = IMAGES + 1
    epochs = []
    for epoch in (0, 0, 1):
        shown = list(batches(IMAGES, TARGETS, config, epoch, crops))
        images, _, targets = (np.concatenate(part) for part in zip(*shown))
        assert np.array_equal(targets, TARGETS[images[:, 0, 0] // 5])
        epochs.append(images[:, 0, 0][np.argsort(images[:, 0, 0] // 5)] % 5)
    assert 10 < epochs[0].sum() < 40 and set(epochs[0].tolist()) == {0, 1}
    assert np.array_equal(epochs[0], epochs[1]) and not np.array_equal(epochs[0], epochs[2])


def test_a_teacher_may_see_better_views_of_what_is_shown() -> None:
    """Whole where a live crop is shown, without erased boxes, moved and lit half as much."""
    config = Config(augment=dataclasses.replace(NONE, live_crops=0.5, erase=1.0, brightness=80))
    config.distill.sees, config.training.batch_size = 'milder', 50
    whole = np.full((50, 48, 48), 100, np.uint8)
    shown, seen, _ = next(batches(whole, TARGETS, config, 0, whole + 40))
    assert (seen == seen[:, :1, :1]).all(), 'nothing is erased from what the teacher sees'
    light = np.median(shown.reshape(50, -1), axis=1) - 100.0
    brighter = light - 2 * (seen[:, 0, 0] - 100.0)
    assert np.abs(light).max() > 60
    assert set((brighter / 40).round(1).tolist()) == {0.0, 1.0}, 'a crop is seen whole'
    config.augment.erase, config.augment.mixup = 0.0, 1.0
    _, seen, targets = next(batches(IMAGES, np.eye(50, dtype=np.float32), config, 0))
    mixed = targets @ IMAGES[:, 0, 0].astype(float)
    assert np.corrcoef(seen[:, 0, 0], mixed)[0, 1] > 0.8, 'mixed with the same ones'


def test_statistics_are_always_measured_on_the_same_undistorted_images() -> None:
    """The kept weights must not depend on when they were looked at."""
    one, two = (np.concatenate(list(statistics_batches(IMAGES, 1))) for _ in range(2))
    assert np.array_equal(one, two)
    assert sorted(one[:, 0, 0].tolist()) == sorted(IMAGES[:, 0, 0].tolist())
