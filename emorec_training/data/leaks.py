# SPDX-License-Identifier: Apache-2.0
"""Finds training images that also stand in a test split, and those that show nothing.

Without this a test figure of FER2013 is flattered: 13 % of PrivateTest stands in Training,
exactly (8 %), mirrored, or as another cut of the same photo or its neighbour in a film.
"""

import csv
from pathlib import Path
from typing import NamedTuple

from emorec_training.data.similarity import KINDS
from emorec_training.data.similarity import similar_pairs
import numpy as np

OFFICIAL_DIGEST: str = 'bb183fb6943ddf60cee1219371efd38a18d40392d446398712869eac5e880089'
LISTED = Path(__file__).with_name('leaked_rows.csv')


class Leak(NamedTuple):
    """A training row to leave out, why, and the test row it matches (-1: none)."""

    row: int
    reason: str
    matching_row: int


def rows_to_leave_out(images: np.ndarray, usage: np.ndarray, digest: str) -> np.ndarray:
    """Return the training rows to leave out, as int64 (K,).

    For the official data this is the committed list leaked_rows.csv; for any other csv it is
    worked out. `usage` is 0 for training rows, as in dataset.SPLITS.
    """
    if digest == OFFICIAL_DIGEST:
        with open(LISTED, newline='') as file:
            return np.array([int(line['row']) for line in csv.DictReader(file)], np.int64)
    return np.array([leak.row for leak in find_leaks(images, usage)], np.int64)


def find_leaks(images: np.ndarray, usage: np.ndarray) -> list[Leak]:
    """Compare every training image, also mirrored, with every test image.

    images: uint8 (N, H, W); usage: (N,), 0 for training. A training row is named once, with
    the first reason of: constant, exact, mirrored, near (correlation above similarity.NEAR),
    alike (from similarity.ALIKE on), these also as near-mirrored and alike-mirrored; its match
    is the test row of that kind with the highest correlation.
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


def is_constant(images: np.ndarray) -> np.ndarray:
    """Return for each image, uint8 (N, H, W), whether all its pixels are equal, bool (N,)."""
    return np.asarray((images == images[:, :1, :1]).all(axis=(1, 2)))
