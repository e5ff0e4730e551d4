# SPDX-License-Identifier: Apache-2.0
"""Finds training pictures that also stand in a test split, and those that show nothing.

Without this a test figure of FER2013 is flattered: about 11.6 % of PrivateTest stands in
Training, exactly, mirrored or as another crop of the same photo.
"""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

NEAR: float = 0.97
"""Correlation of mean-removed pixels above which two pictures count as the same photo."""

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


def find_leaks(images: np.ndarray, usage: np.ndarray, block: int = 2000) -> list[Leak]:
    """Compare every training picture, also mirrored, with every test picture.

    images: uint8 (N, H, W); usage: (N,), 0 for training. A training row is named once, with
    the first reason of: constant, exact, mirrored, near, near-mirrored.
    """
    training, test = np.flatnonzero(usage == 0), np.flatnonzero(usage != 0)
    exact = {images[row].tobytes(): int(row) for row in test[::-1]}
    normed_test = _normed(images[test]).T
    found = []
    for start in range(0, len(training), block):
        rows = training[start:start + block]
        straight = _normed(images[rows]) @ normed_test
        mirrored = _normed(images[rows][:, :, ::-1]) @ normed_test
        for row, here, there in zip(rows, straight, mirrored):
            leak = _classify(int(row), images[row], exact, test, here, there)
            if leak is not None:
                found.append(leak)
    return found


def _normed(images: np.ndarray) -> np.ndarray:
    flat = images.reshape(len(images), -1).astype(np.float32)
    flat -= flat.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(flat, axis=1, keepdims=True)
    return flat / np.maximum(norm, 1e-6)


def _classify(row: int, image: np.ndarray, exact: dict[bytes, int], test: np.ndarray,
              straight: np.ndarray, mirrored: np.ndarray) -> Leak | None:
    if image.min() == image.max():
        return Leak(row, 'constant', -1)
    for reason, pixels in (('exact', image), ('mirrored', image[:, ::-1])):
        match = exact.get(np.ascontiguousarray(pixels).tobytes())
        if match is not None:
            return Leak(row, reason, match)
    if not len(test) or max(straight.max(), mirrored.max()) <= NEAR:
        return None
    if straight.max() >= mirrored.max():
        return Leak(row, 'near', int(test[straight.argmax()]))
    return Leak(row, 'near-mirrored', int(test[mirrored.argmax()]))
