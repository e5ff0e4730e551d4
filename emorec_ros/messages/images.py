# SPDX-License-Identifier: Apache-2.0
"""Turn image messages into numpy arrays and back.

cv_bridge does it for the usual encodings, where it can be imported and passes one test
conversion (its compiled part loads at first use, and breaks beside a newer NumPy); elsewhere, and
for compressed images, emorec_vision.image_message does, with the same results.
"""

from array import array
from functools import lru_cache
import sys
from typing import Any
from typing import TypeAlias

import cv2
from emorec_vision import image_message
from emorec_vision.depth.gate import check_depth
from emorec_vision.errors import InputError
from emorec_vision.image_message import check
from emorec_vision.image_message import ImageMessageError
import numpy as np
from sensor_msgs.msg import CompressedImage
from sensor_msgs.msg import Image
from std_msgs.msg import Header

AnyImage: TypeAlias = Image | CompressedImage
BRIDGED = frozenset(['rgb8', 'bgr8', 'rgba8', 'bgra8', 'mono8', '16UC1', '32FC1'])


def to_array(message: Image) -> np.ndarray:
    """View an image message as an array (H, W) or (H, W, channels) in its own encoding.

    The array shares the message's memory where it can: copy before drawing.

    Raises:
        ImageMessageError: if the message is malformed.
    """
    bridge = cv_bridge() if isinstance(message, Image) and message.encoding in BRIDGED else None
    if bridge is None:
        return image_message.to_array(message)
    check(message)
    return bridge.imgmsg_to_cv2(message)


def to_rgb(message: AnyImage) -> np.ndarray:
    """Return a colour or gray image message as uint8 (H, W, 3) in RGB order.

    Raises:
        ImageMessageError: if the message is malformed or no such image.
    """
    return image_message.to_rgb(message, to_array)


def to_gray(message: AnyImage) -> np.ndarray:
    """Return a colour or gray image message as uint8 (H, W).

    Raises:
        ImageMessageError: if the message is malformed or no such image.
    """
    return image_message.to_gray(message, to_array)


def to_depth(message: AnyImage) -> np.ndarray:
    """Return a depth image message as uint16 millimetres or float32 metres (H, W).

    Raises:
        ImageMessageError: if the message is malformed or no depth.
    """
    return image_message.to_depth(message, to_array)


def depth_on(message: AnyImage, shape: tuple[int, ...]) -> np.ndarray:
    """Return a depth image message that lies on a colour image of this shape (H, W), as to_depth.

    Raises:
        ImageMessageError: if it is malformed, no depth, or of another size.
    """
    depth = to_depth(message)
    try:
        check_depth(depth, shape)
    except InputError as error:
        raise ImageMessageError(str(error)) from None
    return depth


def to_message(pixels: np.ndarray, encoding: str, header: Header | None = None) -> Image:
    """Return an image message of an array (H, W) or (H, W, channels) in the given encoding."""
    message = Image(
        height=pixels.shape[0], width=pixels.shape[1], encoding=encoding,
        is_bigendian=sys.byteorder == 'big', step=pixels.nbytes // pixels.shape[0])
    if header is not None:
        message.header = header
    data = array('B')
    data.frombytes(memoryview(np.ascontiguousarray(pixels)).cast('B'))
    message.data = data
    return message


def to_jpeg(rgb: np.ndarray, quality: int, header: Header) -> CompressedImage:
    """Return a compressed image message of uint8 (H, W, 3) in RGB order; quality is 1..100.

    The format is worded as compressed_image_transport words it, for its subscribers.
    """
    _, encoded = cv2.imencode('.jpg', cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR),
                              [cv2.IMWRITE_JPEG_QUALITY, quality])
    message = CompressedImage(header=header, format='rgb8; jpeg compressed bgr8')
    message.data = array('B', encoded.tobytes())
    return message


@lru_cache(maxsize=1)
def cv_bridge() -> Any | None:
    """Return a working CvBridge, or None where there is none."""
    try:
        from cv_bridge import CvBridge
        bridge = CvBridge()
        test = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
        if np.array_equal(bridge.imgmsg_to_cv2(bridge.cv2_to_imgmsg(test, 'rgb8')), test):
            return bridge
    except Exception:  # noqa: B902 - a broken installation fails in many ways
        pass
    return None
