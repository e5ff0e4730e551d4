# SPDX-License-Identifier: Apache-2.0
"""Training images that stand in a test split."""
from collections.abc import Callable
import csv
from pathlib import Path

import cv2
from emorec_training.data.dataset import load_csv
from emorec_training.data.overlap.leaks import find_leaks
from emorec_training.data.overlap.leaks import has_training_copy
from emorec_training.data.overlap.leaks import LEAKED_ROWS_FILE
from emorec_training.data.overlap.leaks import OFFICIAL_DIGEST
from emorec_training.data.overlap.leaks import rows_to_leave_out
from fer_csv import draw
from gray_images import write_gray_csv
import numpy as np
import pytest


def _images() -> np.ndarray:
    rng = np.random.default_rng(2)
    slope = np.linspace(-40, 40, 48)
    return np.stack([np.clip(draw(label, rng) + slope, 0, 255).astype(np.uint8)
                     for label in range(6)])


def _retouched(image: np.ndarray) -> np.ndarray:
    """Return the image with a black bar: correlation about 0.95."""
    changed = image.copy()
    changed[:, 6:8] = 0
    return changed


@pytest.mark.parametrize('change, reason', [
    (lambda image: image, 'exact'),
    (lambda image: image[:, ::-1], 'mirrored'),
    (lambda image: image // 2 + 30, 'near'),
    (lambda image: image[:, ::-1] // 2 + 30, 'near-mirrored'),
    (_retouched, 'alike'),
    (lambda image: _retouched(image)[:, ::-1], 'alike-mirrored'),
    (lambda image: np.full_like(image, 9), 'constant'),
])
def test_copies_are_found(
        change: Callable[[np.ndarray], np.ndarray], reason: str) -> None:
    """A training image that is a test image in disguise is named with its original."""
    images = _images()
    images[1] = change(images[4])
    leaks = find_leaks(images, np.array([0, 0, 0, 1, 1, 2]))
    expected = -1 if reason == 'constant' else 4
    assert [(leak.row, leak.reason, leak.matching_row) for leak in leaks] \
        == [(1, reason, expected)]


def test_the_closest_copy_gives_the_reason() -> None:
    """A row with several copies in the test splits is named once, with the closest of them."""
    images = _images()
    images[2], images[3], images[5] = _retouched(images[0]), images[0] // 2 + 30, images[0]
    leaks = find_leaks(images, np.array([0, 0, 1, 1, 1, 2]))
    assert [tuple(leak) for leak in leaks] == [(0, 'exact', 5)]
    images[5] = images[1]
    leaks = find_leaks(images, np.array([0, 0, 1, 1, 1, 2]))
    assert [tuple(leak) for leak in leaks] == [(0, 'near', 3), (1, 'exact', 5)]


def test_other_images_are_kept() -> None:
    """Different images, and copies within Training, are no leaks."""
    images = _images()
    images[1] = images[0]
    assert find_leaks(images, np.array([0, 0, 0, 1, 1, 2])) == []


def test_the_official_csv_uses_the_committed_list() -> None:
    """The list can be read by people, and the loader obeys it."""
    none = np.zeros((0, 48, 48), np.uint8)
    rows = rows_to_leave_out(none, np.zeros(0, np.uint8), OFFICIAL_DIGEST)
    assert len(rows) == 1296
    assert rows.max() < 28709


def test_the_committed_list_is_what_the_data_says(shared_data: Path) -> None:
    """On 1,500 training rows the search finds what the list names, and nothing else."""
    atlases = sorted((shared_data / 'fer2013').glob('atlas_*.png'))
    images = np.concatenate([_cut(path) for path in atlases])
    with open(shared_data / 'fer2013' / 'labels.csv', newline='') as file:
        usage = np.array([row['usage'] != 'Training' for row in csv.DictReader(file)])
    with open(LEAKED_ROWS_FILE, newline='') as file:
        listed = {int(row['row']): row['reason'] for row in csv.DictReader(file)}
    chosen = np.r_[0:500, 6400:6900, 28209:28709]
    rows = np.r_[chosen, np.flatnonzero(usage)]
    found = {int(rows[leak.row]): leak.reason for leak in find_leaks(images[rows], usage[rows])}
    assert found == {row: reason for row, reason in listed.items() if row in chosen}
    assert {'exact', 'near', 'alike', 'constant'} <= set(found.values())


def _cut(path: Path) -> np.ndarray:
    atlas = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    rows, columns = atlas.shape[0] // 48, atlas.shape[1] // 48
    return atlas.reshape(rows, 48, columns, 48).transpose(0, 2, 1, 3).reshape(-1, 48, 48)


def test_copies_in_training_are_found_whatever_was_left_out(tmp_path: Path) -> None:
    """Rows 21 and 22 are an exact and a mirrored copy; our own training leaves these out."""
    data = load_csv(write_gray_csv(tmp_path / 'gray.csv'))
    rows = data.split('public').rows
    assert rows[has_training_copy(data.images, data.usage, rows)].tolist() == [21, 22]
    assert set(data.left_out) == {0, 1}
