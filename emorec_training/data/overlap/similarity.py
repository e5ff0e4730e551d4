# SPDX-License-Identifier: Apache-2.0
"""Finds images that are copies of each other: exact, mirrored, or other cuts of one photo."""

from collections.abc import Iterator
import dataclasses

import numpy as np
import tqdm

NEAR: float = 0.97
"""Correlation of mean-removed pixels above which two images count as the same photo."""

ALIKE: float = 0.92
"""Correlation from which on they are taken for other cuts or frames of the same scene."""

KINDS: tuple[str, ...] = (
    'exact', 'mirrored', 'near', 'near-mirrored', 'alike', 'alike-mirrored')
FREQUENCIES = 16
BLOCK = 1024


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Pairs of similar images, each named once, ordered by `first`, then `second`.

    Attributes:
        first: int64 (K,), indices of images.
        second: int64 (K,), indices of the images that they are similar to.
        kind: int64 (K,), indices into KINDS, of the better of the straight and the mirrored
            comparison.
        correlation: float64 (K,), of that comparison.
    """

    first: np.ndarray
    second: np.ndarray
    kind: np.ndarray
    correlation: np.ndarray

    def where(self, mask: np.ndarray) -> 'Pairs':
        """Return the pairs that `mask`, bool (K,), chooses."""
        return Pairs(self.first[mask], self.second[mask], self.kind[mask],
                     self.correlation[mask])


def similar_pairs(images: np.ndarray, others: np.ndarray | None = None) -> Pairs:
    """Compare every image with every other one, or with each of `others`, also mirrored.

    Constant images are similar to none. 35,887 images of 48x48 take about half a minute on one
    core; a progress bar is shown on a terminal.

    Args:
        images: uint8 (N, H, W).
        others: uint8 (M, H, W), to which `second` then refers.

    Returns:
        The pairs whose correlation is ALIKE or more.
    """
    left = _features(images)
    right = left if others is None else _features(others)
    second_images = images if others is None else others
    found = []
    for first, second in _candidates(left, right, others is None):
        for start in range(0, len(first), BLOCK):
            part = slice(start, start + BLOCK)
            found.append(_compare(images, second_images, first[part], second[part]))
    joined = Pairs(*(np.concatenate([getattr(pairs, field.name) for pairs in found])
                     for field in dataclasses.fields(Pairs))) if found else _no_pairs()
    order = np.lexsort((joined.second, joined.first))
    return joined.where(order)


def _features(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return low frequencies of the unit images: the even ones, the odd ones across.

    By Parseval <x, y> is the product of all coefficients of an orthonormal DCT-II. Mirroring
    negates the coefficients that are odd across, so that even + odd compares two images
    straight and even - odd mirrored. What the high frequencies can add is at most the product
    of their norms (Cauchy-Schwarz); that norm is one more even column.
    """
    vertical, across = (_dct(side) for side in images.shape[1:])
    even, odd = [], []
    for start in range(0, len(images), BLOCK):
        unit = _unit(images[start:start + BLOCK], np.float32)
        low = vertical @ unit.reshape(-1, *images.shape[1:]) @ across.T
        energy = np.square(unit).sum(axis=1) - np.square(low).sum(axis=(1, 2))
        rest = np.sqrt(np.maximum(energy, 0))[:, None]
        even.append(np.hstack([low[:, :, 0::2].reshape(len(low), -1), rest]))
        odd.append(low[:, :, 1::2].reshape(len(low), -1))
    if not even:
        return np.zeros((0, 1), np.float32), np.zeros((0, 1), np.float32)
    return np.concatenate(even), np.concatenate(odd)


def _dct(side: int) -> np.ndarray:
    frequency = np.arange(min(FREQUENCIES, side))[:, None]
    basis = np.cos(np.pi * frequency * (np.arange(side) + 0.5) / side) * np.sqrt(2 / side)
    basis[0] /= np.sqrt(2)
    return np.asarray(basis, np.float32)


def _unit(images: np.ndarray, kind: type) -> np.ndarray:
    flat: np.ndarray = images.reshape(len(images), -1).astype(kind)
    flat -= flat.mean(axis=1, keepdims=True)
    norm = np.linalg.norm(flat, axis=1, keepdims=True)
    return np.asarray(flat / np.maximum(norm, 1e-6))


def _candidates(left: tuple[np.ndarray, np.ndarray], right: tuple[np.ndarray, np.ndarray],
                same: bool) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield indices of pairs whose correlation may reach ALIKE, block by block."""
    blocks = [(row, column) for row in range(0, len(left[0]), BLOCK)
              for column in range(row if same else 0, len(right[0]), BLOCK)]
    for row, column in tqdm.tqdm(blocks, desc='comparing images', unit='block', leave=False,
                                 disable=None if len(blocks) > 1 else True):
        rows, columns = slice(row, row + BLOCK), slice(column, column + BLOCK)
        bound = np.abs(left[1][rows] @ right[1][columns].T)
        bound += left[0][rows] @ right[0][columns].T
        first, second = np.divmod(np.flatnonzero(bound > ALIKE - 1e-4), bound.shape[1])
        first, second = first + row, second + column
        if same:
            first, second = first[first < second], second[first < second]
        yield first, second


def _compare(images: np.ndarray, others: np.ndarray, first: np.ndarray,
             second: np.ndarray) -> Pairs:
    """Measure candidates in full; return those that reach ALIKE."""
    here, there, flipped = images[first], others[second], others[second][:, :, ::-1]
    unit = _unit(here, np.float64)
    straight, mirrored = ((unit * _unit(other, np.float64)).sum(axis=1)
                          for other in (there, flipped))
    is_mirrored = mirrored > straight
    correlation = np.where(is_mirrored, mirrored, straight)
    kind = np.where(correlation > NEAR, 2, 4) + is_mirrored
    is_similar = correlation >= ALIKE
    kind[is_similar & (here == flipped).all(axis=(1, 2))] = 1
    kind[is_similar & (here == there).all(axis=(1, 2))] = 0
    return Pairs(first, second, kind, correlation).where(is_similar)


def _no_pairs() -> Pairs:
    none = np.zeros(0, np.int64)
    return Pairs(none, none, none, np.zeros(0))
