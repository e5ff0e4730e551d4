# SPDX-License-Identifier: Apache-2.0
"""Images as programs have them: arrays, files, bytes and Pillow's."""

from pathlib import Path
from typing import Any

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from emorec_vision.sources.images import read_image
from emorec_vision.still_image.decoding import decode_image
import numpy as np

ORDERS = ('rgb', 'bgr')


def rgb_of(image: Any, order: str = 'rgb') -> np.ndarray:
    """Return an image as uint8 (H, W, 3) RGB.

    Args:
        image: a path; the bytes of an image file; an array uint8 (H, W), (H, W, 1), (H, W, 3) or
            (H, W, 4), whose fourth channel is opacity and is put over white; or a Pillow image,
            which is turned as its EXIF orientation says.
        order: of the channels of an array: 'rgb', or 'bgr' as OpenCV has them.

    Raises:
        InputError: if it is something else, or cannot be read.
    """
    if order not in ORDERS:
        raise InputError(f'order is {order!r}: give one of {", ".join(ORDERS)}')
    if isinstance(image, (str, Path)):
        return read_image(expand(image))
    if isinstance(image, (bytes, bytearray, memoryview)):
        try:
            return decode_image(bytes(image))
        except InputError as error:
            raise InputError(f'the image {error}') from None
    if hasattr(image, 'getexif') and hasattr(image, 'convert'):
        return _over_white(_of_pillow(image))
    if not isinstance(image, np.ndarray):
        raise InputError(f'a {type(image).__name__} is no image: give a path, bytes, a numpy '
                         'array or a Pillow image')
    return _of_array(image, order)


def _of_pillow(image: Any) -> np.ndarray:
    from PIL import ImageOps
    upright = ImageOps.exif_transpose(image)
    alpha = 'A' in upright.getbands() or 'transparency' in upright.info
    return np.asarray(upright.convert('RGBA' if alpha else 'RGB'))


def _of_array(image: np.ndarray, order: str) -> np.ndarray:
    channels = image.shape[2] if image.ndim == 3 else 1
    if image.dtype != np.uint8 or image.ndim not in (2, 3) or channels not in (1, 3, 4):
        raise InputError(f'an array of {image.dtype} {image.shape} is no image: give uint8 '
                         '(H, W), (H, W, 3) or (H, W, 4)')
    if image.size == 0:
        raise InputError(f'an array of shape {image.shape} shows nothing')
    if channels == 1:
        return cv2.cvtColor(np.ascontiguousarray(image.reshape(image.shape[:2])),
                            cv2.COLOR_GRAY2RGB)
    if order == 'bgr':
        image = image[..., [2, 1, 0, 3][:channels]]
    return _over_white(image)


def _over_white(image: np.ndarray) -> np.ndarray:
    """Return an image uint8 (H, W, 3) of one that may have opacity."""
    if image.shape[2] == 3:
        return np.ascontiguousarray(image)
    opacity = image[..., 3:].astype(np.float32) / 255
    return np.rint(image[..., :3] * opacity + 255 * (1 - opacity)).astype(np.uint8)
