# SPDX-License-Identifier: Apache-2.0
"""Images as <split>/<Emotion>/imROW.png instead of as a csv."""

import os
from pathlib import Path
import shutil

import cv2
from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import make_dataset
from emorec_training.data.dataset import SPLITS
from emorec_training.data.folders import list_images
from emorec_training.data.folders import read_gray
from emorec_training.data.folders import whole_face
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.files.access import list_folder
import numpy as np
import tqdm

SPLIT_FOLDERS: dict[str, int] = {
    'training': 0, 'train': 0, 'publictest': 1, 'validation': 1, 'valid': 1, 'val': 1,
    'privatetest': 2}
"""Names, in lower case, that the folder of each split may have: indices into SPLITS."""

TEST: tuple[str, ...] = ('test', 'testing')
"""Names of the folder that is PublicTest, or PrivateTest beside a validation folder."""

VALIDATION: tuple[str, ...] = ('validation', 'valid', 'val')


def read_splits(folder: Path) -> tuple[Dataset, list[Path], list[Path]]:
    """Read the images below <split>/<emotion>/.

    Splits are SPLIT_FOLDERS and TEST in any case, emotions as in folders.list_images.

    Returns:
        The images, their paths in the order of the rows, and the folders left alone, as they
        are named after no split or emotion, or lie in the folder of an emotion.

    Raises:
        InputError: if there are no images, or a file is none.
    """
    paths: list[Path] = []
    labels, usage = [], []
    parts, ignored = _find_splits(folder)
    for part, index in parts:
        listing = list_images(part)
        paths += listing.paths
        labels.append(listing.labels)
        usage.append(np.full(len(listing.paths), index))
        ignored += [part / name for name in listing.ignored]
    if not paths:
        others = ', '.join(path.name for path in ignored)
        raise InputError(f'{folder}: has none of the folders Training, PublicTest and '
                         'PrivateTest, or train, validation and test'
                         + f'; it has {others}' * bool(others) + _better(folder, ignored))
    bar = tqdm.tqdm(paths, desc='reading images', unit='image', leave=False, disable=None)
    images = np.stack([whole_face(read_gray(path)) for path in bar])
    data = make_dataset(images, np.concatenate(labels).astype(np.uint8),
                        np.concatenate(usage).astype(np.uint8))
    return data, paths, ignored


def _find_splits(folder: Path) -> tuple[list[tuple[Path, int]], list[Path]]:
    """Return the folder and index of each split, in their order, and the other folders."""
    there = sorted(path for path in list_folder(folder, f'{folder}: no such folder')
                   if path.is_dir())
    names = {path.name.lower() for path in there}
    known = SPLIT_FOLDERS | dict.fromkeys(TEST, 2 if names & set(VALIDATION) else 1)
    parts = [(path, known[path.name.lower()]) for path in there if path.name.lower() in known]
    return (sorted(parts, key=lambda part: part[1]),
            [path for path in there if path.name.lower() not in known])


def _better(folder: Path, folders: list[Path]) -> str:
    """Return what to name instead, as the end of an error's text."""
    inside = [path for path in folders if _find_splits(path)[0]]
    tables = sorted(path.name for path in folder.glob('*.csv') if path.name[0] != '.')
    if inside:
        return f'; {inside[0]} has them'
    return f'; for a csv name the file, such as {folder / tables[-1]}' if tables else ''


def check_new(folder: Path) -> None:
    """Check that a folder is missing and can be made, or is an empty folder.

    Raises:
        InputError: if it is not.
    """
    place = next((parent for parent in folder.resolve().parents if parent.exists()), folder)
    if not place.is_dir() or not os.access(place, os.W_OK | os.X_OK):
        raise InputError(f'--to-folders: {folder} cannot be made in {place}')
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise InputError(f'--to-folders: {folder} is there already and not an empty folder; '
                         'name a new one or remove it')


def write_folders(data: Dataset, folder: Path) -> None:
    """Write each image as `folder`/<split>/<Emotion>/imROW.png, ROW counted from 0.

    The splits are kept apart. All is written beside `folder` first and then renamed, so that
    it is there whole or not at all.

    Raises:
        InputError: if the folder cannot be made.
    """
    check_new(folder)
    folder = folder.resolve()
    temporary = folder.with_name(f'.{folder.name}.tmp')
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        for index, split in enumerate(SPLITS.values()):
            if (data.usage == index).any():
                for emotion in EMOTIONS:
                    (temporary / split / emotion).mkdir(parents=True)
    except OSError as error:
        raise InputError(
            f'--to-folders: {folder} cannot be made ({error.strerror})') from error
    try:
        _write_images(data, temporary)
        os.replace(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _write_images(data: Dataset, folder: Path) -> None:
    splits = list(SPLITS.values())
    rows = zip(data.images, data.labels, data.usage)
    for row, (image, label, usage) in enumerate(tqdm.tqdm(
            rows, total=len(data.labels), desc='writing images', unit='image', leave=False,
            disable=None)):
        png = cv2.imencode('.png', image)[1].tobytes()
        (folder / splits[usage] / EMOTIONS[label] / f'im{row}.png').write_bytes(png)
