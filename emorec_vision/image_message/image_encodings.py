# SPDX-License-Identifier: Apache-2.0
"""The encodings of sensor_msgs/Image that are read, and what makes colour and gray of them."""

from dataclasses import dataclass

import cv2
import numpy as np

AS_IT_IS = -1
"""In place of a conversion of OpenCV: there is nothing to convert."""
FLOAT_WHITE = 2.0
"""Floats up to here are shares of white, which some filters overshoot; others are 0 to 255."""


@dataclass(frozen=True)
class Encoding:
    """How the pixels of an encoding lie in memory.

    Attributes:
        dtype: of a number.
        channels: numbers per pixel of a row.
        rgb: conversion of OpenCV, at 8 bits, to RGB; None where there is no colour or gray.
        gray: likewise to gray.
        columns: pixels across that share a colour; the width is a multiple of it.
        lines: likewise down. Where there are two, half as many rows of colours follow those of
            the image.
    """

    dtype: type
    channels: int
    rgb: int | None = None
    gray: int | None = None
    columns: int = 1
    lines: int = 1

    @property
    def item_bytes(self) -> int:
        """Return the bytes of a number."""
        return np.dtype(self.dtype).itemsize

    def rows(self, height: int) -> int:
        """Return how many rows the data of an image has."""
        return height if self.lines == 1 else height // 2 * 3


EIGHT_BITS = {
    'rgb': Encoding(np.uint8, 3, AS_IT_IS, cv2.COLOR_RGB2GRAY),
    'bgr': Encoding(np.uint8, 3, cv2.COLOR_BGR2RGB, cv2.COLOR_BGR2GRAY),
    'rgba': Encoding(np.uint8, 4, cv2.COLOR_RGBA2RGB, cv2.COLOR_RGBA2GRAY),
    'bgra': Encoding(np.uint8, 4, cv2.COLOR_BGRA2RGB, cv2.COLOR_BGRA2GRAY),
    'mono': Encoding(np.uint8, 1, cv2.COLOR_GRAY2RGB, AS_IT_IS),
    # OpenCV calls a mosaic by the second and third pixel of its second row.
    'bayer_rggb': Encoding(np.uint8, 1, cv2.COLOR_BayerBG2RGB, cv2.COLOR_BayerBG2GRAY),
    'bayer_bggr': Encoding(np.uint8, 1, cv2.COLOR_BayerRG2RGB, cv2.COLOR_BayerRG2GRAY),
    'bayer_gbrg': Encoding(np.uint8, 1, cv2.COLOR_BayerGR2RGB, cv2.COLOR_BayerGR2GRAY),
    'bayer_grbg': Encoding(np.uint8, 1, cv2.COLOR_BayerGB2RGB, cv2.COLOR_BayerGB2GRAY)}
UYVY = Encoding(np.uint8, 2, cv2.COLOR_YUV2RGB_UYVY, cv2.COLOR_YUV2GRAY_UYVY, columns=2)
YUYV = Encoding(np.uint8, 2, cv2.COLOR_YUV2RGB_YUY2, cv2.COLOR_YUV2GRAY_YUY2, columns=2)
ENCODINGS: dict[str, Encoding] = {
    **{f'{name}8': encoding for name, encoding in EIGHT_BITS.items()},
    **{f'{name}16': Encoding(np.uint16, encoding.channels, encoding.rgb, encoding.gray)
       for name, encoding in EIGHT_BITS.items()},
    'yuv422': UYVY, 'uyvy': UYVY, 'yuv422_yuy2': YUYV, 'yuyv': YUYV,
    'nv12': Encoding(np.uint8, 1, cv2.COLOR_YUV2RGB_NV12, cv2.COLOR_YUV2GRAY_NV12, 2, 2),
    'nv21': Encoding(np.uint8, 1, cv2.COLOR_YUV2RGB_NV21, cv2.COLOR_YUV2GRAY_NV21, 2, 2),
    '8UC1': EIGHT_BITS['mono'], '8UC3': EIGHT_BITS['bgr'], '8UC4': EIGHT_BITS['bgra'],
    '32FC3': Encoding(np.float32, 3, cv2.COLOR_BGR2RGB, cv2.COLOR_BGR2GRAY),
    '16UC1': Encoding(np.uint16, 1), '32FC1': Encoding(np.float32, 1)}
"""Those of sensor_msgs/image_encodings.hpp, and nv12. 8UC3, 8UC4 and 32FC3, which do not name an
order, are BGR, as OpenCV has it."""
DEPTH_ENCODINGS = ('16UC1', 'mono16', '32FC1')
READ = ', '.join([name for name, encoding in ENCODINGS.items()
                  if encoding.rgb is not None and not name.startswith('bayer')]
                 + ['bayer_*8', 'bayer_*16'])
"""The encodings of colour and gray images that are read, in words."""


class ImageMessageError(ValueError):
    """An image message is malformed; the text says in one line how."""


class UnreadEncoding(ImageMessageError):
    """An image is encoded in a way that is not read; the camera's others will be, too."""


def encoding_of(name: str) -> Encoding:
    """Return the encoding of a name.

    Raises:
        UnreadEncoding: if it is not read.
    """
    if name not in ENCODINGS:
        raise UnreadEncoding(f'encoding {name[:40]!r} is not read; read are {READ}, and depth as '
                             '16UC1 and 32FC1')
    return ENCODINGS[name]


def eight_bits(pixels: np.ndarray) -> np.ndarray:
    """Return pixels, uint8, uint16 or float32, as uint8.

    The range of 16 bits is what the brightest pixel needs of 8, 10, 12, 14 and 16 bits: cameras
    leave the others zero without saying so. Floats are shares of white, or 0 to 255 where one is
    larger than `FLOAT_WHITE`; what is not finite is black.
    """
    if pixels.dtype == np.uint8:
        return pixels
    if pixels.dtype == np.uint16:
        bits = max(int(pixels.max()).bit_length(), 8)
        return (pixels >> (bits + bits % 2 - 8)).astype(np.uint8)
    known = np.where(np.isfinite(pixels), pixels, np.float32(0))
    white = np.float32(255 if known.max() <= FLOAT_WHITE else 1)
    return np.rint(np.clip(known, 0, 255) * white).clip(0, 255).astype(np.uint8)
