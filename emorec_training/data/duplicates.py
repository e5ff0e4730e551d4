# SPDX-License-Identifier: Apache-2.0
"""Groups of images that must stay on one side of a split: copies, and cuts of one photo."""

from emorec_training.data.similarity import Pairs
from emorec_training.data.similarity import similar_pairs
import numpy as np


def duplicate_groups(images: np.ndarray) -> np.ndarray:
    """Return the group of each image, int64 (N,): the lowest index in that group.

    images: uint8 (N, H, W). Two images share a group when a chain of exact, mirrored, near
    or alike copies joins them (similarity.ALIKE). Some seconds for the images of FER2013.
    """
    return join(len(images), similar_pairs(images), exact_copies(images))


def exact_copies(images: np.ndarray) -> np.ndarray:
    """Return for each image the lowest index with the same pixels, int64 (N,)."""
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(image.tobytes(), index)
                     for index, image in enumerate(images)], np.int64)


def join(count: int, pairs: Pairs, start: np.ndarray | None = None) -> np.ndarray:
    """Return the connected components of `count` images, int64 (count,), by union-find.

    `pairs` are joined, and each image with `start[image]`, at most its own index.
    """
    parent = list(range(count)) if start is None else start.tolist()

    def root(index: int) -> int:
        while parent[index] != index:
            parent[index] = parent[parent[index]]
            index = parent[index]
        return index

    for first, second in zip(pairs.first.tolist(), pairs.second.tolist()):
        low, high = sorted((root(first), root(second)))
        parent[high] = low
    return np.array([root(index) for index in range(count)], np.int64)
