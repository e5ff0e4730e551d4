# SPDX-License-Identifier: Apache-2.0
"""Caches what teachers say about batches that are shown again."""

from collections.abc import Sequence
import hashlib
from pathlib import Path

from emorec_training.data.cache import cache_file
from emorec_training.data.cache import load_cached
from emorec_training.data.cache import store_cached
from emorec_training.evaluation.predictor import Predict
from emorec_training.provenance import file_sha256
import numpy as np

EMPTY: np.ndarray = np.empty((0, 0), np.float32)


class TeacherCache:
    """A teacher that is asked once about each batch of images.

    Its probabilities are kept below $XDG_CACHE_HOME/emorec, where a resumed run and other
    students that are shown the same images (same data, seed, distortion and batch size) find
    them, at the same time as well: whoever comes first asks.

    Args:
        teacher: gives the probabilities.
        labels: the labels that they belong to.
        files: what the teacher was read from.
    """

    def __init__(self, teacher: Predict, labels: Sequence[str], files: Sequence[Path]) -> None:
        """Name the cache after labels and files."""
        identity = hashlib.sha256('\n'.join([*labels, *map(file_sha256, files)]).encode())
        self._folder = f'answers-{identity.hexdigest()[:32]}'
        self._labels = len(labels)
        self._teacher = teacher
        self._in_memory: dict[str, np.ndarray] = {}

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the probabilities for images uint8 (B, 48, 48), float32 (B, C)."""
        digest = hashlib.sha256(np.ascontiguousarray(images)).hexdigest()[:32]
        if digest not in self._in_memory:
            file = cache_file(f'{self._folder}/{digest}.npz')
            probabilities = load_cached(file).get('answers', EMPTY)
            if probabilities.shape != (len(images), self._labels):
                probabilities = self._teacher(images).astype(np.float32)
                store_cached(file, answers=probabilities)
            self._in_memory[digest] = probabilities
        return self._in_memory[digest]
