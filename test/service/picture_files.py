# SPDX-License-Identifier: Apache-2.0
"""Picture files made for the tests."""

import struct

import cv2
import numpy as np

ORIENTATION_TAG = 0x0112


def encode(suffix: str, rgb: np.ndarray) -> bytes:
    """Return a picture file's bytes; gray (H, W), RGB or RGBA, uint8 or uint16."""
    if rgb.ndim == 3:
        code = cv2.COLOR_RGB2BGR if rgb.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        rgb = cv2.cvtColor(rgb, code)
    done, data = cv2.imencode(suffix, rgb)
    assert done
    return data.tobytes()


def with_exif_orientation(jpeg: bytes, orientation: int) -> bytes:
    """Return a JPEG file with an EXIF block that holds nothing but an orientation."""
    tiff = (b'II*\0' + struct.pack('<IH', 8, 1)
            + struct.pack('<HHIHH', ORIENTATION_TAG, 3, 1, orientation, 0) + b'\0\0\0\0')
    block = b'Exif\0\0' + tiff
    return jpeg[:2] + b'\xff\xe1' + struct.pack('>H', len(block) + 2) + block + jpeg[2:]
