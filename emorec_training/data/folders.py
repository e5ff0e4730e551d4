# SPDX-License-Identifier: Apache-2.0
"""Reads folders of labelled images: one sub-folder per emotion."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import make_dataset
from emorec_training.data.dataset import SIDE
from emorec_training.data.dataset import Split
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import face_input
from emorec_vision.geometry import Box
from emorec_vision.sources.images import read_image
from emorec_vision.sources.images import SUFFIXES
import numpy as np

OTHER_NAMES: dict[str, str] = {
    'anger': 'Angry', 'disgusted': 'Disgust', 'fearful': 'Fear', 'happiness': 'Happy',
    'sadness': 'Sad', 'surprised': 'Surprise'}


class Listing(NamedTuple):
    """Images in a folder, their labels int64 (N,), and the sub-folders that are no label."""

    paths: list[Path]
    labels: np.ndarray
    ignored: list[str]


def list_images(folder: Path, names: Sequence[str] = EMOTIONS) -> Listing:
    """Find the images in the sub-folders that are named after one of `names`.

    Names may be written in any case, or as anger, disgusted, fearful, happiness, sadness,
    surprised.
    """
    if not folder.is_dir():
        raise InputError(f'{folder}: no such folder')
    known = [name.lower() for name in names]
    paths: list[Path] = []
    labels: list[int] = []
    ignored: list[str] = []
    for part in [path for path in _inside(folder) if path.is_dir()]:
        name = OTHER_NAMES.get(part.name.lower(), part.name).lower()
        if name not in known:
            ignored.append(part.name)
            continue
        found = [path for path in _inside(part) if path.suffix.lower() in SUFFIXES]
        paths += found
        labels += [known.index(name)] * len(found)
    if not paths:
        others = f'; it has {", ".join(ignored)}' if ignored else ''
        raise InputError(
            f'{folder}: no images in sub-folders named {", ".join(names)}{others}')
    return Listing(paths, np.array(labels, np.int64), ignored)


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f'{folder}: cannot be read ({error.strerror})') from error


def read_gray(path: Path) -> np.ndarray:
    """Return an image as uint8 (H, W); raise InputError naming the file."""
    return cv2.cvtColor(read_image(path), cv2.COLOR_RGB2GRAY)


def whole_face(gray: np.ndarray) -> np.ndarray:
    """Return an image that is one whole face as uint8 (48, 48), by the live face crop."""
    if gray.shape == (SIDE, SIDE):
        return gray
    whole = Box(0, 0, gray.shape[1], gray.shape[0])
    return face_input(gray, whole, whole, SIDE)


def read_folder(folder: Path, names: Sequence[str] = EMOTIONS) -> Split:
    """Return every image of the folder, each of which is one whole face."""
    listing = list_images(folder, names)
    images = np.stack([whole_face(read_gray(path)) for path in listing.paths])
    return Split(images, listing.labels, np.arange(len(images)), tuple(names))


def load_folders(train: Path, test: Path) -> tuple[Dataset, list[Path]]:
    """Return the images of two folders as a Dataset, and the folders left alone.

    `test` takes the place of PublicTest.
    """
    listings = [list_images(folder) for folder in (train, test)]
    images = [whole_face(read_gray(path)) for listing in listings for path in listing.paths]
    data = make_dataset(
        np.stack(images),
        np.concatenate([listing.labels for listing in listings]).astype(np.uint8),
        np.repeat(np.array([0, 1], np.uint8), [len(listing.labels) for listing in listings]))
    return data, [folder / name for folder, listing in zip((train, test), listings)
                  for name in listing.ignored]
