# SPDX-License-Identifier: Apache-2.0
"""What a network looks at: a patch hides one place of the face after the other."""

from collections.abc import Callable
from collections.abc import Iterator

import numpy as np

Predict = Callable[[np.ndarray], np.ndarray]
"""From gray faces, uint8 (N, S, S), to probabilities, float (N, K)."""

PATCH: int = 16
"""Side of the patch, px of the network's input: about a mouth of 48 px."""
STEPS: int = 3
"""Steps in which the patch moves on by its own side."""
BATCH: int = 64
FLOOR: float = 1e-6
"""Smallest probability whose logarithm is taken."""


def occlusion_map(predict: Predict, face: np.ndarray, column: int,
                  patch: int = PATCH) -> np.ndarray:
    """Return by how much each pixel's patches lower the log-probability of one emotion.

    A patch of the face's mean gray is slid over it, beyond the edges too, by a third of its side.
    Each pixel gets the mean over the patches that hid it (Zeiler & Fergus 2014, arXiv 1311.2901,
    section 4.2, there with the probability and without the mean).

    Args:
        predict: the network.
        face: uint8 (S, S), as the network sees it.
        column: of the emotion among the probabilities.
        patch: side, px, 1 to S.

    Returns:
        float32 (S, S), nats: above 0 where hiding makes the emotion less likely, below 0 where it
        makes it likelier.

    Raises:
        ValueError: if the face has another type or shape, or the patch another side.
    """
    if face.dtype != np.uint8 or face.ndim != 2 or face.shape[0] != face.shape[1]:
        raise ValueError(f'expected uint8 (S, S), not {face.dtype} {face.shape}')
    if not 1 <= patch <= len(face):
        raise ValueError(f'a patch of {patch} px does not go with a face of {len(face)} px')
    places = list(_places(len(face), patch))
    drops = _log(predict(face[None]), column) - np.concatenate([
        _log(predict(_hidden(face, places[first:first + BATCH])), column)
        for first in range(0, len(places), BATCH)])
    total, count = np.zeros(face.shape), np.zeros(face.shape)
    for place, drop in zip(places, drops, strict=True):
        total[place] += drop
        count[place] += 1
    return np.asarray(total / count, np.float32)


def _places(size: int, patch: int) -> Iterator[tuple[slice, slice]]:
    """Yield rows and columns that the patch hides, cut at the edges."""
    step = max(1, patch // STEPS)
    spans = [slice(max(start, 0), min(start + patch, size))
             for start in range(step - patch, size, step)]
    for rows in spans:
        for columns in spans:
            yield rows, columns


def _hidden(face: np.ndarray, places: list[tuple[slice, slice]]) -> np.ndarray:
    """Return the face with each of the places hidden, uint8 (N, S, S)."""
    faces = np.repeat(face[None], len(places), axis=0)
    for number, place in enumerate(places):
        faces[number][place] = round(float(face.mean()))
    return faces


def _log(probabilities: np.ndarray, column: int) -> np.ndarray:
    return np.log(np.maximum(probabilities[:, column].astype(np.float64), FLOOR))
