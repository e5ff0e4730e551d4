# SPDX-License-Identifier: Apache-2.0
"""Write pictures and folders, and say in one line why that cannot be done."""

from contextlib import suppress
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
import numpy as np


def make_folder(folder: Path) -> Path:
    """Make a folder, and those above it, where it is missing, and return it.

    :raises InputError: if that cannot be done.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f'cannot make the folder {folder}: {error.strerror}') from None
    return folder


def write_png(path: Path, picture: np.ndarray) -> None:
    """Write a picture, gray uint8 (H, W) or RGB uint8 (H, W, 3), whole or not at all.

    :raises InputError: if the file cannot be written.
    """
    pixels = picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode('.png', pixels)
    unfinished = path.with_name(f'.{path.name}.part')
    try:
        unfinished.write_bytes(data.tobytes())
        unfinished.replace(path)
    except OSError as error:
        with suppress(OSError):
            unfinished.unlink()
        raise InputError(f'cannot write {path}: {error.strerror}') from None
