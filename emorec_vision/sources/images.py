# SPDX-License-Identifier: Apache-2.0
"""Still images: one file, or a folder of them."""

import os
from pathlib import Path
import re
import stat

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files import list_folder
from emorec_vision.quiet_opencv import quiet_opencv
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.stamps import NANOSECONDS
import numpy as np

SUFFIXES = frozenset('.bmp .jpeg .jpg .pgm .png .pnm .ppm .tif .tiff .webp'.split())
JPEG_START = b'\xff\xd8'
APART = NANOSECONDS
"""File time between two images, ns; they have none of their own."""
PART = 2**20
"""Numbers that are laid over white at once; a whole image would take 80 bytes per pixel."""


def read_image(path: Path) -> np.ndarray:
    """Read an image as uint8 (H, W, 3) RGB.

    Turned as its EXIF orientation says; gray becomes three equal channels, 16 bit become 8,
    and what is transparent is laid over white.

    Raises:
        InputError: if the file is missing, no regular one, or no image that OpenCV reads.
    """
    try:
        mode = os.stat(path).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):  # a pipe never ends
            raise InputError(f'cannot read the image {path}: it is no regular file')
        data = np.fromfile(path, np.uint8)
    except OSError as error:
        reason = error.strerror or 'not readable'
        raise InputError(f'cannot read the image {path}: {reason}') from None
    pixels = decode_image(data)
    if pixels is None:
        raise InputError(f'{path} is no image, or a damaged one; give a PNG, JPEG, BMP, '
                         'TIFF, WebP or PNM file')
    return pixels


def image_files(folder: Path) -> list[Path]:
    """Return the image files of a folder by suffix, in natural order (2 before 10).

    Raises:
        InputError: if it is no folder, may not be read, or holds no image file.
    """
    found = list_folder(folder, f'there is no folder {folder}; check the path')
    files = [path for path in found if path.suffix.lower() in SUFFIXES
             and not path.name.startswith('.') and os.path.isfile(path)]
    if not files:
        raise InputError(f'the folder {folder} holds no image '
                         f'({", ".join(sorted(SUFFIXES))})')
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


def decode_image(data: np.ndarray) -> np.ndarray | None:
    """Return the image in the bytes of a file, uint8 (n,), as read_image does, or None."""
    if data.size == 0:
        return None
    may_have_alpha = data[:2].tobytes() != JPEG_START
    with quiet_opencv():
        try:
            raw = cv2.imdecode(data, cv2.IMREAD_UNCHANGED) if may_have_alpha else None
            if raw is not None and raw.dtype.kind == 'u' and raw.shape[2:] == (4,):
                return _over_white(raw)
            bgr = cv2.imdecode(data, cv2.IMREAD_COLOR)
        except cv2.error:
            return None
    return None if bgr is None else cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)


def _over_white(bgra: np.ndarray) -> np.ndarray:
    """Return an image with an alpha channel, uint8 or uint16, laid over white, as RGB."""
    full = float(np.iinfo(bgra.dtype).max)
    result = np.empty((*bgra.shape[:2], 3), np.uint8)
    parts = bgra.size // PART + 1
    for part, over in zip(np.array_split(bgra, parts), np.array_split(result, parts)):
        rgb, alpha = part[..., 2::-1] / full, part[..., 3:] / full
        over[:] = np.rint((rgb * alpha + 1.0 - alpha) * 255)
    return result


def _natural_key(path: Path) -> list[tuple[int, str]]:
    """Return a sorting key in which numbers in a name count by their value."""
    parts = re.split(r'(\d+)', path.name.casefold())
    return [(int(part), '') if part.isdecimal() else (-1, part) for part in parts]
