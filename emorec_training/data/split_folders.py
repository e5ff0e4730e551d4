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
import numpy as np
import tqdm

SPLIT_FOLDERS: tuple[tuple[str, ...], ...] = (
    ('Training', 'train'), ('PublicTest', 'test'), ('PrivateTest',))
"""Names that the folder of each split may have, in the order of SPLITS."""


def read_splits(folder: Path) -> tuple[Dataset, list[Path], list[Path]]:
    """Read the images below <split>/<emotion>/.

    Splits are SPLIT_FOLDERS, emotions as in folders.list_images.

    Returns:
        The images, their paths in the order of the rows, and the folders left alone, as they
        are named after no emotion.

    Raises:
        InputError: if there are no images, or a file is none.
    """
    paths: list[Path] = []
    labels, usage, ignored = [], [], []
    for index, names in enumerate(SPLIT_FOLDERS):
        for part in (folder / name for name in names if (folder / name).is_dir()):
            listing = list_images(part)
            paths += listing.paths
            labels.append(listing.labels)
            usage.append(np.full(len(listing.paths), index))
            ignored += [part / name for name in listing.ignored]
    if not paths:
        raise InputError(f'{folder}: has none of the folders Training, PublicTest and '
                         'PrivateTest, or train and test')
    bar = tqdm.tqdm(paths, desc='reading images', unit='image', leave=False, disable=None)
    images = np.stack([whole_face(read_gray(path)) for path in bar])
    data = make_dataset(images, np.concatenate(labels).astype(np.uint8),
                        np.concatenate(usage).astype(np.uint8))
    return data, paths, ignored


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
