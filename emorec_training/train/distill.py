# SPDX-License-Identifier: Apache-2.0
"""Trained networks as teachers of a student (Hinton et al. 2015, arXiv 1503.02531)."""

from collections.abc import Sequence
from pathlib import Path
import sys

from emorec_training.config import Config
from emorec_training.evaluation.ensemble import Ensemble
from emorec_training.evaluation.ensemble import open_ensemble
from emorec_training.evaluation.predictor import Predict
from emorec_training.evaluation.predictor import saw_imagenet
from emorec_training.provenance import file_sha256
from emorec_training.train.targets import Task
from emorec_training.train.teacher_cache import TeacherCache
from emorec_vision.errors import InputError
import numpy as np
import tqdm

BATCH: int = 256


def make_teacher(
        teachers: Sequence[Path], task: Task, config: Config) -> np.ndarray | Predict:
    """Return the mean probabilities of the teachers, or what gives them for each batch.

    The task is told who they are. config.distill.sees says what they see: 'clean', each image
    and its mirror image, once; 'shown', the images of a batch as the student sees them, so that
    the teachers tell what they understand of an image and not what they know by heart (Beyer et
    al. 2022, arXiv 2106.05237); 'milder', better views of the same images (see `batches`).

    Args:
        teachers: model files or folders of runs.
        task: what the student learns.
        config: the settings of the run.

    Returns:
        For 'clean' float32 (N, C) for task.images, otherwise a function from uint8 (B, 48, 48)
        to float32 (B, C).

    Raises:
        InputError: if the teachers know other labels than the task, or votes are to count that
            are not there.
    """
    ensemble = open_ensemble(teachers)
    task.teachers = {str(path): file_sha256(member.path)
                     for path, member in zip(teachers, ensemble.members)}
    task.saw_imagenet |= any(saw_imagenet(member.path) for member in ensemble.members)
    if sorted(ensemble.labels) != sorted(task.labels):
        raise InputError(f'{teachers[0]} knows the labels {", ".join(ensemble.labels)}, but the '
                         f'student is to learn {", ".join(task.labels)}')
    if config.distill.votes and task.votes is None:
        raise InputError('--vote-weight needs --ferplus fer2013new.csv')
    if config.distill.answered_epochs and config.distill.sees == 'clean':
        raise InputError('--answered-epochs needs --teacher-sees shown or milder')
    columns = [ensemble.labels.index(name) for name in task.labels]
    if config.distill.sees == 'clean':
        return _predict_all(ensemble, task.images)[:, columns].astype(np.float32)

    def predict(images: np.ndarray) -> np.ndarray:
        return ensemble(images)[:, columns].astype(np.float32)

    if not config.distill.answered_epochs:
        return predict
    return TeacherCache(predict, task.labels, [member.path for member in ensemble.members])


def _predict_all(ensemble: Ensemble, images: np.ndarray) -> np.ndarray:
    """Return the mean probabilities of images and their mirror images, float64 (N, C)."""
    starts = tqdm.trange(0, len(images), BATCH, leave=False, file=sys.stderr,
                         desc='predictions of the teachers', disable=None)
    return np.concatenate([
        ensemble.member_probabilities(images[start:start + BATCH], 'flip').mean(axis=0)
        for start in starts])
