# SPDX-License-Identifier: Apache-2.0
"""Decode sensor_msgs/CompressedImage as image_transport's plugins compressed and compressedDepth.

`format` is the encoding of the image before it was compressed, a semicolon, and how that was
done: `rgb8; jpeg compressed bgr8`, `16UC1; compressedDepth png`. Other publishers give `jpeg`.
"""

from dataclasses import dataclass
import struct
import sys
from typing import Any

import cv2
from emorec_vision.image_message.image_encodings import DEPTH_ENCODINGS
from emorec_vision.image_message.image_encodings import ENCODINGS
from emorec_vision.image_message.image_encodings import ImageMessageError
from emorec_vision.image_message.image_encodings import UnreadEncoding
from emorec_vision.image_message.rvl import decode as decode_rvl
from emorec_vision.image_message.transport import COMPRESSED
from emorec_vision.image_message.transport import COMPRESSED_DEPTH
from emorec_vision.quiet_opencv import quiet_decoders
from emorec_vision.still_image.header import MAX_PIXELS
from emorec_vision.still_image.header import read_header
import numpy as np

PNG, JPEG = 'image/png', 'image/jpeg'
NAMES = ('jpeg', 'jpg', 'png')
PNG_START = b'\x89PNG'
PNG_END = b'IEND'
JPEG_SCAN, JPEG_END = b'\xff\xda', b'\xff\xd9'
"""Neither is among the pixels, where FF is followed by 00 or by a restart marker."""
CONFIG_BYTES = 12
"""ConfigHeader of compressed_depth_image_transport: an int and the floats depthQuantA and B."""
BY_CHANNELS = {1: 'mono', 3: 'bgr', 4: 'bgra'}


@dataclass(frozen=True)
class DecodedImage:
    """What was compressed, with the fields of sensor_msgs/Image."""

    header: Any
    height: int
    width: int
    encoding: str
    step: int
    data: np.ndarray
    is_bigendian: bool = sys.byteorder == 'big'


def declared_encoding(message: Any) -> str:
    """Return the encoding of an image message of either kind, without decoding it.

    That of a compressed one is as far as it matters: depth or not, or its format where that is
    not read.
    """
    if not hasattr(message, 'format'):
        return str(message.encoding)
    name = message.format.partition(';')[0].strip()
    if name in DEPTH_ENCODINGS:
        return str(name)
    return 'bgr8' if _is_named(message.format) else str(message.format)


def decompressed(message: Any, as_gray: bool = False) -> Any:
    """Return an image message as a raw one; a raw one is returned itself.

    Args:
        message: with the fields of sensor_msgs/Image, or of sensor_msgs/CompressedImage.
        as_gray: gray is enough, which takes half the time for a JPEG image.

    Raises:
        UnreadEncoding: if the format is neither JPEG, PNG nor compressedDepth.
        ImageMessageError: if the image is damaged, cut short, or larger than `MAX_PIXELS`.
    """
    if not hasattr(message, 'format'):
        return message
    data = bytes(message.data)
    if COMPRESSED_DEPTH in message.format or data[CONFIG_BYTES:].startswith(PNG_START):
        pixels, encoding = _depth(message.format, data)
    else:
        pixels, encoding = _image(message.format, data, as_gray)
    height, width = pixels.shape[:2]
    return DecodedImage(message.header, height, width, encoding, pixels.nbytes // height,
                        pixels.reshape(-1).view(np.uint8))


def _image(text: str, data: bytes, as_gray: bool) -> tuple[np.ndarray, str]:
    """Return the pixels of a JPEG or PNG image, and their encoding."""
    name, _, how = (part.strip() for part in text.partition(';'))
    is_rgb = f'{COMPRESSED} rgb' in how
    if not _is_named(text):
        raise UnreadEncoding(f'format {text[:40]!r} is not read; read are jpeg and png')
    is_mosaic = name.startswith('bayer')
    pixels = _decode(data, as_gray and not is_rgb and not is_mosaic)
    channels = 1 if pixels.ndim == 2 else pixels.shape[2]
    kind = ENCODINGS.get(name)
    if kind is not None and kind.dtype == pixels.dtype and kind.channels == channels == 1:
        return pixels, name
    order = BY_CHANNELS[channels]
    return pixels, f'{order.replace("bgr", "rgb") if is_rgb else order}{8 * pixels.itemsize}'


def _depth(text: str, data: bytes) -> tuple[np.ndarray, str]:
    """Return the pixels of a compressedDepth image, and their encoding."""
    name, _, how = (part.strip() for part in text.partition(';'))
    if name not in DEPTH_ENCODINGS:
        raise UnreadEncoding(f'format {text[:40]!r} is not read; read is compressedDepth of '
                             f'{" and ".join(DEPTH_ENCODINGS)}')
    if len(data) <= CONFIG_BYTES:
        raise ImageMessageError(f'compressedDepth of {len(data)} bytes is cut short')
    slope, offset = struct.unpack_from('<ff', data, 4)
    body = data[CONFIG_BYTES:]
    pixels = _rvl(body) if 'rvl' in how else _decode(body)
    if pixels.dtype != np.uint16 or pixels.ndim != 2:
        raise ImageMessageError('compressedDepth holds no image of 16 bits')
    if name != '32FC1':
        return pixels, name
    with np.errstate(divide='ignore', invalid='ignore', over='ignore'):
        metres = np.float32(slope) / (pixels.astype(np.float32) - np.float32(offset))
    metres[pixels == 0] = np.nan
    return metres, '32FC1'


def _rvl(data: bytes) -> np.ndarray:
    """Return depth, uint16 (H, W), from its width, its height and RVL."""
    width, height = struct.unpack_from('<II', data) if len(data) >= 8 else (0, 0)
    _check_size(width, height)
    depth = decode_rvl(data[8:], width * height)
    if depth is None:
        raise ImageMessageError('the compressed image is damaged or cut short')
    return depth.reshape(height, width)


def _decode(data: bytes, as_gray: bool = False) -> np.ndarray:
    """Return the pixels of a JPEG or PNG file, uint8 or uint16, in OpenCV's order.

    The EXIF orientation does not count: camera_info is of the image as it lies there.
    """
    header = read_header(data)
    if header is None or header.media_type not in (PNG, JPEG):
        raise ImageMessageError('the compressed image is no JPEG and no PNG')
    is_jpeg = header.media_type == JPEG
    _check_size(header.width, header.height)
    ends = data.rfind(JPEG_END) > data.rfind(JPEG_SCAN) if is_jpeg else PNG_END in data
    pixels = None
    with quiet_decoders():
        try:
            if ends:
                pixels = cv2.imdecode(
                    np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE
                    | cv2.IMREAD_IGNORE_ORIENTATION if is_jpeg and as_gray
                    else cv2.IMREAD_UNCHANGED)
        except cv2.error:
            pass
    if pixels is None or pixels.shape[:2] != (header.height, header.width):
        raise ImageMessageError('the compressed image is damaged or cut short')
    return pixels


def _check_size(width: int, height: int) -> None:
    if not 0 < width * height <= MAX_PIXELS:
        raise ImageMessageError(f'the compressed image says it is {width}x{height} px; read are '
                                f'up to {MAX_PIXELS / 1e6:g} megapixels')


def _is_named(text: str) -> bool:
    """Tell whether a format names JPEG or PNG, or nothing."""
    return not text or any(name in text.lower() for name in NAMES)
