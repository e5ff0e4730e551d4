# SPDX-License-Identifier: Apache-2.0
"""Groups of images that must stay on one side of a split: copies, and cuts of one photo."""

from emorec_training.data.overlap.similarity import Pairs
from emorec_training.data.overlap.similarity import similar_pairs
import numpy as np

SHARE: float = 0.1
"""Of the images that `hold_out` sets aside."""


def duplicate_groups(images: np.ndarray) -> np.ndarray:
    """Find the images that chains of exact, mirrored, near or alike copies join.

    Takes some seconds for the images of FER2013.

    Args:
        images: uint8 (N, H, W).

    Returns:
        The group of each image, int64 (N,): the lowest index in that group.
    """
    return connected_components(len(images), similar_pairs(images), exact_copies(images))


def exact_copies(images: np.ndarray) -> np.ndarray:
    """Return the lowest index with the same pixels, int64 (N,), of images uint8 (N, H, W)."""
    first: dict[bytes, int] = {}
    return np.array([first.setdefault(image.tobytes(), index)
                     for index, image in enumerate(images)], np.int64)


def connected_components(
        count: int, pairs: Pairs, start: np.ndarray | None = None) -> np.ndarray:
    """Return the connected components of images, by union-find.

    Args:
        count: how many images there are, N.
        pairs: of images that belong together.
        start: int64 (N,), for each image another one of its group, at most its own index.

    Returns:
        The lowest index of each image's component, int64 (N,).
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


def hold_out(groups: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Choose whole groups, in random order, until a tenth is reached.

    A group that would overshoot the tenth is passed over.

    Args:
        groups: int64 (N,), equal for images that must stay together.
        rng: chooses.

    Returns:
        bool (N,).
    """
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    wanted = round(SHARE * len(groups))
    chosen = np.zeros(len(sizes), bool)
    filled = 0
    for index in rng.permutation(len(sizes)):
        if filled + sizes[index] <= wanted:
            chosen[index] = True
            filled += int(sizes[index])
    return chosen[group]
