# SPDX-License-Identifier: Apache-2.0
"""The EXIF orientation of PNG and WebP files, which OpenCV does not apply beside transparency."""

from collections.abc import Iterator
import struct

import numpy as np

ORIENTATION_TAG = 0x0112
SHORT = 3
"""The type of a field of EXIF (TIFF 6.0) that is an unsigned number of 16 bit."""
EXIF_START = b'Exif\0\0'
UPRIGHT = 1


def orientation_of(data: bytes, media_type: str) -> int:
    """Return the EXIF orientation in a PNG or WebP file, 1 to 8; 1 (upright) where none is."""
    chunks = {'image/png': _png_chunks, 'image/webp': _webp_chunks}.get(media_type)
    for name, content in chunks(data) if chunks else ():
        if name.lower() == b'exif':
            return _orientation(content.removeprefix(EXIF_START))
    return UPRIGHT


def turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Return an image, (H, W, ...), as its EXIF orientation says, which may be a view of it."""
    if orientation >= 5:
        pixels = pixels.swapaxes(0, 1)
    down = slice(None, None, -1 if orientation in (3, 4, 7, 8) else 1)
    across = slice(None, None, -1 if orientation in (2, 3, 6, 7) else 1)
    return pixels[down, across]


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of the chunks, up to the first that is cut short."""
    place = 8
    while place + 8 <= len(data):
        size, name = struct.unpack_from('>I4s', data, place)
        yield name, data[place + 8:place + 8 + size] if name == b'eXIf' else b''
        place += 12 + size


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield name and content of the chunks, up to the first that is cut short."""
    place = 12
    while place + 8 <= len(data):
        name, size = struct.unpack_from('<4sI', data, place)
        yield name, data[place + 8:place + 8 + size] if name == b'EXIF' else b''
        place += 8 + size + size % 2


def _orientation(exif: bytes) -> int:
    """Return the orientation in the first directory of EXIF data."""
    order = '<' if exif[:2] == b'II' else '>'
    try:
        directory, = struct.unpack_from(order + 'I', exif, 4)
        count, = struct.unpack_from(order + 'H', exif, directory)
        for entry in range(directory + 2, directory + 2 + 12 * count, 12):
            tag, kind, _, value = struct.unpack_from(order + 'HHIH', exif, entry)
            if tag == ORIENTATION_TAG and kind == SHORT and 1 <= value <= 8:
                return int(value)
    except struct.error:
        pass
    return UPRIGHT
