# SPDX-License-Identifier: Apache-2.0
"""The photos of one person, as files of one folder."""

from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
import os
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.sources.images import picture_files
from emorec_vision.sources.images import read_picture
import numpy as np

PART = '.part'


def face_files(home: Path, warnings: list[str]) -> list[Path]:
    """Return the pictures of one person, in natural order; add what is wrong to `warnings`.

    Links are left out: they may lead out of the folder.
    """
    try:
        files = picture_files(home)
    except InputError as error:
        warnings.append(str(error))
        return []
    for path in files:
        if path.is_symlink():
            warnings.append(f'{path} is left out: it is a link; copy the picture itself')
    return [path for path in files if not path.is_symlink()]


def read_faces(home: Path, warnings: list[str]) -> list[np.ndarray]:
    """Return the readable pictures of one person, gray; add what is wrong to `warnings`."""
    faces = []
    for path in face_files(home, warnings):
        try:
            faces.append(cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2GRAY))
        except InputError as error:
            warnings.append(str(error))
    return faces


def write_photos(home: Path, photos: Sequence[np.ndarray]) -> None:
    """Write photos beside those that are there, numbered on: 0001.png and so on.

    :param photos: gray uint8 (H, W).
    :raises OSError: when one cannot be written; those before it stay.
    """
    for part in home.glob(f'.*{PART}'):
        part.unlink()
    numbers = [int(path.stem) for path in home.iterdir() if path.stem.isdecimal()]
    for number, photo in enumerate(photos, max(numbers, default=0) + 1):
        write_photo(home / f'{number:04}.png', photo)
    sync_folder(home)


def write_photo(path: Path, photo: np.ndarray) -> None:
    """Write a PNG file that only its owner may read, as a whole or not at all.

    :raises OSError: when it cannot be written.
    """
    _, data = cv2.imencode('.png', photo)
    part = path.with_name(f'.{path.name}{PART}')
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, 'wb') as file:
        file.write(data.tobytes())
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def sync_folder(folder: Path) -> None:
    """Let what was renamed in a folder survive a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def one_line_errors(what: str) -> Iterator[None]:
    """Turn the error of a disk into an InputError that says what could not be done."""
    try:
        yield
    except OSError as error:
        raise InputError(f'{what}: {error.strerror or error} ({error.filename})') from None
