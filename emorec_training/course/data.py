# SPDX-License-Identifier: Apache-2.0
"""The two tables of the course: one to learn from, the other to measure on, once."""

import dataclasses
from pathlib import Path

from emorec_training.data.dataset import check_columns
from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import load_csv
from emorec_training.data.labels import LabelChoice
from emorec_training.train.targets import Task
from emorec_training.tuning.split import tuning_split
from emorec_vision.errors import InputError
import numpy as np

TRAIN: str = 'train.csv'
TESTS: tuple[str, ...] = ('test_with_emotions.csv', 'test.csv')
"""Names of the test table, the first that is there is taken."""

SEED: int = 1
"""Of the tenth that chooses the epoch."""


def find_tables(folder: Path) -> tuple[Path, Path]:
    """Return the tables to learn from and to measure on, of which the first lines were read.

    Raises:
        InputError: if one is missing or has other columns than emotion and pixels.
    """
    if not folder.is_dir():
        raise InputError(f'--data {folder}: no such folder; unpack the files of the course there')
    train = folder / TRAIN
    test = next((folder / name for name in TESTS if (folder / name).is_file()), folder / TESTS[0])
    for path, use in ((train, 'to learn from'), (test, 'or test.csv with labels, to measure on')):
        if not path.is_file():
            raise InputError(f'--data {folder}: {path.name}, {use}, is missing')
        check_columns(path)
    return train, test


def load_tables(train: Path, test: Path) -> Dataset:
    """Return both tables as one csv of three splits.

    Training is `train` but for a tenth, which is PublicTest: it chooses the epoch and calibrates.
    PrivateTest is `test`, which is only measured. Images of `train` with a copy in `test` are
    left out, and copies of one photo stay on one side of the tenth.

    Raises:
        InputError: as load_csv, or if there are too few images for a tenth.
    """
    data = load_csv(train, test)
    _, tenth = tuning_split(data.split('training'), SEED)
    usage = np.where(data.usage == 0, 0, 2).astype(np.uint8)
    usage[tenth.rows] = 1
    return dataclasses.replace(data, usage=usage)


def task_of(data: Dataset) -> Task:
    """Return what is learnt of what load_tables returns."""
    choice = LabelChoice()
    training, tenth = choice.split(data, 'training'), choice.split(data, 'public')
    return Task(training.images, training.targets, tenth.images, tenth.labels, choice.names,
                data.digest, len(data.left_out), f'a tenth of {TRAIN}')
