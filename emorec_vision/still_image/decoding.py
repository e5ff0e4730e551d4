# SPDX-License-Identifier: Apache-2.0
"""The pixels of a still image in the bytes of its file: the one reader of all commands.

OpenCV reads; Pillow reads GIF, AVIF and HEIC where it is installed, HEIC with pillow-heif.
"""

import io
import os
from typing import Any
import warnings

import cv2
from emorec_vision.errors import InputError
from emorec_vision.quiet_opencv import quiet_decoders
from emorec_vision.still_image.header import AVIF
from emorec_vision.still_image.header import FORMAT_NAMES
from emorec_vision.still_image.header import GIF
from emorec_vision.still_image.header import HEIC
from emorec_vision.still_image.header import read_header
from emorec_vision.still_image.orientation import orientation_of
from emorec_vision.still_image.orientation import turned
import numpy as np

_LIMIT = os.environ.get('OPENCV_IO_MAX_IMAGE_PIXELS', '')
MOST_PIXELS = int(_LIMIT) if _LIMIT.isdecimal() else 2**30
"""OpenCV refuses larger images (modules/imgcodecs/src/loadsave.cpp)."""
TOO_MANY_PIXELS = 'CV_IO_MAX_IMAGE_PIXELS'
"""What it says then."""
NO_MEMORY = 'takes more memory than there is; shrink it'
PART = 2**20
"""Numbers that are worked on at once; a whole image would take 80 bytes per pixel."""
BITS = (8, 10, 12, 14, 16, 31)
"""Of cameras and scanners; their values are often stored as they are in more bits."""
FLOAT_SCALES = (1.0, 255.0, 65535.0)
PILLOW_FORMATS = {GIF: 'GIF', AVIF: 'AVIF', HEIC: 'HEIF'}
INSTALL = {GIF: 'Pillow', AVIF: 'Pillow 11.3 or later', HEIC: 'pillow-heif'}
"""What reads a format that OpenCV may not read, as pip calls it."""


class UnreadFormat(InputError):
    """An image is in a format that needs a package which is not installed."""


class TooLarge(InputError):
    """An image has more pixels than are read."""


class TooMuchMemory(InputError):
    """An image takes more memory than there is."""


def decode_image(data: bytes) -> np.ndarray:
    """Return the image in the bytes of a file as uint8 (H, W, 3) RGB, as a viewer shows it.

    It is turned as its EXIF orientation says; gray becomes three equal channels, and what is
    transparent is laid over white. Other numbers become 8 bit: whole ones by the smallest of
    BITS that holds them, floating-point ones as 0..1, or where they are larger on average as
    0..255 or 0..65535. An alpha channel of zeros is none, and one of zeros and ones is a mask.

    Raises:
        UnreadFormat: if a package is missing that reads this format.
        TooLarge: if the header, or the decoder before it decodes, tells of more pixels.
        TooMuchMemory: if there is not enough of it.
        InputError: if it is no image, or damaged: '... is no image', to be said of it.
    """
    header = read_header(data)
    if header is not None:
        _check_size(header.width, header.height)
    kind = header.media_type if header else ''
    try:
        pixels = _by_pillow(data, kind) if kind in PILLOW_FORMATS else None
        if pixels is None:
            pixels = _by_opencv(data, kind)
        if pixels is not None and pixels.size:
            return _as_rgb(pixels)
    except cv2.error as error:
        if TOO_MANY_PIXELS in str(error):
            raise _too_large() from None
        if error.code == cv2.Error.StsNoMem:
            raise TooMuchMemory(NO_MEMORY) from None
    except MemoryError:
        raise TooMuchMemory(NO_MEMORY) from None
    if kind in PILLOW_FORMATS and not _pillow_reads(kind):
        raise UnreadFormat(f'is an image of the format {kind[6:].upper()}, which is read where '
                           f'{INSTALL[kind]} is installed: python3 -m pip install '
                           f'{INSTALL[kind].split()[0]}; or convert it to JPEG or PNG')
    raise InputError(f'is no image, or a damaged one; give a {FORMAT_NAMES} file')


def _check_size(width: int, height: int) -> None:
    """Raise TooLarge for more pixels than are read."""
    if width * height > MOST_PIXELS:
        raise TooLarge(f'is {width}x{height} px, {width * height / 1e6:.0f} megapixels, and up to '
                       f'{MOST_PIXELS / 1e6:g} are read; shrink it')


def _too_large() -> TooLarge:
    """Return what is said where a decoder refuses a size."""
    return TooLarge(f'has more than the {MOST_PIXELS / 1e6:g} megapixels that are read; shrink it')


def _by_opencv(data: bytes, kind: str) -> np.ndarray | None:
    """Return the pixels of an image upright, of any type, in the order RGB(A), or None."""
    stored = np.frombuffer(data, np.uint8)
    with quiet_decoders():
        if not stored.size:
            return None
        if kind == 'image/jpeg':
            bgr = cv2.imdecode(stored, cv2.IMREAD_COLOR)
            return None if bgr is None else cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB)
        raw = cv2.imdecode(stored, cv2.IMREAD_UNCHANGED)
    if raw is None or raw.ndim != 2 and raw.shape[2] not in (3, 4):
        return None
    if raw.ndim == 3:
        raw = raw[..., [2, 1, 0, 3][:raw.shape[2]]]
    return turned(raw, orientation_of(data, kind))


def _pillow_reads(kind: str) -> bool:
    """Tell whether Pillow is there and has a plugin for a format."""
    try:
        from PIL import Image
        if kind == HEIC:
            import pillow_heif
            pillow_heif.register_heif_opener()
        Image.init()
    except ImportError:
        return False
    return PILLOW_FORMATS[kind] in Image.OPEN


def _by_pillow(data: bytes, kind: str) -> np.ndarray | None:
    """Return the first image of a file upright, uint8 (H, W, 3 or 4), or None."""
    if not _pillow_reads(kind):
        return None
    from PIL import Image
    from PIL import ImageOps
    warnings.filterwarnings('ignore', category=Image.DecompressionBombWarning)
    try:
        with quiet_decoders(), Image.open(
                io.BytesIO(data), formats=[PILLOW_FORMATS[kind]]) as opened:
            _check_size(*opened.size)
            image: Any = ImageOps.exif_transpose(opened)
            alpha = 'A' in image.getbands() or 'transparency' in image.info
            return np.asarray(image.convert('RGBA' if alpha else 'RGB'))
    except (TooLarge, MemoryError):
        raise
    except Image.DecompressionBombError:
        raise _too_large() from None
    except Exception:  # noqa: B902 - each plugin has errors of its own
        return None


def _as_rgb(pixels: np.ndarray) -> np.ndarray:
    """Return an image of any type, gray, RGB or RGBA, as uint8 (H, W, 3) RGB over white."""
    if pixels.ndim == 2:
        return cv2.cvtColor(_to_eight(pixels), cv2.COLOR_GRAY2RGB)
    if pixels.shape[2] == 3 or _has_no_alpha(pixels):
        return np.ascontiguousarray(_to_eight(pixels[..., :3]))
    full = _full_scale(pixels)
    opaque = 1.0 if pixels[..., 3].max() == 1 else full
    result = np.empty((*pixels.shape[:2], 3), np.uint8)
    for part, over in zip(_parts(pixels), _parts(result, pixels.size)):
        alpha = part[..., 3:] / opaque
        over[:] = _rounded(part[..., :3] / full * alpha + 1.0 - alpha)
    return result


def _has_no_alpha(rgba: np.ndarray) -> bool:
    """Tell whether an alpha channel is all zero though there are colours (as in many BMPs)."""
    return not rgba[..., 3].any() and bool(rgba[..., :3].any())


def _to_eight(pixels: np.ndarray) -> np.ndarray:
    """Return an image of any type as uint8 of the same shape."""
    if pixels.dtype == np.uint8:
        return pixels
    full = _full_scale(pixels)
    result = np.empty(pixels.shape, np.uint8)
    for part, eight in zip(_parts(pixels), _parts(result)):
        eight[:] = _rounded(part / full)
    return result


def _full_scale(pixels: np.ndarray) -> float:
    """Return the value of white."""
    if pixels.dtype == np.uint8:
        return 255.0
    if pixels.dtype.kind != 'f':
        return float(next(2**bits - 1 for bits in BITS if pixels.max() < 2**bits))
    known = pixels[np.isfinite(pixels)]
    if not known.size or known.mean() <= 1.0:  # brighter spots than white are lights
        return 1.0
    return next((scale for scale in FLOAT_SCALES if known.max() <= scale), float(known.max()))


def _rounded(shares: np.ndarray) -> np.ndarray:
    """Return shares of white as 0..255."""
    return np.rint(np.clip(np.nan_to_num(shares), 0.0, 1.0) * 255)


def _parts(pixels: np.ndarray, size: int = 0) -> list[np.ndarray]:
    """Return an image in slices of rows, as many as one of this size (its own) has."""
    return np.array_split(pixels, (size or pixels.size) // PART + 1)
