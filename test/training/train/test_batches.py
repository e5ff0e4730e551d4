# SPDX-License-Identifier: Apache-2.0
"""What one epoch shows, and the targets it is shown with."""
import dataclasses
from pathlib import Path

from emorec_training.config import AugmentConfig
from emorec_training.config import Config
from emorec_training.data.augment import draw_pairs
from emorec_training.data.augment import milder
from emorec_training.data.augment import mix
from emorec_training.data.augment import random_affine
from emorec_training.train.batches import batches
from emorec_training.train.batches import statistics_batches
from emorec_training.train.targets import lesson
from emorec_training.train.targets import Task
from emorec_training.train.teacher_cache import KeptAnswers
import numpy as np
import pytest

NONE = AugmentConfig(flip=0.0, shift=0.0, scale_min=1.0, scale_max=1.0, rotation=0.0, shear=0.0,
                     contrast=0.0, brightness=0.0, erase=0.0, mixup=0.0)
TARGETS = np.eye(7, dtype=np.float32)[np.arange(50) % 7]
IMAGES = np.arange(50, dtype=np.uint8)[:, None, None].repeat(48, 1).repeat(48, 2) * 5


def test_an_epoch_shows_every_image_once_with_its_target() -> None:
    """Order and portions depend on seed and epoch alone."""
    config = Config(augment=NONE)
    config.training.batch_size = 16
    shown = list(batches(IMAGES, TARGETS, config, 0))
    assert [len(portion.shown) for portion in shown] == [16, 16, 16, 2]
    images, judged, targets = (np.concatenate(part) for part in zip(*shown))
    rows = images[:, 0, 0] // 5
    assert sorted(rows.tolist()) == list(range(50))
    assert np.array_equal(targets, TARGETS[rows]) and np.array_equal(judged, images)
    again = np.concatenate([part.shown for part in batches(IMAGES, TARGETS, config, 0)])
    other = np.concatenate([part.shown for part in batches(IMAGES, TARGETS, config, 1)])
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
    shown, judged, _ = next(batches(whole, TARGETS, config, 0, whole + 40))
    assert (judged == judged[:, :1, :1]).all(), 'nothing is erased from what the teacher judges'
    light = np.median(shown.reshape(50, -1), axis=1) - 100.0
    brighter = light - 2 * (judged[:, 0, 0] - 100.0)
    assert np.abs(light).max() > 60
    assert set((brighter / 40).round(1).tolist()) == {0.0, 1.0}, 'a crop is judged whole'
    config.augment.erase, config.augment.mixup = 0.0, 1.0
    _, judged, targets = next(batches(IMAGES, np.eye(50, dtype=np.float32), config, 0))
    mixed = targets @ IMAGES[:, 0, 0].astype(float)
    assert np.corrcoef(judged[:, 0, 0], mixed)[0, 1] > 0.8, 'mixed with the same ones'


def test_milder_distortion_is_the_same_but_weaker() -> None:
    """Turned, moved and sheared by half of the angle; the mirror image stays one."""
    config = AugmentConfig(rotation=10, shift=0.1, scale_min=0.8, scale_max=1.3, shear=0.0)
    full, half = (random_affine(40, 48, each, np.random.default_rng(3))
                  for each in (config, milder(config, 0.5)))
    angle, size, moved = zip(*(
        (np.arctan2(-part[:, 0, 1], part[:, 1, 1]), np.abs(np.linalg.det(part[:, :, :2])) ** 0.5,
         part[:, :, :2] @ np.full(2, 23.5) + part[:, :, 2] - 23.5) for part in (full, half)))
    assert angle[1] == pytest.approx(angle[0] / 2, abs=1e-9)
    assert size[1] == pytest.approx(size[0] ** 0.5)
    assert moved[1] == pytest.approx(moved[0] / 2, abs=1e-9)
    assert (np.sign(np.linalg.det(half[:, :, :2])) == np.sign(np.linalg.det(full[:, :, :2]))).all()


def test_mixup_blends_images_as_it_blends_targets() -> None:
    """Each pair has a share of its own, and its first image is the stronger one."""
    targets = np.eye(50, dtype=np.float32)
    pairs = draw_pairs(50, 1.0, np.random.default_rng(2))
    images, blended = mix(IMAGES, *pairs), mix(targets, *pairs)
    assert images.dtype == np.uint8 and blended.dtype == np.float32
    assert blended.sum(axis=1) == pytest.approx(np.ones(50))
    levels = blended @ (np.arange(50) * 5.0)
    assert np.abs(images[:, 0, 0] - levels).max() <= 0.51
    assert (blended.diagonal() >= 0.5).all() and len(set(blended.diagonal().round(3))) > 30


def test_targets_are_smoothed_then_blended_with_the_teacher() -> None:
    """0.1 of smoothing over seven labels, and a quarter from the teacher."""
    config = Config(augment=NONE)
    config.optimizer.label_smoothing, config.distill.weight = 0.1, 0.25
    task = Task(IMAGES, TARGETS, IMAGES, TARGETS.argmax(axis=1), tuple('abcdefg'))
    soft = np.tile(np.float32([0.2, 0.8, 0, 0, 0, 0, 0]), (50, 1))
    plain, taught = (next(lesson(task, config, teacher)(0)) for teacher in (None, soft))
    assert np.array_equal(plain[0], taught[0])
    smooth = 0.9 * TARGETS[plain[0][:, 0, 0] // 5] + 0.1 / 7
    assert plain[1] == pytest.approx(smooth)
    assert taught[1] == pytest.approx(0.75 * smooth + 0.25 * soft)
    config.distill.temperature = 2.0
    softer = next(lesson(task, config, soft)(0))[1]
    assert (softer - 0.75 * smooth)[:, 0] == pytest.approx(
        0.25 * 0.2 ** 0.5 / (0.2 ** 0.5 + 0.8 ** 0.5), abs=1e-4)


def test_a_teacher_may_be_asked_about_each_image_as_it_is_shown() -> None:
    """Distorted and mixed, anew in every epoch."""
    config = Config()
    config.distill.weight, config.training.batch_size = 0.5, 50
    task = Task(IMAGES, TARGETS, IMAGES, TARGETS.argmax(axis=1), tuple('abcdefg'))
    asked = []

    def teacher(images: np.ndarray) -> np.ndarray:
        asked.append(images.copy())
        return np.tile(np.eye(7)[3], (len(images), 1))

    shown = [next(lesson(task, config, teacher)(epoch)) for epoch in (0, 1)]
    plain = [next(lesson(task, config, None)(epoch)) for epoch in (0, 1)]
    for (images, targets), (same, alone), seen in zip(shown, plain, asked, strict=True):
        assert np.array_equal(images, seen) and np.array_equal(images, same)
        assert targets == pytest.approx(0.5 * alone + 0.5 * np.eye(7)[3], abs=1e-6)
    assert not np.array_equal(asked[0], asked[1])


def test_a_teacher_may_be_asked_about_better_views() -> None:
    """It judges those; the student is shown what `batches` shows."""
    config = Config()
    config.distill.sees, config.training.batch_size = 'milder', 50
    task = Task(IMAGES, TARGETS, IMAGES, TARGETS.argmax(axis=1), tuple('abcdefg'))
    asked = []

    def teacher(images: np.ndarray) -> np.ndarray:
        asked.append(images)
        return np.tile(np.eye(7)[3], (len(images), 1))

    shown, _ = next(lesson(task, config, teacher)(0))
    portion = next(batches(IMAGES, TARGETS, config, 0))
    assert not np.array_equal(portion.shown, portion.judged)
    assert np.array_equal(asked[0], portion.judged) and np.array_equal(shown, portion.shown)


@pytest.mark.parametrize('sees', ['clean', 'shown'])
def test_votes_are_weighed_into_what_teachers_answer(sees: str) -> None:
    """A teacher that cannot tell is decided by them; where images are mixed, they are mixed."""
    config = Config()
    config.distill.weight, config.distill.votes, config.augment.mixup = 1.0, 1.0, 0.0
    votes = 10 * np.eye(10, dtype=np.uint8)[TARGETS.argmax(axis=1)]
    task = Task(IMAGES, TARGETS, IMAGES, TARGETS.argmax(axis=1), tuple('abcdefg'),
                votes=votes)

    def clueless(images: np.ndarray) -> np.ndarray:
        return np.full((len(images), 7), 1 / 7, np.float32)

    teacher = clueless if sees == 'shown' else clueless(IMAGES)
    taught = list(lesson(task, config, teacher)(0))
    for (_, label), (_, target) in zip(lesson(task, config, None)(0), taught, strict=True):
        assert (target.argmax(axis=1) == label.argmax(axis=1)).all() and target.max() > 0.99
    config.distill.votes = 0.1
    weaker = next(lesson(task, config, teacher)(0))[1]
    assert 1 / 7 < weaker.max() < taught[0][1].max()
    config.augment.mixup = 5.0
    mixed = np.concatenate([target for _, target in lesson(task, config, teacher)(0)])
    assert mixed.sum(axis=1) == pytest.approx(1)
    assert 0.05 < np.sort(mixed, axis=1)[:, -2].max() < 0.6


def test_answers_about_shown_images_are_kept_where_the_epochs_repeat(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every third epoch shows the same again, and the teacher is not asked again.

    Neither is it after a kill, or for another student; a damaged answer is asked for anew.
    """
    config = Config()
    config.distill.weight, config.distill.answered_epochs = 0.5, 2
    config.training.batch_size = 32
    task = Task(IMAGES, TARGETS, IMAGES, TARGETS.argmax(axis=1), tuple('abcdefg'))
    asked: list[int] = []
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    model = tmp_path / 'teacher.onnx'
    model.write_bytes(b'a teacher')

    def teacher(images: np.ndarray) -> np.ndarray:
        asked.append(len(images))
        return np.tile(np.eye(7)[len(asked) % 7], (len(images), 1))

    show = lesson(task, config, KeptAnswers(teacher, task.labels, [model]))
    next(show(0))  # an epoch that the clock ended early
    epochs = [list(show(epoch)) for epoch in range(4)]
    assert asked == [32, 18, 32, 18]
    for epoch, again in ((0, 2), (1, 3)):
        for now, then in zip(epochs[again], epochs[epoch], strict=True):
            assert all(np.array_equal(*pair) for pair in zip(now, then))
    assert not np.array_equal(epochs[0][0][0], epochs[1][0][0])
    kept = sorted(tmp_path.glob('emorec/answers-*/*.npz'))
    kept[0].write_bytes(kept[0].read_bytes()[:100])
    resumed = lesson(task, config, KeptAnswers(teacher, task.labels, [model]))
    targets = [target for epoch in (0, 1) for _, target in resumed(epoch)]
    assert len(kept) == 4 and len(asked) == 5
    assert sum(np.array_equal(target, then) for target, (_, then) in zip(
        targets, epochs[0] + epochs[1], strict=True)) == 3
    model.write_bytes(b'another teacher')
    next(lesson(task, config, KeptAnswers(teacher, task.labels, [model]))(0))
    assert len(asked) == 6


def test_statistics_are_always_measured_on_the_same_undistorted_images() -> None:
    """The kept weights must not depend on when they were looked at."""
    one, two = (np.concatenate(list(statistics_batches(IMAGES, 1))) for _ in range(2))
    assert np.array_equal(one, two)
    assert sorted(one[:, 0, 0].tolist()) == sorted(IMAGES[:, 0, 0].tolist())
