# SPDX-License-Identifier: Apache-2.0
"""What teachers answer, for a student to learn from (Hinton et al. 2015, arXiv 1503.02531)."""

from collections.abc import Sequence
from pathlib import Path
import sys

from emorec_training.models import open_predictor
from emorec_training.train import Task
from emorec_vision.errors import InputError
import numpy as np
import tqdm

BATCH: int = 256


def teacher_answers(teachers: Sequence[Path], task: Task) -> np.ndarray:
    """Return the mean probabilities of the teachers for task.images, float32 (N, C).

    Each answers for the picture and for its mirror image. Raise InputError where a teacher
    knows other labels than the task.
    """
    total = np.zeros((len(task.images), len(task.labels)))
    for path in teachers:
        predict = open_predictor(path)
        if tuple(predict.labels) != tuple(task.labels):
            raise InputError(f'{path} knows the labels {", ".join(predict.labels)}, but the '
                             f'student is to learn {", ".join(task.labels)}')
        for start in tqdm.trange(0, len(total), BATCH, leave=False, file=sys.stderr,
                                 desc=f'answers of {path.name}', disable=None):
            images = task.images[start:start + BATCH]
            total[start:start + BATCH] += predict(images) + predict(images[:, :, ::-1])
    return (total / (2 * len(teachers))).astype(np.float32)
