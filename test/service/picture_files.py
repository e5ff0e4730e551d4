# SPDX-License-Identifier: Apache-2.0
"""Picture files made for the tests."""

import struct

import cv2
import numpy as np
import pytest

ORIENTATION_TAG = 0x0112
SIZE_TAGS = (256, 257)
SUFFIXES = ['.png', '.jpg', '.bmp', '.tiff', '.webp', '.ppm']


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


def with_tags_twice(tiff: bytes) -> bytes:
    """Return a TIFF file (little-endian) that says its size and then that it is 1x1."""
    directory, = struct.unpack_from('<I', tiff, 4)
    count, = struct.unpack_from('<H', tiff, directory)
    entries = []
    for start in range(directory + 2, directory + 2 + 12 * count, 12):
        entries.append(tiff[start:start + 12])
        tag, = struct.unpack_from('<H', tiff, start)
        if tag in SIZE_TAGS:
            entries.append(struct.pack('<HHII', tag, 4, 1, 1))
    return (tiff[:4] + struct.pack('<I', len(tiff)) + tiff[8:]
            + struct.pack('<H', len(entries)) + b''.join(entries) + b'\0\0\0\0')


def with_stuffing(jpeg: bytes) -> bytes:
    """Return a JPEG file with FF00 after its start, and 1x1 where it leads a wrong parser to."""
    one = b'\xff\xc0' + struct.pack('>HBHHB', 11, 8, 1, 1, 1) + b'\1\x11\0'
    hidden = b'\xff\xe5' + struct.pack('>H', 2 + len(one))
    return jpeg[:2] + b'\xff\0' + struct.pack('>H', 2 + len(hidden)) + hidden + one + jpeg[2:]


def bitmap(header: bytes, width: int, height: int) -> bytes:
    """Return a black PBM file of a size, whatever its header says."""
    return header + bytes((width + 7) // 8 * height)


def with_size(tiff: bytes, width: int, height: int) -> bytes:
    """Return a TIFF file (little-endian) that claims another size."""
    changed = bytearray(tiff)
    directory, = struct.unpack_from('<I', tiff, 4)
    count, = struct.unpack_from('<H', tiff, directory)
    for start in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, = struct.unpack_from('<H', tiff, start)
        if tag in SIZE_TAGS:
            struct.pack_into('<HII', changed, start + 2, 4, 1, (width, height)[tag - 256])
    return bytes(changed)


def claiming_frame(width: int, height: int) -> bytes:
    """Return a GIF file of 1x1 px whose only frame is larger, which readers give way to."""
    return (b'GIF89a' + struct.pack('<HHBBB', 1, 1, 0x80, 0, 0) + bytes(6)
            + b',' + struct.pack('<HHHHB', 0, 0, width, height, 0) + b'\2\2\x4c\1\0;')


def bombs() -> dict[str, bytes]:
    """Return files of less than 1 kB that claim a thousand megapixels behind a small size."""
    small = np.zeros((8, 8), np.uint8)
    jpeg = bytearray(encode('.jpg', small))
    struct.pack_into('>HH', jpeg, jpeg.index(b'\xff\xc0') + 5, 32_000, 32_000)
    return {'TIFF': with_tags_twice(with_size(encode('.tiff', small), 32_000, 32_000)),
            'JPEG': with_stuffing(bytes(jpeg)),
            'PBM': b'P4\n#\r32000 32000\n1 1\n' + bytes(40),
            'GIF': claiming_frame(32_000, 32_000)}


def many_scans(side: int, scans: int) -> bytes:
    """Return a black progressive JPEG file that is gone through many times; 7 bytes each."""
    done, data = cv2.imencode('.jpg', np.zeros((side, side), np.uint8),
                              [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])
    assert done
    jpeg = data.tobytes()
    last = jpeg.rindex(b'\xff\xda')
    return jpeg[:last] + jpeg[last:-2] * scans + jpeg[-2:]


def refusal(data: bytes, max_pixels: int = 25_000_000) -> tuple[int, str]:
    """Return the status and the line that bytes are refused with."""
    from emorec_service.pictures.decode import open_picture
    from emorec_service.refused import Refused
    with pytest.raises(Refused) as refused:
        open_picture(data, max_pixels)
    return refused.value.status_code, refused.value.detail
