# SPDX-License-Identifier: Apache-2.0
"""What teachers answer, for a student to learn from (Hinton et al. 2015, arXiv 1503.02531)."""

from collections.abc import Sequence
from pathlib import Path
import sys

from emorec_training.ensemble import open_ensemble
from emorec_training.train import Task
from emorec_vision.errors import InputError
import numpy as np
import tqdm

BATCH: int = 256


def teacher_answers(teachers: Sequence[Path], task: Task) -> np.ndarray:
    """Return the mean probabilities of the teachers for task.images, float32 (N, C).

    Each answers for the picture and for its mirror image. Raise InputError where the teachers
    know other labels than the task.
    """
    ensemble = open_ensemble(teachers)
    if sorted(ensemble.labels) != sorted(task.labels):
        raise InputError(f'{teachers[0]} knows the labels {", ".join(ensemble.labels)}, but the '
                         f'student is to learn {", ".join(task.labels)}')
    columns = [ensemble.labels.index(name) for name in task.labels]
    parts = [ensemble.answers(task.images[start:start + BATCH], 'flip').mean(axis=0)
             for start in tqdm.trange(0, len(task.images), BATCH, leave=False, file=sys.stderr,
                                      desc='answers of the teachers', disable=None)]
    return np.concatenate(parts)[:, columns].astype(np.float32)
