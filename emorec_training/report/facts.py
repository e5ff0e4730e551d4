# SPDX-License-Identifier: Apache-2.0
"""Facts about a data set: counts, copies, conflicts, votes, differences from FER2013."""

import dataclasses
import hashlib
from typing import Any

from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import SPLITS
from emorec_training.data.ferplus import FERPLUS_NAMES
from emorec_training.data.overlap.duplicates import connected_components
from emorec_training.data.overlap.duplicates import exact_copies
from emorec_training.data.overlap.leaks import find_leaks
from emorec_training.data.overlap.leaks import is_constant
from emorec_training.data.overlap.leaks import Leak
from emorec_training.data.overlap.leaks import OFFICIAL_DIGEST
from emorec_training.data.overlap.similarity import KINDS
from emorec_training.data.overlap.similarity import Pairs
from emorec_training.data.overlap.similarity import similar_pairs
from emorec_vision.emotions import EMOTIONS
import numpy as np

PUBLISHED_COUNTS: np.ndarray = np.array([
    [3995, 436, 4097, 7215, 4830, 3171, 4965],
    [467, 56, 496, 895, 653, 415, 607],
    [491, 55, 528, 879, 594, 416, 626]])
"""Images per split and emotion in the official data (Goodfellow et al. 2013,
arXiv 1307.0414), in the order of SPLITS and EMOTIONS."""

OFFICIAL_CONTENT: str = '9f2b1a738c1f21f0b6754512a945b7b8703a8f8c22801036cadd9730106a1c55'
"""`content_digest` of the official data."""

VOTED: tuple[str, ...] = (*FERPLUS_NAMES, 'unknown', 'not a face', 'tie')
NOT_A_FACE = VOTED.index('not a face')
LEVELS: dict[str, int] = {'exact': 1, 'mirrored': 2, 'near': 4, 'alike': 6}
"""How many of KINDS join images into groups, from strict to lenient."""


@dataclasses.dataclass(frozen=True)
class Facts:
    """What was found in N images; rows are counted from 0 in the order of the csv.

    Attributes:
        counts: int64 (3, 7), images per split and emotion.
        difference: '' for the official csv, else how the data differs from it.
        constant: int64 (K,), rows of one single gray value.
        copies: int64 (N,), lowest row with the same pixels.
        pairs: similar images, without the constant ones.
        leaks: the rows left out of training.
        voted: int64 (N,), index into VOTED of the FER+ majority, -1 without votes; None without
            FER+.
    """

    counts: np.ndarray
    difference: str
    constant: np.ndarray
    copies: np.ndarray
    pairs: Pairs
    leaks: list[Leak]
    voted: np.ndarray | None

    @property
    def not_a_face(self) -> np.ndarray:
        """Rows that most voters of FER+ called no face, int64."""
        return np.flatnonzero([] if self.voted is None else self.voted == NOT_A_FACE)


def collect_facts(data: Dataset, votes: np.ndarray | None = None) -> Facts:
    """Look at all of the data.

    Args:
        data: the data.
        votes: of FER+, uint8 (N, 10), as ferplus.read_votes returns them.
    """
    counts = np.zeros((len(SPLITS), len(EMOTIONS)), np.int64)
    np.add.at(counts, (data.usage, data.labels), 1)
    return Facts(
        counts, difference_from_official(data, counts), np.flatnonzero(is_constant(data.images)),
        exact_copies(data.images), similar_pairs(data.images),
        find_leaks(data.images, data.usage), None if votes is None else majority(votes))


def difference_from_official(data: Dataset, counts: np.ndarray) -> str:
    """Return '' for the official data, else in what respect these are other data."""
    if data.digest == OFFICIAL_DIGEST:
        return ''
    if len(data.labels) != PUBLISHED_COUNTS.sum():
        return (f'it has {len(data.labels)} images, the official data '
                f'{PUBLISHED_COUNTS.sum()}')
    if content_digest(data) == OFFICIAL_CONTENT:
        return 'it has the same images, labels and splits, in another order'
    if (counts != PUBLISHED_COUNTS).any():
        moved = int(np.abs(counts - PUBLISHED_COUNTS).sum() // 2)
        return (f'it has as many images, but {moved} of them have another label or stand in '
                'another split')
    return 'it has the published class counts, but some images or labels are others'


def content_digest(data: Dataset) -> str:
    """Return a SHA-256 of all images with label and split that ignores their order."""
    rows = sorted(hashlib.sha256(image.tobytes() + bytes([label, usage])).digest()
                  for image, label, usage in zip(data.images, data.labels, data.usage))
    return hashlib.sha256(b''.join(rows)).hexdigest()


def majority(votes: np.ndarray) -> np.ndarray:
    """Return the label with most votes.

    Args:
        votes: uint8 (N, 10), columns as in ferplus.COLUMNS.

    Returns:
        int64 (N,), indices into VOTED, -1 without votes.
    """
    is_tie = (votes == votes.max(axis=1, keepdims=True)).sum(axis=1) > 1
    voted = np.where(is_tie, VOTED.index('tie'), votes.argmax(axis=1))
    return np.where(votes.any(axis=1), voted, -1)


def agreement(data: Dataset, voted: np.ndarray) -> np.ndarray:
    """Return images per label of the csv and FER+ majority, int64 (7, len(VOTED))."""
    table = np.zeros((len(EMOTIONS), len(VOTED)), np.int64)
    has_votes = voted >= 0
    np.add.at(table, (data.labels[has_votes], voted[has_votes]), 1)
    return table


def pairs_by_place(data: Dataset, pairs: Pairs) -> dict[str, dict[str, int]]:
    """Return how many pairs of each kind lie within each split and between two."""
    names = list(SPLITS.values())
    table = {name: dict.fromkeys(KINDS, 0) for name in names}
    table |= {f'{one} - {other}': dict.fromkeys(KINDS, 0) for index, one in enumerate(names)
              for other in names[index + 1:]}
    splits = np.sort(np.stack([data.usage[pairs.first], data.usage[pairs.second]]), axis=0)
    for one, other, kind in zip(*splits.tolist(), pairs.kind.tolist()):
        place = names[one] if one == other else f'{names[one]} - {names[other]}'
        table[place][KINDS[kind]] += 1
    return table


def leaking_tests(data: Dataset, pairs: Pairs) -> dict[str, dict[str, int]]:
    """Return how many images of each test split stand in Training, by their closest kind."""
    table = {}
    for usage, name in list(enumerate(SPLITS.values()))[1:]:
        best = np.full(len(data.usage), len(KINDS))
        for here, there in ((pairs.first, pairs.second), (pairs.second, pairs.first)):
            across = (data.usage[here] == usage) & (data.usage[there] == 0)
            np.minimum.at(best, here[across], pairs.kind[across])
        table[name] = {kind: int((best == index).sum()) for index, kind in enumerate(KINDS)}
    return table


def duplicate_levels(data: Dataset, facts: Facts) -> dict[str, dict[str, Any]]:
    """Return for each of LEVELS the groups of two or more, and those with several labels."""
    return {level: _level(data.labels, connected_components(
        len(data.labels), facts.pairs.where(facts.pairs.kind < kinds), facts.copies))
        for level, kinds in LEVELS.items()}


def _level(labels: np.ndarray, group: np.ndarray) -> dict[str, Any]:
    members: dict[int, list[int]] = {}
    for row, name in enumerate(group.tolist()):
        members.setdefault(name, []).append(row)
    groups = [rows for rows in members.values() if len(rows) > 1]
    conflicting = [rows for rows in groups if len(set(labels[rows].tolist())) > 1]
    return {'groups': len(groups), 'pictures': sum(map(len, groups)),
            'largest': max(map(len, groups), default=0),
            'different': len(members), 'conflicting': conflicting}
