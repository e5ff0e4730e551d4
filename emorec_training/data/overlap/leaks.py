# SPDX-License-Identifier: Apache-2.0
"""Finds images that stand both in Training and in a test split, and those that show nothing.

Without this a test figure of FER2013 is flattered: 13 % of PrivateTest stands in Training,
exactly (8 %), mirrored, or as another cut of the same photo or its neighbour in a film.
"""

import csv
from pathlib import Path
from typing import NamedTuple

from emorec_training.data.overlap.similarity import KINDS
from emorec_training.data.overlap.similarity import similar_pairs
import numpy as np

OFFICIAL_DIGEST: str = 'bb183fb6943ddf60cee1219371efd38a18d40392d446398712869eac5e880089'
LEAKED_ROWS_FILE = Path(__file__).with_name('leaked_rows.csv')


class Leak(NamedTuple):
    """A training row to leave out, why, and the test row it matches (-1: none)."""

    row: int
    reason: str
    matching_row: int


def rows_to_leave_out(images: np.ndarray, usage: np.ndarray, digest: str) -> np.ndarray:
    """Return the training rows to leave out.

    For the official data this is the committed list leaked_rows.csv; for any other csv it is
    worked out.

    Args:
        images: uint8 (N, H, W).
        usage: (N,), 0 for training rows, as in dataset.SPLITS.
        digest: of the data, see dataset.Dataset.

    Returns:
        int64 (K,).
    """
    if digest == OFFICIAL_DIGEST:
        with open(LEAKED_ROWS_FILE, newline='') as file:
            return np.array([int(line['row']) for line in csv.DictReader(file)], np.int64)
    return np.array([leak.row for leak in find_leaks(images, usage)], np.int64)


def find_leaks(images: np.ndarray, usage: np.ndarray) -> list[Leak]:
    """Compare every training image, also mirrored, with every test image.

    Args:
        images: uint8 (N, H, W).
        usage: (N,), 0 for training.

    Returns:
        Each such training row once, with the first reason of: constant, exact, mirrored, near
        (correlation above similarity.NEAR), alike (from similarity.ALIKE on), these also as
        near-mirrored and alike-mirrored; its match is the test row of that kind with the
        highest correlation.
    """
    training, test = np.flatnonzero(usage == 0), np.flatnonzero(usage != 0)
    leaks = {int(row): Leak(int(row), 'constant', -1)
             for row in training[is_constant(images[training])]}
    pairs = similar_pairs(images[training], images[test])
    best_first = np.lexsort((-pairs.correlation, pairs.kind))
    for first, second, kind in zip(pairs.first[best_first], pairs.second[best_first],
                                   pairs.kind[best_first]):
        row = int(training[first])
        leaks.setdefault(row, Leak(row, KINDS[kind], int(test[second])))
    return [leaks[row] for row in sorted(leaks)]


def has_training_copy(images: np.ndarray, usage: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Tell which test images a network may have seen in Training.

    Copies are exact, mirrored, or correlate from similarity.ALIKE on, mirrored or not. All
    Training rows count, also those that our own training leaves out, so that a network that
    was trained on all of them can be measured fairly. Takes about 5 s for 3,589 rows on one
    core.

    Args:
        images: of the whole csv, uint8 (N, H, W).
        usage: (N,), 0 for training.
        rows: the test images, int64 (K,), indices into `images`.

    Returns:
        Whether a Training image is a copy of each, bool (K,).
    """
    has_copy = np.zeros(len(rows), bool)
    has_copy[similar_pairs(images[rows], images[usage == 0]).first] = True
    return has_copy


def is_constant(images: np.ndarray) -> np.ndarray:
    """Return for each image, uint8 (N, H, W), whether all its pixels are equal, bool (N,)."""
    return np.asarray((images == images[:, :1, :1]).all(axis=(1, 2)))
