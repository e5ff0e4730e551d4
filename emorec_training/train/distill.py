# SPDX-License-Identifier: Apache-2.0
"""What teachers answer, for a student to learn from (Hinton et al. 2015, arXiv 1503.02531)."""

from collections.abc import Sequence
from pathlib import Path
import sys

from emorec_training.config import Config
from emorec_training.data.dataset import SIDE
from emorec_training.data.ferplus import weigh
from emorec_training.evaluation.ensemble import Ensemble
from emorec_training.evaluation.ensemble import open_ensemble
from emorec_training.evaluation.predictor import Predict
from emorec_training.provenance import file_sha256
from emorec_training.train.targets import Task
from emorec_training.train.teacher_cache import KeptAnswers
from emorec_vision.errors import InputError
import numpy as np
import tqdm

BATCH: int = 256

LEAST: float = 1e-12
"""Smallest frequency whose logarithm is taken."""

ROUNDS: int = 100
"""Times that the factors of the labels are made better."""


def make_teacher(
        teachers: Sequence[Path], task: Task, config: Config) -> np.ndarray | Predict:
    """Return the mean probabilities of the teachers, or with config.distill.sees who gives them.

    'clean': for task.images and their mirror images, float32 (N, C). 'shown': what gives them
    for the images of a step as the student sees them, uint8 (B, 48, 48), so that the teachers
    tell what they understand of an image and not what they know by heart (Beyer et al. 2022,
    arXiv 2106.05237). 'milder': likewise, for better views of the same images (`batches`).
    The task is told who they are. Raise InputError where the teachers know other labels than the
    task, or votes are to count that are not there.

    With config.distill.frequencies 'data', one factor per label on all answers makes their mean
    over task.check_images, which no teacher learnt, that of task.targets.
    """
    ensemble = open_ensemble(teachers)
    task.teachers = {str(path): file_sha256(each.path)
                     for path, each in zip(teachers, ensemble.members)}
    if sorted(ensemble.labels) != sorted(task.labels):
        raise InputError(f'{teachers[0]} knows the labels {", ".join(ensemble.labels)}, but the '
                         f'student is to learn {", ".join(task.labels)}')
    if config.distill.votes and task.votes is None:
        raise InputError('--vote-weight needs --ferplus fer2013new.csv')
    if config.distill.answered_epochs and config.distill.sees == 'clean':
        raise InputError('--answered-epochs needs --teacher-sees shown or milder')
    columns = [ensemble.labels.index(name) for name in task.labels]
    evidence = np.zeros((1, len(columns)))
    if config.distill.frequencies == 'data':
        unseen = _asked(ensemble, task.check_images, 'none')[:, columns]
        evidence = frequency_evidence(unseen, task.targets.mean(axis=0))
    if config.distill.sees != 'clean':
        if config.training.first_side != SIDE:
            raise InputError(f'--teacher-sees {config.distill.sees} needs images of '
                             f'{SIDE} px from the start: leave --first-side at {SIDE}')

        def answer(images: np.ndarray) -> np.ndarray:
            return ensemble(images)[:, columns]

        asked = answer if not config.distill.answered_epochs else KeptAnswers(
            answer, task.labels, [each.path for each in ensemble.members])
        return lambda images: weigh(asked(images), evidence).astype(np.float32)
    answers = _asked(ensemble, task.images, 'flip')[:, columns]
    return weigh(answers, evidence).astype(np.float32)


def frequency_evidence(answers: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
    """Return what makes the mean of answers (N, C), weighed with it, `frequencies` (C,).

    That is one log-likelihood per label, float64 (1, C): a change of the labels' priors (Saerens
    et al. 2002, "Adjusting the outputs of a classifier to new a priori probabilities", equation
    2.4).
    """
    evidence = np.zeros((1, len(frequencies)))
    for _ in range(ROUNDS):
        said = weigh(answers, evidence).mean(axis=0)
        evidence += np.log(np.maximum(frequencies, LEAST) / np.maximum(said, LEAST))
    return evidence


def _asked(ensemble: Ensemble, images: np.ndarray, views: str) -> np.ndarray:
    parts = [ensemble.answers(images[start:start + BATCH], views).mean(axis=0)
             for start in tqdm.trange(0, len(images), BATCH, leave=False, file=sys.stderr,
                                      desc='answers of the teachers', disable=None)]
    return np.concatenate(parts)
