# SPDX-License-Identifier: Apache-2.0
"""The targets that a network learns, from labels, teachers and votes."""
from emorec_training.config import AugmentConfig
from emorec_training.config import Config
from emorec_training.train.batches import batches
from emorec_training.train.targets import Task
from emorec_training.train.targets import training_batches
import numpy as np
import pytest

TARGETS = np.eye(7, dtype=np.float32)[np.arange(50) % 7]
IMAGES = np.arange(50, dtype=np.uint8)[:, None, None].repeat(48, 1).repeat(48, 2) * 5


def make_task(votes: np.ndarray | None = None) -> Task:
    """Return fifty gray images with their labels."""
    return Task(IMAGES, TARGETS, IMAGES, TARGETS.argmax(axis=1), tuple('abcdefg'), votes=votes)


def test_targets_are_smoothed_then_blended_with_the_teacher() -> None:
    """0.1 of smoothing over seven labels, and a quarter from the teacher."""
    config = Config(augment=AugmentConfig(
        flip=0.0, shift=0.0, scale_min=1.0, scale_max=1.0, rotation=0.0, shear=0.0, contrast=0.0,
        brightness=0.0, erase=0.0, mixup=0.0))
    config.optimizer.label_smoothing, config.distill.weight = 0.1, 0.25
    soft = np.tile(np.float32([0.2, 0.8, 0, 0, 0, 0, 0]), (50, 1))
    plain, taught = (next(training_batches(make_task(), config, teacher)(0))
                     for teacher in (None, soft))
    assert np.array_equal(plain[0], taught[0])
    smooth = 0.9 * TARGETS[plain[0][:, 0, 0] // 5] + 0.1 / 7
    assert plain[1] == pytest.approx(smooth)
    assert taught[1] == pytest.approx(0.75 * smooth + 0.25 * soft)
    config.distill.temperature = 2.0
    softer = next(training_batches(make_task(), config, soft)(0))[1]
    assert (softer - 0.75 * smooth)[:, 0] == pytest.approx(
        0.25 * 0.2 ** 0.5 / (0.2 ** 0.5 + 0.8 ** 0.5), abs=1e-4)


def test_a_teacher_may_be_asked_about_each_image_as_it_is_shown() -> None:
    """Distorted and mixed, anew in every epoch."""
    config = Config()
    config.distill.weight, config.training.batch_size = 0.5, 50
    asked = []

    def teacher(images: np.ndarray) -> np.ndarray:
        asked.append(images.copy())
        return np.tile(np.eye(7)[3], (len(images), 1))

    shown = [next(training_batches(make_task(), config, teacher)(epoch)) for epoch in (0, 1)]
    plain = [next(training_batches(make_task(), config, None)(epoch)) for epoch in (0, 1)]
    for (images, targets), (same, untaught), seen in zip(shown, plain, asked, strict=True):
        assert np.array_equal(images, seen) and np.array_equal(images, same)
        assert targets == pytest.approx(0.5 * untaught + 0.5 * np.eye(7)[3], abs=1e-6)
    assert not np.array_equal(asked[0], asked[1])


def test_a_teacher_may_be_asked_about_better_views() -> None:
    """It sees those; the student is shown what `batches` shows."""
    config = Config()
    config.distill.sees, config.training.batch_size = 'milder', 50
    asked = []

    def teacher(images: np.ndarray) -> np.ndarray:
        asked.append(images)
        return np.tile(np.eye(7)[3], (len(images), 1))

    shown, _ = next(training_batches(make_task(), config, teacher)(0))
    batch = next(batches(IMAGES, TARGETS, config, 0))
    assert not np.array_equal(batch.images, batch.teacher_images)
    assert np.array_equal(asked[0], batch.teacher_images) and np.array_equal(shown, batch.images)


@pytest.mark.parametrize('sees', ['clean', 'shown'])
def test_votes_are_weighed_into_what_teachers_say(sees: str) -> None:
    """A teacher that cannot tell is decided by them; where images are mixed, they are mixed."""
    config = Config()
    config.distill.weight, config.distill.votes, config.augment.mixup = 1.0, 1.0, 0.0
    votes = 10 * np.eye(10, dtype=np.uint8)[TARGETS.argmax(axis=1)]
    task = make_task(votes)

    def clueless(images: np.ndarray) -> np.ndarray:
        return np.full((len(images), 7), 1 / 7, np.float32)

    teacher = clueless if sees == 'shown' else clueless(IMAGES)
    taught = list(training_batches(task, config, teacher)(0))
    untaught = training_batches(task, config, None)(0)
    for (_, label), (_, target) in zip(untaught, taught, strict=True):
        assert (target.argmax(axis=1) == label.argmax(axis=1)).all() and target.max() > 0.99
    config.distill.votes = 0.1
    weaker = next(training_batches(task, config, teacher)(0))[1]
    assert 1 / 7 < weaker.max() < taught[0][1].max()
    config.augment.mixup = 5.0
    mixed = np.concatenate([target for _, target in training_batches(task, config, teacher)(0)])
    assert mixed.sum(axis=1) == pytest.approx(1)
    assert 0.05 < np.sort(mixed, axis=1)[:, -2].max() < 0.6
