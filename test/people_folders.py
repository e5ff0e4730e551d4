# SPDX-License-Identifier: Apache-2.0
"""A people folder of made-up photos, and what is in it."""

from pathlib import Path

from emorec_vision.people.folder import MODEL_FOLDER
from emorec_vision.people.folder import PeopleFolder
import numpy as np


def photos(count: int, first: int = 10) -> list[np.ndarray]:
    """Return photos that differ."""
    return [np.full((150, 150), first + number, np.uint8) for number in range(count)]


def levels(folder: Path, name: str) -> list[int]:
    """Return the gray level of each photo of a person."""
    return [int(photo[0, 0]) for photo in PeopleFolder(folder).photos(name)]


def hidden(folder: Path) -> list[str]:
    """Return what is hidden in the people folder or a person's, but for lock and model."""
    return [path.name for path in folder.rglob('.*')
            if path.name not in ('.lock', MODEL_FOLDER)]


def make_people(path: Path) -> Path:
    """Make a folder of two people and a model, and return it."""
    people = PeopleFolder(path)
    people.add('Ada', photos(3))
    people.add('Bob', photos(2, 50))
    (path / MODEL_FOLDER).mkdir()
    (path / MODEL_FOLDER / 'people.json').write_text('{}')
    return path
