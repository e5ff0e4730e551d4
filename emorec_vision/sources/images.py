# SPDX-License-Identifier: Apache-2.0
"""Still images: one file, or a folder of them."""

from functools import partial
import os
from pathlib import Path
import re

from emorec_vision.errors import InputError
from emorec_vision.files.access import list_folder
from emorec_vision.files.access import read_file
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources.detect import hint
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.still_image.decoding import decode_image
from emorec_vision.still_image.header import SUFFIXES
import numpy as np

APART = NANOSECONDS
"""File time between two images, ns; they have none of their own."""


def read_image(path: Path) -> np.ndarray:
    """Read an image as uint8 (H, W, 3) RGB, as `decode_image` does.

    Raises:
        InputError: if the file is missing, no regular one, or no image that is read.
    """
    data = read_file(path, 'the image', partial(hint, given_as='image'))
    try:
        return decode_image(data)
    except InputError as error:
        raise InputError(f'{path} {error}{hint(path, "image")}') from None


def image_files(folder: Path) -> list[Path]:
    """Return the image files of a folder by suffix, in natural order (2 before 10).

    Raises:
        InputError: if it is no folder, may not be read, or holds no image file.
    """
    found = list_folder(folder, f'there is no folder {folder}; check the path',
                        partial(hint, given_as='images'))
    files = [path for path in found if path.suffix.lower() in SUFFIXES
             and not path.name.startswith('.') and os.path.isfile(path)]
    if not files:
        raise InputError(f'the folder {folder} holds no image '
                         f'({", ".join(sorted(SUFFIXES))}){hint(folder, "images")}')
    return sorted(files, key=_natural_key)


class ImagesSource(Source):
    """Deliver the images of a folder, one second of file time apart.

    An image that cannot be read is named in `take_warnings`, counted and left out.

    Args:
        folder: a folder with images; folders inside it are not looked into.

    Raises:
        InputError: if the folder is missing or none of its images can be read.
    """

    kind = 'images'
    stills = True

    def __init__(self, folder: str | Path) -> None:
        """List the folder and read its first image."""
        super().__init__()
        self.folder = Path(folder)
        self._files = image_files(self.folder)
        self._position = 0
        self._next = self._decode()
        if self._next is None:
            raise InputError(f'none of the {len(self._files)} image file(s) in {self.folder} '
                             f'can be read: {self._warnings[0]}')

    def read(self) -> Frame | None:
        """Return the next image; `name` is its file name."""
        frame, self._next = self._next or self._decode(), None
        return frame

    def _decode(self) -> Frame | None:
        """Return the next image that can be read, or None after the last."""
        while self._position < len(self._files):
            path, stamp = self._files[self._position], self._position * APART
            self._position += 1
            try:
                return Frame(read_image(path), stamp, name=path.name)
            except InputError as error:
                self.skipped += 1
                self._warnings.append(str(error))
        return None


def _natural_key(path: Path) -> list[tuple[int, str]]:
    """Return a sorting key in which numbers in a name count by their value."""
    parts = re.split(r'(\d+)', path.name.casefold())
    return [(int(part), '') if part.isdecimal() else (-1, part) for part in parts]
