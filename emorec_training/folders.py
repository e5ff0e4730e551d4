# SPDX-License-Identifier: Apache-2.0
"""Reads folders of labelled pictures: one sub-folder per emotion."""

from pathlib import Path

import cv2
from emorec_training.dataset import Dataset
from emorec_training.dataset import make_dataset
from emorec_training.dataset import SIDE
from emorec_training.dataset import Split
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.face_crop import face_input
from emorec_vision.geometry import Box
import numpy as np

SUFFIXES = frozenset({'.png', '.jpg', '.jpeg', '.pgm', '.bmp'})
OTHER_NAMES: dict[str, str] = {
    'anger': 'Angry', 'disgusted': 'Disgust', 'fearful': 'Fear', 'happiness': 'Happy',
    'sadness': 'Sad', 'surprised': 'Surprise'}


def load_folders(train: Path, test: Path) -> Dataset:
    """Return the pictures of two folders as a Dataset: `test` takes the place of PublicTest."""
    splits = [load_folder(train), load_folder(test)]
    return make_dataset(
        np.concatenate([split.images for split in splits]),
        np.concatenate([split.labels for split in splits]).astype(np.uint8),
        np.repeat(np.array([0, 1], np.uint8), [len(split.labels) for split in splits]))


def load_folder(folder: Path) -> Split:
    """Read every picture of the sub-folders that are named after emotions.

    Names may be written in any case, or as anger, disgusted, fearful, happiness, sadness,
    surprised. Each picture is one whole face, brought to 48x48 by the live face crop.
    """
    if not folder.is_dir():
        raise InputError(f'{folder}: no such folder')
    images, labels = [], []
    for part in sorted(path for path in folder.iterdir() if path.is_dir()):
        label = _label(part.name)
        if label is None:
            continue
        for path in sorted(part.iterdir()):
            if path.suffix.lower() in SUFFIXES:
                images.append(_read(path))
                labels.append(label)
    if not images:
        raise InputError(f'{folder}: no pictures in sub-folders named {", ".join(EMOTIONS)}')
    return Split(np.stack(images), np.array(labels, np.int64))


def _label(name: str) -> int | None:
    name = OTHER_NAMES.get(name.lower(), name).capitalize()
    return EMOTIONS.index(name) if name in EMOTIONS else None


def _read(path: Path) -> np.ndarray:
    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    if gray is None:
        raise InputError(f'{path}: not a picture that can be read; repair or remove it')
    if gray.shape == (SIDE, SIDE):
        return gray
    whole = Box(0, 0, gray.shape[1], gray.shape[0])
    return face_input(gray, whole, whole, SIDE)
