# SPDX-License-Identifier: Apache-2.0
"""A people folder of made-up photos, and what is in it."""

from pathlib import Path

import cv2
from emorec_vision.files.folder_lock import LOCK_NAME
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.people.model import INDEX
from emorec_vision.people.model import MODEL_FOLDER
from emorec_vision.people.store import PeopleStore
import numpy as np


def photos(count: int, first: int = 10) -> list[np.ndarray]:
    """Return photos that differ, each of one gray level."""
    return [np.full((150, 150), first + number, np.uint8) for number in range(count)]


def portraits(seed: int, count: int = 3) -> list[np.ndarray]:
    """Return images of one made-up face under changing light, uint8 (150, 150)."""
    face = np.random.default_rng(seed).normal(0, 1, (150, 150)).astype(np.float32)
    face = cv2.GaussianBlur(face, (0, 0), 4) * 300 + 128
    ramp = np.linspace(0.6, 1.3, 150)
    return [np.clip(face * ramp[::(-1) ** i] + 3 * i, 0, 255).astype(np.uint8)
            for i in range(count)]


def levels(folder: Path, name: str) -> list[int]:
    """Return the gray level of each photo of a person."""
    return [int(photo[0, 0]) for photo in PeopleFolder(folder).photos(name)]


def hidden(folder: Path) -> list[str]:
    """Return what is hidden in the people folder or a person's, but for lock and model."""
    return [path.name for path in folder.rglob('.*')
            if path.name != LOCK_NAME and MODEL_FOLDER not in path.parts]


def model_files(folder: Path) -> list[str]:
    """Return the names of the model's files, the recogniser's first."""
    home = folder / MODEL_FOLDER
    names = [path.name for path in home.iterdir()] if home.is_dir() else []
    return sorted(names, key=lambda name: (name == INDEX, name))


def make_people(path: Path) -> Path:
    """Make a folder of two people and a file like a model's, and return it."""
    people = PeopleStore(path)
    people.add('Ada', photos(3))
    people.add('Bob', photos(2, 50))
    (path / MODEL_FOLDER).mkdir()
    (path / MODEL_FOLDER / 'people.json').write_text('{}')
    return path
