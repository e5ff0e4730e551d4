# SPDX-License-Identifier: Apache-2.0
"""Turn the fields of a sensor_msgs/Image into numpy arrays, whoever read the message."""

from collections.abc import Callable
import sys
from typing import Any
from typing import Protocol

import cv2
import numpy as np

ENCODINGS: dict[str, tuple[type, int]] = {
    'rgb8': (np.uint8, 3), 'bgr8': (np.uint8, 3), 'rgba8': (np.uint8, 4), 'bgra8': (np.uint8, 4),
    'mono8': (np.uint8, 1), '8UC1': (np.uint8, 1), '8UC3': (np.uint8, 3),
    'mono16': (np.uint16, 1), '16UC1': (np.uint16, 1), '32FC1': (np.float32, 1),
}
"""dtype and channels of the encodings that emorec reads"""
DEPTH_ENCODINGS = ('16UC1', 'mono16', '32FC1')
FARTHEST_TYPICAL = 200.0
"""No depth camera sees half of an image farther than this, m; at this, mm, none sees any."""

_TO_RGB = {'bgr8': cv2.COLOR_BGR2RGB, '8UC3': cv2.COLOR_BGR2RGB, 'rgba8': cv2.COLOR_RGBA2RGB,
           'bgra8': cv2.COLOR_BGRA2RGB, 'mono8': cv2.COLOR_GRAY2RGB, '8UC1': cv2.COLOR_GRAY2RGB}
_TO_GRAY = {'rgb8': cv2.COLOR_RGB2GRAY, 'bgr8': cv2.COLOR_BGR2GRAY, '8UC3': cv2.COLOR_BGR2GRAY,
            'rgba8': cv2.COLOR_RGBA2GRAY, 'bgra8': cv2.COLOR_BGRA2GRAY}


class ImageMessageError(ValueError):
    """An image message is malformed; the text says in one line how."""


class ImageFields(Protocol):
    """What an image message has, of ROS's own class or of another reader's.

    `step` is the bytes of a row with its padding; `data` holds at least `step * height` bytes.
    """

    height: int
    width: int
    encoding: str
    is_bigendian: Any
    step: int
    data: Any
    header: Any


Convert = Callable[[ImageFields], np.ndarray]


def check(message: ImageFields) -> None:
    """Check that size, step, encoding and data of an image message fit together.

    Raises:
        ImageMessageError: if they do not.
    """
    if message.encoding not in ENCODINGS:
        raise ImageMessageError(f'encoding {message.encoding!r} is none of '
                                f'{", ".join(ENCODINGS)}')
    dtype, channels = ENCODINGS[message.encoding]
    row = message.width * channels * np.dtype(dtype).itemsize
    if message.width == 0 or message.height == 0:
        raise ImageMessageError(f'the image is empty ({message.width}x{message.height})')
    if message.step < row:
        raise ImageMessageError(f'step {message.step} is less than the {row} bytes of a row of '
                                f'{message.width} {message.encoding} pixels')
    if len(message.data) < message.step * message.height:
        raise ImageMessageError(f'{len(message.data)} bytes of data, but step {message.step} x '
                                f'height {message.height} needs {message.step * message.height}')


def to_array(message: ImageFields) -> np.ndarray:
    """View an image message as an array (H, W) or (H, W, channels) in its own encoding.

    The array shares the message's memory where it can: copy before drawing.

    Raises:
        ImageMessageError: if the message is malformed.
    """
    check(message)
    dtype, channels = ENCODINGS[message.encoding]
    item = np.dtype(dtype)
    data = np.frombuffer(message.data, np.uint8)[:message.step * message.height]
    rows = data.reshape(message.height, message.step)[:, :message.width * channels * item.itemsize]
    pixels = np.ascontiguousarray(rows).view(item)
    if bool(message.is_bigendian) != (sys.byteorder == 'big') and item.itemsize > 1:
        pixels = pixels.byteswap()
    shape = (message.height, message.width) + ((channels,) if channels > 1 else ())
    return pixels.reshape(shape)


def to_rgb(message: ImageFields, convert: Convert = to_array) -> np.ndarray:
    """Give a colour or gray image message as uint8 (H, W, 3) in RGB order.

    Raises:
        ImageMessageError: if the message is malformed or no such image.
    """
    return _converted(message, convert, _TO_RGB, 'rgb8')


def to_gray(message: ImageFields, convert: Convert = to_array) -> np.ndarray:
    """Give a colour or gray image message as uint8 (H, W).

    Raises:
        ImageMessageError: if the message is malformed or no such image.
    """
    return _converted(message, convert, _TO_GRAY, 'mono8', '8UC1')


def to_depth(message: ImageFields, convert: Convert = to_array) -> np.ndarray:
    """Give a depth image message as uint16 millimetres or float32 metres (H, W).

    Raises:
        ImageMessageError: if the message is malformed or no depth, or floats look like
            millimetres. The unit of integers cannot be told by their values.
    """
    if message.encoding not in DEPTH_ENCODINGS:
        raise ImageMessageError(f'depth encoding {message.encoding!r} is neither 16UC1 (mm) nor '
                                '32FC1 (m)')
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


def _converted(
    message: ImageFields, convert: Convert, codes: dict[str, int], *as_they_are: str
) -> np.ndarray:
    pixels = convert(message)
    if message.encoding in as_they_are:
        return pixels
    if message.encoding not in codes:
        raise ImageMessageError(f'encoding {message.encoding!r} is no colour or gray image')
    return cv2.cvtColor(pixels, codes[message.encoding])
