# SPDX-License-Identifier: Apache-2.0
"""The format and the size of an image, read from its first bytes before anything is decoded.

Pillow opens lazily, too, but reads all metadata on its way: a TIFF file of 30 MiB takes it
2.3 GiB and 15 s (Pillow 13.0), a JPEG file of 28 MiB more than 8 GiB (12.3, the last one for
Python 3.10).
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
import struct

MAX_PIXELS = 25_000_000
"""Width times height of an image that somebody sends; more is taken for a decompression bomb."""
JPEG_MARKER = re.compile(rb'\xff[^\0\xff]')
"""libjpeg passes over everything else between two segments, FF00 too."""
JPEG_SIZES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Start-of-frame markers of JPEG (ITU-T T.81, table B.1)."""
JPEG_BARE = frozenset([0x01, *range(0xD0, 0xD9)])
"""Markers that no length follows."""
MOST_SEGMENTS = 10_000
"""A JPEG file of 32 MiB has 500 of full length."""
TIFF_TYPES = {1: 'B', 3: 'H', 4: 'I'}
"""Integer field types of TIFF 6.0 as struct names them."""
WIDTH_TAG, HEIGHT_TAG = 256, 257
PNM_GAP = rb'(?:\s|#[^\r\n]*[\r\n])*'
PNM = re.compile(rb'P[1-6]%b(\d+)\D%b(\d+)\D' % (PNM_GAP, PNM_GAP))
"""As OpenCV reads it: one character ends a number, even if it is a #."""
PNM_BYTES = 4096
GIF, AVIF, HEIC = 'image/gif', 'image/avif', 'image/heic'
HEIF_START = rb'.{4}ftyp(?:avif|avis|heic|heix|heim|heis|hevc|hevx|mif1|msf1)'
"""Brands of HEIF (ISO/IEC 23008-12) and AVIF files."""
HEIF_PATH = (b'meta', b'iprp', b'ipco')
"""The boxes, one in the other, that hold the sizes of a HEIF file."""
SUFFIXES = frozenset('.avif .bmp .gif .heic .heif .jfif .jpe .jpeg .jpg .mpo .pbm .pgm .png .pnm '
                     '.ppm .tif .tiff .webp'.split())
"""Of the files that count as images in a folder, in lower case."""
FORMAT_NAMES = 'PNG, JPEG, BMP, TIFF, WebP, PNM, GIF, AVIF or HEIC'


@dataclass(frozen=True)
class ImageHeader:
    """What an image says of itself: its media type and its size in px."""

    media_type: str
    width: int
    height: int


def read_header(data: bytes) -> ImageHeader | None:
    """Return the header of a PNG, JPEG, BMP, TIFF, WebP, PNM, GIF, AVIF or HEIC image.

    The content decides, not a name. None: another format. The size is 0 x 0 when the image
    ends or breaks before it has told it.
    """
    for start, media_type, read_size in FORMATS:
        if re.match(start, data, re.DOTALL):
            try:
                size = read_size(data)
            except (struct.error, LookupError):
                size = None
            if media_type == HEIC and b'avi' in data[8:_end_of_box(data)]:
                media_type = AVIF
            return ImageHeader(media_type, *(size or (0, 0)))
    return None


def _png(data: bytes) -> tuple[int, int]:
    return struct.unpack_from('>II', data, 16)


def _jpeg(data: bytes) -> tuple[int, int] | None:
    position = 2
    for _ in range(MOST_SEGMENTS):
        found = JPEG_MARKER.search(data, position)
        if found is None:
            return None
        marker, position = data[found.end() - 1], found.end()
        if marker in JPEG_SIZES:
            height, width = struct.unpack_from('>HH', data, position + 3)
            return width, height
        if marker not in JPEG_BARE:
            position += struct.unpack_from('>H', data, position)[0]
    return None


def _bmp(data: bytes) -> tuple[int, int]:
    if struct.unpack_from('<I', data, 14)[0] == 12:  # the header of OS/2
        return struct.unpack_from('<HH', data, 18)
    width, height = struct.unpack_from('<ii', data, 18)
    return abs(width), abs(height)


def _webp(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b'VP8X':
        return (1 + int.from_bytes(data[24:27], 'little'),
                1 + int.from_bytes(data[27:30], 'little'))
    if kind == b'VP8L':
        bits = struct.unpack_from('<I', data, 21)[0]
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b'VP8 ':
        width, height = struct.unpack_from('<HH', data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return None


def _tiff(data: bytes) -> tuple[int, int]:
    order = '<' if data[:1] == b'I' else '>'
    directory = struct.unpack_from(order + 'I', data, 4)[0]
    count = struct.unpack_from(order + 'H', data, directory)[0]
    found: dict[int, int] = {}
    for entry in range(directory + 2, directory + 2 + 12 * count, 12):
        tag, kind = struct.unpack_from(order + 'HH', data, entry)
        if tag in (WIDTH_TAG, HEIGHT_TAG) and tag not in found:  # libtiff takes the first
            found[tag] = struct.unpack_from(order + TIFF_TYPES[kind], data, entry + 8)[0]
    return found[WIDTH_TAG], found[HEIGHT_TAG]


def _pnm(data: bytes) -> tuple[int, int] | None:
    match = PNM.match(data[:PNM_BYTES])
    return (int(match[1]), int(match[2])) if match else None


def _gif(data: bytes) -> tuple[int, int]:
    return struct.unpack_from('<HH', data, 6)


def _heif(data: bytes) -> tuple[int, int] | None:
    """Return the largest size that is named: a large image is made of tiles of a size each."""
    start, end = 0, len(data)
    for wanted in HEIF_PATH:
        start, end = next((box[1:] for box in _boxes(data, start, end) if box[0] == wanted),
                          (end, end))
        start += 4 * (wanted == b'meta')  # its version
    sizes = [struct.unpack_from('>II', data, first + 4)
             for kind, first, _ in _boxes(data, start, end) if kind == b'ispe']
    return max(sizes, key=lambda size: size[0] * size[1], default=None)


def _boxes(data: bytes, start: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Yield type, start and end of the content of each box between two places."""
    while start + 8 <= end:
        size, kind = struct.unpack_from('>I4s', data, start)
        stop = end if size == 0 else start + size
        if size == 1 or stop < start + 8 or stop > end:
            return
        yield kind, start + 8, stop
        start = stop


def _end_of_box(data: bytes) -> int:
    """Return where the first box ends."""
    return int.from_bytes(data[:4], 'big')


FORMATS = (
    (rb'\x89PNG\r\n\x1a\n', 'image/png', _png),
    (rb'\xff\xd8', 'image/jpeg', _jpeg),
    (rb'BM', 'image/bmp', _bmp),
    (rb'RIFF.{4}WEBP', 'image/webp', _webp),
    (rb'II\*\0|MM\0\*', 'image/tiff', _tiff),
    (rb'P[1-6][\s#]', 'image/x-portable-anymap', _pnm),
    (rb'GIF8[79]a', GIF, _gif),
    (HEIF_START, HEIC, _heif),
)
