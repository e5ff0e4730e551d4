# SPDX-License-Identifier: Apache-2.0
"""From the bytes that somebody sent to the pixels of a picture, or to one clear refusal."""

import base64
import binascii
from dataclasses import dataclass

from emorec_service.refused import Refused
from emorec_vision.errors import InputError
from emorec_vision.still_image.decoding import decode_image
from emorec_vision.still_image.decoding import TooLarge
from emorec_vision.still_image.decoding import TooMuchMemory
from emorec_vision.still_image.decoding import UnreadFormat
from emorec_vision.still_image.header import FORMAT_NAMES
from emorec_vision.still_image.header import ImageHeader
from emorec_vision.still_image.header import read_header
import numpy as np


@dataclass(frozen=True)
class Picture:
    """A picture: as it was sent, what it says of itself, and uint8 (H, W, 3) RGB."""

    data: bytes
    header: ImageHeader
    pixels: np.ndarray


def from_base64(text: str) -> bytes:
    """Return the bytes in base64 text; line breaks and blanks in it do not matter.

    Raises:
        Refused: 400 if it is no base64.
    """
    try:
        return base64.b64decode(''.join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise Refused(400, 'image is no base64 text: send the bytes of the picture file in '
                           'base64') from None


def open_picture(data: bytes, max_pixels: int) -> Picture:
    """Return the picture in the bytes of a file, turned as its EXIF orientation says.

    Raises:
        Refused: 400 empty, 415 no picture, 413 too large (seen before decoding), 422 damaged.
        MemoryError: if it takes more than there is.
    """
    if not data:
        raise Refused(400, 'image is empty: send the bytes of a picture file')
    header = read_header(data)
    if header is None:
        raise Refused(415, f'image is no picture in a known format: send {FORMAT_NAMES}')
    width, height = header.width, header.height
    if width * height > max_pixels:
        raise Refused(413, f'image is {width}x{height} px, {width * height / 1e6:.0f} megapixels '
                           f'(a decompression bomb?): shrink it to {max_pixels / 1e6:g} or less')
    pixels = _decoded(data, header) if width and height else None
    if pixels is None or sorted(pixels.shape[:2]) != sorted((width, height)):
        raise Refused(422, f'image is a damaged picture ({header.media_type}): send it again')
    return Picture(data, header, pixels)


def _decoded(data: bytes, header: ImageHeader) -> np.ndarray | None:
    """Return the pixels, None of a damaged picture."""
    try:
        return decode_image(data)
    except UnreadFormat as error:
        raise Refused(415, f'image {error}') from None
    except TooLarge as error:
        raise Refused(413, f'image {error}') from None
    except TooMuchMemory:
        raise MemoryError from None
    except InputError:
        return None
