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
from emorec_vision.still_image.header import SUFFIXES
import numpy as np

WORDS: dict[str, str] = {
    'anger': 'Angry', 'angry': 'Angry', 'disgust': 'Disgust', 'disgusted': 'Disgust',
    'afraid': 'Fear', 'fear': 'Fear', 'fearful': 'Fear', 'scared': 'Fear', 'happiness': 'Happy',
    'happy': 'Happy', 'joy': 'Happy', 'smile': 'Happy', 'sad': 'Sad', 'sadness': 'Sad',
    'surprise': 'Surprise', 'surprised': 'Surprise', 'contempt': 'Contempt',
    'contemptuous': 'Contempt', 'neutral': 'Neutral', 'normal': 'Neutral',
    'noglasses': 'Neutral', 'rest': 'Neutral', 'resting': 'Neutral'}
"""Emotions by the words for them in names of files and folders, in any case."""


class Listing(NamedTuple):
    """Images in a folder, their labels, and the sub-folders that are passed over.

    Attributes:
        paths: the files.
        labels: int64 (N,), indices into the names asked for.
        ignored: names of sub-folders that are no label, and paths of those inside a label's.
    """

    paths: list[Path]
    labels: np.ndarray
    ignored: list[str]


def list_images(folder: Path, names: Sequence[str] = EMOTIONS) -> Listing:
    """Find the images in the sub-folders that are named after one of `names`.

    Names may be written in any case, or as another of WORDS, such as anger. Hidden files, such as
    the `._` ones of macOS, count as no images.

    Raises:
        InputError: if the folder cannot be read or there are no such images.
    """
    if not folder.is_dir():
        raise InputError(f'{folder}: no such folder')
    known = [name.lower() for name in names]
    paths: list[Path] = []
    labels: list[int] = []
    ignored: list[str] = []
    for part in [path for path in _inside(folder) if path.is_dir()]:
        name = part.name.lower()
        name = name if name in known else WORDS.get(name, '').lower()
        if name not in known:
            ignored.append(part.name)
            continue
        inside = _inside(part)
        found = [path for path in inside if is_image_file(path)]
        ignored += [f'{part.name}/{path.name}' for path in inside if path.is_dir()]
        paths += found
        labels += [known.index(name)] * len(found)
    if not paths:
        others = f'; it has {", ".join(ignored)}' if ignored else ''
        if ignored and all(name.isdecimal() for name in ignored):
            others += '; numbers mean other emotions in each data set, so give them names'
        raise InputError(
            f'{folder}: no images in sub-folders named {", ".join(names)}{others}')
    return Listing(paths, np.array(labels, np.int64), ignored)


def is_image_file(path: Path) -> bool:
    """Return whether a path is a file that counts as an image by its name."""
    return (path.suffix.lower() in SUFFIXES and not path.name.startswith('.')
            and not path.is_dir())


def _inside(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError as error:
        raise InputError(f'{folder}: cannot be read ({error.strerror})') from error


def read_gray(path: Path) -> np.ndarray:
    """Read an image as `read_image` does, as gray uint8 (H, W).

    Raises:
        InputError: if it cannot be read.
    """
    return np.asarray(cv2.cvtColor(read_image(path), cv2.COLOR_RGB2GRAY))


def whole_face(gray: np.ndarray) -> np.ndarray:
    """Resize an image, uint8 (H, W), that is one whole face to uint8 (48, 48).

    It is done by the live face crop.
    """
    if gray.shape == (SIDE, SIDE):
        return gray
    whole = Box(0, 0, gray.shape[1], gray.shape[0])
    return face_input(gray, whole, whole, SIDE)


def read_folder(folder: Path, names: Sequence[str] = EMOTIONS) -> Split:
    """Read every image of the folder, each of which is one whole face.

    Raises:
        InputError: if there are none or one cannot be read.
    """
    listing = list_images(folder, names)
    images = np.stack([whole_face(read_gray(path)) for path in listing.paths])
    return Split(images, listing.labels, np.arange(len(images)), tuple(names))


def load_folders(train: Path, test: Path) -> tuple[Dataset, list[Path]]:
    """Read two folders of images as Training and PublicTest.

    Returns:
        The images, and the sub-folders left alone, as they are named after no emotion.

    Raises:
        InputError: if one has no images or one of them cannot be read.
    """
    listings = [list_images(folder) for folder in (train, test)]
    images = [whole_face(read_gray(path)) for listing in listings for path in listing.paths]
    data = make_dataset(
        np.stack(images),
        np.concatenate([listing.labels for listing in listings]).astype(np.uint8),
        np.repeat(np.array([0, 1], np.uint8), [len(listing.labels) for listing in listings]))
    return data, [folder / name for folder, listing in zip((train, test), listings)
                  for name in listing.ignored]
