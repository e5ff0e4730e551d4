# SPDX-License-Identifier: Apache-2.0
"""Turn the fields of an image message into numpy arrays, whoever read the message.

The messages are sensor_msgs/Image, or sensor_msgs/CompressedImage, which is decoded here.
"""

from collections.abc import Callable
import sys
from typing import Any
from typing import Protocol

import cv2
from emorec_vision.image_message.compressed import decompressed
from emorec_vision.image_message.image_encodings import AS_IT_IS
from emorec_vision.image_message.image_encodings import DEPTH_ENCODINGS
from emorec_vision.image_message.image_encodings import eight_bits
from emorec_vision.image_message.image_encodings import encoding_of
from emorec_vision.image_message.image_encodings import ImageMessageError
from emorec_vision.image_message.image_encodings import READ
from emorec_vision.image_message.image_encodings import UnreadEncoding
import numpy as np

__all__ = ['check', 'DEPTH_ENCODINGS', 'ImageFields', 'ImageMessageError', 'to_array', 'to_depth',
           'to_gray', 'to_millimetres', 'to_rgb', 'UnreadEncoding']
FARTHEST_TYPICAL = 200.0
"""No depth camera sees half of an image farther than this, m; at this, mm, none sees any."""
EVEN = {(2, 1): 'width is', (2, 2): 'width and height are'}
"""What is even where pixels across, or across and down, share a colour."""


class ImageFields(Protocol):
    """What an image message has, of ROS's own class or of another reader's.

    `step` is the bytes of a row with its padding; `data` holds at least `step * height` bytes,
    and half as many more where rows of colours follow (nv12, nv21).
    """

    height: int
    width: int
    encoding: str
    is_bigendian: Any
    step: int
    data: Any
    header: Any


Convert = Callable[[Any], np.ndarray]


def check(message: ImageFields) -> None:
    """Check that size, step, encoding and data of a sensor_msgs/Image fit together.

    Raises:
        UnreadEncoding: if the encoding is not read.
        ImageMessageError: if they do not.
    """
    encoding = encoding_of(message.encoding)
    row = message.width * encoding.channels * encoding.item_bytes
    if message.width == 0 or message.height == 0:
        raise ImageMessageError(f'the image is empty ({message.width}x{message.height})')
    if message.width % encoding.columns or message.height % encoding.lines:
        raise ImageMessageError(f'the image is {message.width}x{message.height} px, but the '
                                f'{EVEN[encoding.columns, encoding.lines]} even in '
                                f'{message.encoding}')
    if message.step < row:
        raise ImageMessageError(f'step {message.step} is less than the {row} bytes of a row of '
                                f'{message.width} {message.encoding} pixels')
    rows = encoding.rows(message.height)
    if len(message.data) < message.step * rows:
        raise ImageMessageError(
            f'{len(message.data)} bytes of data, but step {message.step} x '
            f'{"height" if rows == message.height else "rows"} {rows} needs '
            f'{message.step * rows}')


def to_array(message: ImageFields) -> np.ndarray:
    """View a sensor_msgs/Image as an array (H, W) or (H, W, channels) in its own encoding.

    nv12 and nv21 are (3 H / 2, W). The array shares the message's memory where it can: copy
    before drawing.

    Raises:
        ImageMessageError: if the message is malformed.
    """
    check(message)
    encoding = encoding_of(message.encoding)
    height, item = encoding.rows(message.height), np.dtype(encoding.dtype)
    data = np.frombuffer(message.data, np.uint8)[:message.step * height]
    rows = data.reshape(height, message.step)[
        :, :message.width * encoding.channels * item.itemsize]
    pixels = np.ascontiguousarray(rows).view(item)
    if bool(message.is_bigendian) != (sys.byteorder == 'big') and item.itemsize > 1:
        pixels = pixels.byteswap()
    shape = (height, message.width) + ((encoding.channels,) if encoding.channels > 1 else ())
    return pixels.reshape(shape)


def to_rgb(message: Any, convert: Convert = to_array) -> np.ndarray:
    """Give a colour or gray image message as uint8 (H, W, 3) in RGB order.

    Raises:
        ImageMessageError: if the message is malformed or no such image.
    """
    message = decompressed(message)
    return _converted(message, convert, encoding_of(message.encoding).rgb)


def to_gray(message: Any, convert: Convert = to_array) -> np.ndarray:
    """Give a colour or gray image message as uint8 (H, W).

    Raises:
        ImageMessageError: if the message is malformed or no such image.
    """
    message = decompressed(message, as_gray=True)
    return _converted(message, convert, encoding_of(message.encoding).gray)


def to_depth(message: Any, convert: Convert = to_array) -> np.ndarray:
    """Give a depth image message as uint16 millimetres or float32 metres (H, W).

    Raises:
        ImageMessageError: if the message is malformed or no depth, or floats look like
            millimetres. The unit of integers cannot be told by their values.
    """
    message = decompressed(message)
    if message.encoding not in DEPTH_ENCODINGS:
        raise UnreadEncoding(f'depth encoding {message.encoding[:40]!r} is neither 16UC1 (mm) '
                             'nor 32FC1 (m)')
    depth = convert(message)
    if depth.dtype == np.float32 and _typical(depth) > FARTHEST_TYPICAL:
        raise ImageMessageError('32FC1 depth must be in metres, and these values, hundreds to '
                                'thousands, look like millimetres')
    return depth


def _typical(depth: np.ndarray) -> float:
    """Return the median of the readings of a float depth image, 0 without any."""
    some = depth[::8, ::8]
    readings = some[np.isfinite(some) & (some > 0)]
    return float(np.median(readings)) if readings.size else 0.0


def to_millimetres(depth: np.ndarray) -> np.ndarray:
    """Give depth (H, W), uint16 mm or float32 m, as uint16 mm with 0 where there is none."""
    if depth.dtype == np.uint16:
        return depth
    millimetres = np.rint(depth * np.float32(1000.0))
    known = np.isfinite(millimetres) & (millimetres > 0) & (millimetres <= 65535)
    return np.where(known, millimetres, 0).astype(np.uint16)


def _converted(message: ImageFields, convert: Convert, conversion: int | None) -> np.ndarray:
    if conversion is None:
        raise UnreadEncoding(f'encoding {message.encoding!r} is depth, no colour or gray image; '
                             f'read are {READ}')
    pixels = eight_bits(convert(message))
    return pixels if conversion == AS_IT_IS else cv2.cvtColor(pixels, conversion)
