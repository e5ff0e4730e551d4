# SPDX-License-Identifier: Apache-2.0
"""The photos of one person, as files of one folder."""

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files.access import write_private
from emorec_vision.files.whole_file import PART
from emorec_vision.sources.images import image_files
from emorec_vision.sources.images import read_image
import numpy as np


def face_files(home: Path, warnings: list[str]) -> list[Path]:
    """Return the images of one person, in natural order; add what is wrong to `warnings`.

    Links are left out: they may lead out of the folder.
    """
    try:
        files = image_files(home)
    except InputError as error:
        warnings.append(str(error))
        return []
    for path in files:
        if path.is_symlink():
            warnings.append(f'{path} is left out: it is a link; copy the image itself')
    return [path for path in files if not path.is_symlink()]


def read_faces(home: Path, warnings: list[str],
               cut: Callable[[np.ndarray], np.ndarray] = lambda photo: photo) -> list[np.ndarray]:
    """Return the readable images of one person, gray; add what is wrong to `warnings`.

    Args:
        cut: makes a face of an image, or raises InputError, which is a warning then.
    """
    faces = []
    for path in face_files(home, warnings):
        try:
            photo = cv2.cvtColor(read_image(path), cv2.COLOR_RGB2GRAY)
        except InputError as error:
            warnings.append(str(error))
            continue
        try:
            faces.append(cut(photo))
        except InputError as error:
            warnings.append(f'{path} is left out: {error}')
    return faces


def write_photos(home: Path, photos: Sequence[np.ndarray]) -> None:
    """Write photos beside those that are there, numbered on: 0001.png and so on.

    Args:
        photos: gray uint8 (H, W).

    Raises:
        OSError: when one cannot be written; those before it stay.
    """
    for part in home.glob(f'{PART}*'):
        part.unlink()
    numbers = [int(path.stem) for path in home.iterdir() if path.stem.isdecimal()]
    for number, photo in enumerate(photos, max(numbers, default=0) + 1):
        write_photo(home / f'{number:04}.png', photo)


def write_photo(path: Path, photo: np.ndarray) -> None:
    """Write a PNG file that only its owner may read, as a whole or not at all.

    Raises:
        OSError: when it cannot be written.
    """
    write_private(path, cv2.imencode('.png', photo)[1].tobytes())
