# SPDX-License-Identifier: Apache-2.0
"""Reads fer2013.csv, or a csv like it, and keeps test images out of training."""

import codecs
from collections.abc import Iterable
from collections.abc import Iterator
import csv
import dataclasses
import hashlib
from pathlib import Path

from emorec_training.data.cache import cache_file
from emorec_training.data.cache import load_cached
from emorec_training.data.cache import store_cached
from emorec_training.data.overlap import leaks
from emorec_training.data.overlap.duplicates import duplicate_groups
from emorec_training.data.overlap.duplicates import hold_out
from emorec_training.provenance import file_sha256
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import numpy as np

SIDE = 48
SPLITS: dict[str, str] = {
    'training': 'Training', 'public': 'PublicTest', 'private': 'PrivateTest'}
CACHE_VERSION = 2
COLUMNS = ('emotion', 'pixels', 'usage')
DRAW_SEED = 2013
"""Of the images that stand for PublicTest where a csv names no splits."""


@dataclasses.dataclass
class Split:
    """Labelled images of one split.

    Attributes:
        images: uint8 (N, 48, 48) gray.
        labels: int64 (N,), indices into `names`.
        rows: int64 (N,), their rows in the csv, counted from 0.
        names: the C labels.
        targets: float32 (N, C), the probability of each label, one-hot unless given.
        scheme: where the labels are from, one of labels.SCHEMES.
    """

    images: np.ndarray
    labels: np.ndarray
    rows: np.ndarray
    names: tuple[str, ...] = EMOTIONS
    targets: np.ndarray = dataclasses.field(default_factory=lambda: np.empty(0))
    scheme: str = 'fer2013'

    def __post_init__(self) -> None:
        """Make the targets one-hot where none are given."""
        if not self.targets.size:
            self.targets = np.eye(len(self.names), dtype=np.float32)[self.labels]


@dataclasses.dataclass
class Dataset:
    """A whole csv in memory, in its row order, with the training rows to leave out.

    Attributes:
        images: uint8 (N, 48, 48).
        labels: uint8 (N,), indices into EMOTIONS.
        usage: uint8 (N,), 0..2 as SPLITS lists them.
        left_out: int64 (K,), rows of Training that are constant or stand in a test split.
        digest: SHA-256 over pixels, labels and usage, whatever the column order of the file.
        drawn: whether the csv names no splits, so that a tenth was drawn as PublicTest.
    """

    images: np.ndarray
    labels: np.ndarray
    usage: np.ndarray
    left_out: np.ndarray
    digest: str
    drawn: bool = False

    def split(self, name: str) -> Split:
        """Return the images of one split, those of Training without the rows left out.

        Args:
            name: 'training', 'public' or 'private'.

        Raises:
            InputError: if there are none.
        """
        rows = np.flatnonzero(self.usage == list(SPLITS).index(name))
        if not len(rows):
            raise InputError(f'the data holds no images with Usage {SPLITS[name]}')
        if name == 'training':
            rows = np.setdiff1d(rows, self.left_out)
            if not len(rows):
                raise InputError('every image of Training is constant or also stands in a test '
                                 'split, so none is left to learn from')
        return Split(self.images[rows], self.labels[rows].astype(np.int64), rows)

    def measured(self) -> 'Dataset':
        """Return what a model is measured on: a csv that names no splits as PublicTest, whole."""
        return make_dataset(self.images, self.labels,
                            np.ones_like(self.usage)) if self.drawn else self


def load_csv(path: Path, test: Path | None = None) -> Dataset:
    """Read fer2013.csv: columns emotion, pixels, Usage in any order, among others.

    Without Usage, or a second csv, a seeded tenth of the images stands for PublicTest; copies
    and cuts of one photo stay on one side. The second reading of the same files comes from the
    cache.

    Args:
        path: of the csv.
        test: a second csv; its rows come below those of the first one, as PublicTest unless its
            own Usage says PrivateTest, and the first one is Training as a whole.

    Raises:
        InputError: if a file cannot be read, a row, counted from 1 below the header, is
            malformed, or Usage contradicts `test`.
    """
    paths = [path] if test is None else [path, test]
    cache = cache_file(f'fer2013-{"-".join(map(_key, paths))}-{CACHE_VERSION}.npz')
    stored = load_cached(cache)
    if stored:
        return Dataset(stored['images'], stored['labels'], stored['usage'], stored['left_out'],
                       str(stored['digest']), bool(stored.get('drawn', False)))
    images, labels, usage = _parse(path) if test is None else _parse_two(path, test)
    if usage is None:
        held_out = hold_out(duplicate_groups(images), np.random.default_rng(DRAW_SEED))
        data = make_dataset(images, labels, held_out.astype(np.uint8))
        data.drawn = True
    else:
        data = make_dataset(images, labels, usage)
    store_cached(cache, images=data.images, labels=data.labels, usage=data.usage,
                 left_out=data.left_out, digest=np.array(data.digest), drawn=data.drawn)
    return data


def check_columns(path: Path) -> None:
    """Check the first line of a csv, and the row below it.

    Raises:
        InputError: if the file cannot be read, columns are missing, or the row is malformed.
    """
    try:
        with open(path, newline='', encoding=_encoding(path), errors='replace') as file:
            reader = read_rows(file, str(path))
            header = [name.strip().lower() for name in next(reader, [])]
            order = _order(header, path)
            row = next(reader, None)
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error
    if row is None:
        raise InputError(f'{path}: no rows below the header')
    if len(row) != len(header):
        raise InputError(f'{path}: row 1 has {len(row)} columns instead of {len(header)}')
    _label(row[order[0]].strip(), path, 1)
    _pixels(row[order[1]].strip(), path, 1)


def _key(path: Path) -> str:
    try:
        return file_sha256(path)[:32]
    except OSError as error:
        raise InputError(f'{path}: cannot be read ({error.strerror})') from error


def make_dataset(images: np.ndarray, labels: np.ndarray, usage: np.ndarray) -> Dataset:
    """Return a Dataset of these rows, with its digest and the rows to leave out.

    Args:
        images: uint8 (N, 48, 48).
        labels: uint8 (N,), indices into EMOTIONS.
        usage: uint8 (N,), indices into SPLITS.
    """
    digest = hashlib.sha256()
    for part in (images, labels, usage):
        digest.update(np.ascontiguousarray(part).tobytes())
    left_out = leaks.rows_to_leave_out(images, usage, digest.hexdigest())
    return Dataset(images, labels, usage, left_out, digest.hexdigest())


def _parse(path: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray | None]:
    """Return images, labels and, if there is such a column, usage."""
    images, labels, usage = [], [], []
    with open(path, newline='', encoding=_encoding(path), errors='replace') as file:
        reader = read_rows(file, str(path))
        header = [name.strip().lower() for name in next(reader, [])]
        order = _order(header, path)
        for number, row in enumerate(reader, start=1):
            if len(row) != len(header):
                raise InputError(
                    f'{path}: row {number} has {len(row)} columns instead of {len(header)}')
            emotion, pixels, *split = (row[column].strip() for column in order)
            images.append(_pixels(pixels, path, number))
            labels.append(_label(emotion, path, number))
            usage += [_usage(each, path, number) for each in split]
    if not images:
        raise InputError(f'{path}: no rows below the header')
    return (np.stack(images).reshape(-1, SIDE, SIDE), np.array(labels, np.uint8),
            np.array(usage, np.uint8) if usage else None)


def _parse_two(path: Path, test: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    images, labels, usage = _parse(path)
    test_images, test_labels, test_usage = _parse(test)
    if usage is not None and usage.any():
        raise InputError(f'{path}: its Usage names test rows; leave out --test-csv')
    if test_usage is not None and not test_usage.all():
        raise InputError(f'--test-csv {test}: its Usage names rows of Training')
    if test_usage is None:
        test_usage = np.ones(len(test_labels), np.uint8)
    return (np.concatenate([images, test_images]), np.concatenate([labels, test_labels]),
            np.concatenate([np.zeros(len(labels), np.uint8), test_usage]))


def _encoding(path: Path) -> str:
    with open(path, 'rb') as file:
        is_utf16 = file.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    return 'utf-16' if is_utf16 else 'utf-8-sig'


def _order(header: list[str], path: Path) -> list[int]:
    """Return where emotion, pixels and, if it is there, Usage stand."""
    if 'pixels' in header and 'emotion' not in header:
        raise InputError(f'{path}: has no column emotion, so no labels; those of the rows of '
                         "Kaggle's test.csv are in icml_face_data.csv")
    if not {'pixels', 'emotion'} <= set(header):
        raise InputError(f'{path}: the first line must name the columns emotion and pixels, and '
                         'perhaps Usage, as in the official fer2013.csv')
    return [header.index(name) for name in COLUMNS if name in header]


def read_rows(lines: Iterable[str], name: str) -> Iterator[list[str]]:
    """Yield the rows of a csv file, without empty lines.

    Args:
        lines: the text.
        name: what the file is called in errors.

    Raises:
        InputError: if a line is no row of a csv file.
    """
    reader = csv.reader(lines)
    try:
        yield from filter(None, reader)
    except csv.Error as error:
        raise InputError(f'{name}: line {reader.line_num} is no row of a csv file ({error}); is a '
                         'quote not closed?') from error


def _pixels(text: str, path: Path, number: int) -> np.ndarray:
    try:
        values = np.array(text.split(), dtype=np.int64)
    except (ValueError, OverflowError) as error:
        raise InputError(f'{path}: row {number} has a pixel that is no number') from error
    if len(values) != SIDE * SIDE:
        raise InputError(
            f'{path}: row {number} has {len(values)} pixels instead of {SIDE * SIDE}')
    if values.min() < 0 or values.max() > 255:
        raise InputError(f'{path}: row {number} has a pixel outside 0..255')
    return values.astype(np.uint8)


def _label(text: str, path: Path, number: int) -> int:
    whole, _, decimals = text.partition('.')  # pandas writes 3.0 beside a missing value
    if (not whole.isdecimal() or decimals.strip('0') or len(text) > 9
            or int(whole) >= len(EMOTIONS)):
        raise InputError(f'{path}: row {number} has emotion {text[:20]!r} instead of 0..6')
    return int(whole)


def _usage(text: str, path: Path, number: int) -> int:
    names = list(SPLITS.values())
    if text not in names:
        raise InputError(f'{path}: row {number} has Usage {text!r}, none of {", ".join(names)}')
    return names.index(text)
