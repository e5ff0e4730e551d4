# SPDX-License-Identifier: Apache-2.0
"""
Turn image messages into numpy arrays and back.

cv_bridge does it where it can be imported and passes one test conversion (its compiled part loads
at first use, and breaks beside a newer NumPy); elsewhere the conversions below do, with the same
results.
"""

from array import array
from functools import lru_cache
import sys
from typing import Any

import cv2
import numpy as np
from sensor_msgs.msg import Image
from std_msgs.msg import Header

ENCODINGS: dict[str, tuple[type, int]] = {
    'rgb8': (np.uint8, 3), 'bgr8': (np.uint8, 3), 'rgba8': (np.uint8, 4), 'bgra8': (np.uint8, 4),
    'mono8': (np.uint8, 1), '8UC1': (np.uint8, 1), '8UC3': (np.uint8, 3),
    'mono16': (np.uint16, 1), '16UC1': (np.uint16, 1), '32FC1': (np.float32, 1),
}
"""dtype and channels of the encodings that emorec reads"""

_TO_RGB = {'bgr8': cv2.COLOR_BGR2RGB, '8UC3': cv2.COLOR_BGR2RGB, 'rgba8': cv2.COLOR_RGBA2RGB,
           'bgra8': cv2.COLOR_BGRA2RGB, 'mono8': cv2.COLOR_GRAY2RGB, '8UC1': cv2.COLOR_GRAY2RGB}
_TO_GRAY = {'rgb8': cv2.COLOR_RGB2GRAY, 'bgr8': cv2.COLOR_BGR2GRAY, '8UC3': cv2.COLOR_BGR2GRAY,
            'rgba8': cv2.COLOR_RGBA2GRAY, 'bgra8': cv2.COLOR_BGRA2GRAY}


class ImageMessageError(ValueError):
    """Say in one line what is wrong with an image message."""


def check(message: Image) -> None:
    """
    Check that size, step, encoding and data of an image message fit together.

    :raises ImageMessageError: if they do not.
    """
    if message.encoding not in ENCODINGS:
        raise ImageMessageError(f'encoding {message.encoding!r} is none of '
                                f'{", ".join(ENCODINGS)}')
    dtype, channels = ENCODINGS[message.encoding]
    row = message.width * channels * np.dtype(dtype).itemsize
    if message.width == 0 or message.height == 0:
        raise ImageMessageError(f'the picture is empty ({message.width}x{message.height})')
    if message.step < row:
        raise ImageMessageError(f'step {message.step} is less than the {row} bytes of a row of '
                                f'{message.width} {message.encoding} pixels')
    if len(message.data) < message.step * message.height:
        raise ImageMessageError(f'{len(message.data)} bytes of data, but step {message.step} x '
                                f'height {message.height} needs {message.step * message.height}')


def to_array(message: Image) -> np.ndarray:
    """
    View an image message as an array (H, W) or (H, W, channels) in its own encoding.

    The array shares the message's memory where it can: copy before drawing.

    :raises ImageMessageError: if the message is malformed.
    """
    check(message)
    bridge = cv_bridge()
    if bridge is not None:
        return bridge.imgmsg_to_cv2(message)
    dtype, channels = ENCODINGS[message.encoding]
    item = np.dtype(dtype)
    data = np.frombuffer(message.data, np.uint8)[:message.step * message.height]
    rows = data.reshape(message.height, message.step)[:, :message.width * channels * item.itemsize]
    pixels = np.ascontiguousarray(rows).view(item)
    if bool(message.is_bigendian) != (sys.byteorder == 'big') and item.itemsize > 1:
        pixels = pixels.byteswap()
    shape = (message.height, message.width) + ((channels,) if channels > 1 else ())
    return pixels.reshape(shape)


def to_rgb(message: Image) -> np.ndarray:
    """Give a colour or gray image message as uint8 (H, W, 3) in RGB order."""
    return _converted(message, _TO_RGB, 'rgb8')


def to_gray(message: Image) -> np.ndarray:
    """Give a colour or gray image message as uint8 (H, W)."""
    return _converted(message, _TO_GRAY, 'mono8', '8UC1')


def to_depth(message: Image) -> np.ndarray:
    """Give a depth image message as uint16 millimetres or float32 metres (H, W)."""
    if message.encoding not in ('16UC1', 'mono16', '32FC1'):
        raise ImageMessageError(f'depth encoding {message.encoding!r} is neither 16UC1 (mm) nor '
                                '32FC1 (m)')
    return to_array(message)


def to_message(pixels: np.ndarray, encoding: str, header: Header | None = None) -> Image:
    """Make an image message of an array (H, W) or (H, W, channels) in the given encoding."""
    message = Image(
        height=pixels.shape[0], width=pixels.shape[1], encoding=encoding,
        is_bigendian=sys.byteorder == 'big', step=pixels.nbytes // pixels.shape[0])
    if header is not None:
        message.header = header
    data = array('B')
    data.frombytes(memoryview(np.ascontiguousarray(pixels)).cast('B'))
    message.data = data
    return message


@lru_cache(maxsize=1)
def cv_bridge() -> Any | None:
    """Give a working CvBridge, or None where there is none."""
    try:
        from cv_bridge import CvBridge
        bridge = CvBridge()
        test = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
        if np.array_equal(bridge.imgmsg_to_cv2(bridge.cv2_to_imgmsg(test, 'rgb8')), test):
            return bridge
    except Exception:  # noqa: B902 - a broken installation fails in many ways
        pass
    return None


def _converted(message: Image, codes: dict[str, int], *as_they_are: str) -> np.ndarray:
    pixels = to_array(message)
    if message.encoding in as_they_are:
        return pixels
    if message.encoding not in codes:
        raise ImageMessageError(f'encoding {message.encoding!r} is no colour or gray picture')
    return cv2.cvtColor(pixels, codes[message.encoding])
