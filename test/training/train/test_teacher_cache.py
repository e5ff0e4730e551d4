# SPDX-License-Identifier: Apache-2.0
"""Teachers are not asked twice about the same batch."""
from pathlib import Path

from emorec_training.config import Config
from emorec_training.train.targets import Task
from emorec_training.train.targets import training_batches
from emorec_training.train.teacher_cache import TeacherCache
import numpy as np
import pytest

TARGETS = np.eye(7, dtype=np.float32)[np.arange(50) % 7]
IMAGES = np.arange(50, dtype=np.uint8)[:, None, None].repeat(48, 1).repeat(48, 2) * 5
LABELS = tuple('abcdefg')


class Teacher:
    """A teacher that says another thing each time, and counts the images it is asked about."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the label of the turn."""
        self.asked.append(len(images))
        return np.tile(np.eye(7)[len(self.asked) % 7], (len(images), 1))


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the file of a teacher, with a cache of its own."""
    monkeypatch.setenv('XDG_CACHE_HOME', str(tmp_path))
    (tmp_path / 'teacher.onnx').write_bytes(b'a teacher')
    return tmp_path / 'teacher.onnx'


def show(teacher: Teacher, model: Path, epoch: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the batches of one epoch, of which every third shows the same again."""
    config = Config()
    config.distill.weight, config.distill.answered_epochs = 0.5, 2
    config.training.batch_size = 32
    task = Task(IMAGES, TARGETS, IMAGES, TARGETS.argmax(axis=1), LABELS)
    cached = TeacherCache(teacher, LABELS, [model])
    return list(training_batches(task, config, cached)(epoch))


def test_epochs_that_repeat_are_not_asked_about_again(model: Path) -> None:
    """Images and targets are the same then; other epochs have others."""
    teacher = Teacher()
    epochs = [show(teacher, model, epoch) for epoch in range(4)]
    assert teacher.asked == [32, 18, 32, 18]
    for epoch, again in ((0, 2), (1, 3)):
        for now, then in zip(epochs[again], epochs[epoch], strict=True):
            assert all(np.array_equal(*pair) for pair in zip(now, then))
    assert not np.array_equal(epochs[0][0][0], epochs[1][0][0])


def test_other_students_find_the_answers_of_the_first(model: Path) -> None:
    """A damaged file is made again, as is that of another teacher."""
    first, second = Teacher(), Teacher()
    second.asked = [1]  # so that it says another thing
    show(first, model, 0)
    files = sorted(model.parent.glob('emorec/answers-*/*.npz'))
    show(second, model, 0)
    assert len(files) == 2 and second.asked == [1]
    files[0].write_bytes(files[0].read_bytes()[:100])
    show(second, model, 0)
    assert len(second.asked) == 2
    model.write_bytes(b'another teacher')
    show(second, model, 0)
    assert len(second.asked) == 4


def test_one_cache_asks_once_within_a_run(model: Path) -> None:
    """Also where nothing can be written."""
    teacher = Teacher()
    (model.parent / 'emorec').write_text('no folder')
    cached = TeacherCache(teacher, LABELS, [model])
    answers = [cached(IMAGES[:5]) for _ in range(2)]
    assert teacher.asked == [5] and np.array_equal(*answers)
    assert answers[0].dtype == np.float32
