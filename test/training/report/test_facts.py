# SPDX-License-Identifier: Apache-2.0
"""What the dataset report says of labels, votes and the official data."""
import csv
from pathlib import Path

import cv2
from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import SPLITS
from emorec_training.data.overlap.duplicates import exact_copies
from emorec_training.data.overlap.leaks import is_constant
from emorec_training.data.overlap.similarity import similar_pairs
from emorec_training.report.facts import difference_from_official
from emorec_training.report.facts import duplicate_levels
from emorec_training.report.facts import Facts
from emorec_training.report.facts import majority
from emorec_training.report.facts import PUBLISHED_COUNTS
from emorec_training.report.facts import VOTED
import numpy as np


def test_a_majority_is_one_label_or_a_tie() -> None:
    """Nobody's votes are no majority."""
    votes = np.zeros((4, 10), np.uint8)
    votes[0, 3], votes[1, [3, 4]], votes[2, 9] = 6, 5, 10
    assert [VOTED[index] if index >= 0 else '' for index in majority(votes)] \
        == ['Happy', 'tie', 'not a face', '']


def test_other_data_are_told_from_the_official(shared_data: Path) -> None:
    """Order, labels and pixels: each difference is named, and the official data have none."""
    data = _official(shared_data)
    assert difference_from_official(data, PUBLISHED_COUNTS) \
        == 'it has the same images, labels and splits, in another order'
    data.images[0, 0, 0] += 1
    assert 'some images or labels are others' in difference_from_official(data, PUBLISHED_COUNTS)
    counts = PUBLISHED_COUNTS.copy()
    counts[0, 0], counts[0, 6] = counts[0, 0] - 3, counts[0, 6] + 3
    assert '3 of them have another label' in difference_from_official(data, counts)


def test_exact_copies_of_the_official_data(shared_data: Path) -> None:
    """The published facts: 34,034 different images, 57 of 1,516 groups in conflict."""
    data = _official(shared_data)
    none = similar_pairs(data.images[:0])
    facts = Facts(PUBLISHED_COUNTS, '', np.flatnonzero(is_constant(data.images)),
                  exact_copies(data.images), none, [], None)
    exact = duplicate_levels(data, facts)['exact']
    assert (exact['different'], exact['groups'], len(exact['conflicting'])) == (34034, 1516, 57)
    assert len(facts.constant) == 12


def _official(shared_data: Path) -> Dataset:
    """Return the official data in reversed order, without its digest."""
    images = []
    for path in sorted((shared_data / 'fer2013').glob('atlas_*.png')):
        atlas = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
        rows, columns = atlas.shape[0] // 48, atlas.shape[1] // 48
        images.append(atlas.reshape(rows, 48, columns, 48).transpose(0, 2, 1, 3)
                      .reshape(-1, 48, 48))
    with open(shared_data / 'fer2013' / 'labels.csv', newline='') as file:
        lines = list(csv.DictReader(file))
    labels = np.array([int(line['emotion']) for line in lines], np.uint8)
    usage = np.array([list(SPLITS.values()).index(line['usage']) for line in lines], np.uint8)
    return Dataset(np.concatenate(images)[:len(lines)][::-1].copy(), labels[::-1], usage[::-1],
                   np.zeros(0, np.int64), '')
