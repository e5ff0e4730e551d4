# SPDX-License-Identifier: Apache-2.0
"""Images as cameras encode them, written from the definitions and not by OpenCV."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np

BLOCKS = np.array([[(200, 40, 30), (30, 160, 50), (40, 60, 190), (120, 120, 120)],
                   [(90, 200, 210), (220, 210, 40), (10, 10, 10), (235, 230, 225)]], np.uint8)
BLOCK = 8
"""Each colour fills so many pixels across and down, so that those that share one have the same."""


def blocks() -> np.ndarray:
    """Return an image of eight colours, uint8 (16, 32, 3) RGB."""
    return BLOCKS.repeat(BLOCK, axis=0).repeat(BLOCK, axis=1)


def centres(image: np.ndarray) -> np.ndarray:
    """Return the middles of the blocks, where no neighbour counts."""
    return image[BLOCK // 2::BLOCK, BLOCK // 2::BLOCK]


def gray_of(rgb: np.ndarray) -> np.ndarray:
    """Return the luma of ITU-R BT.601, float, 0 to 255."""
    return rgb @ np.array([0.299, 0.587, 0.114])


def yuv_of(rgb: np.ndarray) -> np.ndarray:
    """Return Y from 16 to 235, U and V from 16 to 240 (ITU-R BT.601), uint8."""
    red, green, blue = np.moveaxis(rgb / 255.0, -1, 0)
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    yuv = (16 + 219 * luma, 128 + 112 * (blue - luma) / 0.886, 128 + 112 * (red - luma) / 0.701)
    return np.rint(np.stack(yuv, axis=-1)).astype(np.uint8)


def packed(rgb: np.ndarray, luma_at: int) -> np.ndarray:
    """Return yuv422: two pixels are Y U Y V, or U Y V Y with the luma at 1."""
    yuv = yuv_of(rgb)
    pixels = np.empty((*rgb.shape[:2], 2), np.uint8)
    pixels[..., luma_at] = yuv[..., 0]
    pixels[:, ::2, 1 - luma_at] = yuv[:, ::2, 1]
    pixels[:, 1::2, 1 - luma_at] = yuv[:, ::2, 2]
    return pixels


def planes(rgb: np.ndarray, *order: int) -> np.ndarray:
    """Return nv12 or nv21: the luma, then U and V in some order for two by two pixels."""
    yuv = yuv_of(rgb)
    return np.vstack([yuv[..., 0], yuv[::2, ::2, list(order)].reshape(len(rgb) // 2, -1)])


def mosaic(rgb: np.ndarray, pattern: str) -> np.ndarray:
    """Return what a sensor sees whose filters have this pattern, such as 'rggb'."""
    pixels = np.empty(rgb.shape[:2], rgb.dtype)
    for number, colour in enumerate(pattern):
        row, column = divmod(number, 2)
        pixels[row::2, column::2] = rgb[row::2, column::2, 'rgb'.index(colour)]
    return pixels


def opaque(rgb: np.ndarray) -> np.ndarray:
    """Return the image with an alpha channel."""
    return np.dstack([rgb, np.full(rgb.shape[:2], np.iinfo(rgb.dtype).max, rgb.dtype)])


Encode = Callable[[np.ndarray], np.ndarray]
EIGHT_BITS: dict[str, Encode] = {
    'rgb': lambda rgb: rgb, 'bgr': lambda rgb: rgb[..., ::-1], 'rgba': opaque,
    'bgra': lambda rgb: opaque(rgb[..., ::-1]),
    'mono': lambda rgb: np.rint(gray_of(rgb)).astype(rgb.dtype),
    **{f'bayer_{pattern}': lambda rgb, pattern=pattern: mosaic(rgb, pattern)  # type: ignore
       for pattern in ('rggb', 'bggr', 'gbrg', 'grbg')}}
CAMERAS: dict[str, Encode] = {
    **{f'{name}8': encode for name, encode in EIGHT_BITS.items()},
    **{f'{name}16': lambda rgb, encode=encode: encode(rgb.astype(np.uint16) * 257)  # type: ignore
       for name, encode in EIGHT_BITS.items()},
    '8UC1': EIGHT_BITS['mono'], '8UC3': EIGHT_BITS['bgr'], '8UC4': EIGHT_BITS['bgra'],
    '32FC3': lambda rgb: (rgb[..., ::-1] / 255).astype(np.float32),
    'yuv422': lambda rgb: packed(rgb, 1), 'uyvy': lambda rgb: packed(rgb, 1),
    'yuv422_yuy2': lambda rgb: packed(rgb, 0), 'yuyv': lambda rgb: packed(rgb, 0),
    'nv12': lambda rgb: planes(rgb, 1, 2), 'nv21': lambda rgb: planes(rgb, 2, 1)}
"""What a camera sends of an RGB image, by encoding."""


def image_message(pixels: np.ndarray, encoding: str, padding: int = 0, big: bool = False,
                  **changes: Any) -> Any:
    """Return pixels as an image message of no ROS, with `padding` bytes behind each row."""
    rows = pixels.astype(pixels.dtype.newbyteorder('>' if big else '<'))
    data = rows.reshape(len(rows), -1).view(np.uint8)
    data = np.pad(data, ((0, 0), (0, padding)), constant_values=77)
    height = len(rows) * 2 // 3 if encoding.startswith('nv') else len(rows)
    fields = {'header': 'header', 'height': height, 'width': pixels.shape[1],
              'encoding': encoding, 'is_bigendian': big, 'step': data.shape[1],
              'data': data.tobytes(), **changes}
    return SimpleNamespace(**fields)
