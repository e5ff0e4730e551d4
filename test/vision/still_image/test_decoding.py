# SPDX-License-Identifier: Apache-2.0
"""Every kind of still image is read as a viewer shows it, or refused in one line."""

import io
import os
from pathlib import Path
import struct
import sys
import threading
import zlib

import cv2
from emorec_vision.errors import InputError
from emorec_vision.quiet_opencv import quiet_decoders
from emorec_vision.sources.images import read_image
from emorec_vision.still_image.decoding import decode_image
from emorec_vision.still_image.decoding import UnreadFormat
from emorec_vision.still_image.header import read_header
import numpy as np
import pytest

RGB = np.random.default_rng(5).integers(20, 230, (3, 4, 3), np.uint8).repeat(8, 0).repeat(8, 1)
"""Twelve squares of 8 px, four by three, uint8 (24, 32, 3)."""
ORIENTATIONS = {2: RGB[:, ::-1], 3: np.rot90(RGB, 2), 4: RGB[::-1], 5: RGB.swapaxes(0, 1),
                6: np.rot90(RGB), 7: np.rot90(RGB, 2).swapaxes(0, 1), 8: np.rot90(RGB, -1)}
"""How an image is stored that its EXIF orientation turns upright."""


def encoded(suffix: str, pixels: np.ndarray) -> bytes:
    """Return the file of an image, gray, RGB or RGBA; WebP without loss."""
    if pixels.ndim == 3:
        pixels = pixels[..., [2, 1, 0, 3][:pixels.shape[2]]]
    settings = [cv2.IMWRITE_WEBP_QUALITY, 101] if suffix == '.webp' else []
    return cv2.imencode(suffix, np.ascontiguousarray(pixels), settings)[1].tobytes()


def with_alpha(pixels: np.ndarray, corner: int = 254) -> np.ndarray:
    """Return an image with an alpha channel that is opaque but for one corner."""
    alpha = np.full((*pixels.shape[:2], 1), 255, np.uint8)
    alpha[0, 0] = corner
    return np.concatenate([pixels, alpha], axis=2)


def exif(orientation: int, order: str = '<') -> bytes:
    """Return EXIF data with nothing but an orientation."""
    start = b'II*\0' if order == '<' else b'MM\0*'
    return start + struct.pack(order + 'IHHHIHHI', 8, 1, 0x0112, 3, 1, orientation, 0, 0)


def png_with(data: bytes, name: bytes, content: bytes) -> bytes:
    """Return a PNG file with one more chunk, before its pixels."""
    chunk = name + content
    return (data[:33] + struct.pack('>I', len(content)) + chunk
            + struct.pack('>I', zlib.crc32(chunk)) + data[33:])


def webp_with_exif(data: bytes, content: bytes, width: int, height: int) -> bytes:
    """Return a lossless WebP file as an extended one with EXIF data."""
    size = (width - 1).to_bytes(3, 'little') + (height - 1).to_bytes(3, 'little')
    body = (b'WEBPVP8X' + struct.pack('<II', 10, 0x18) + size + data[12:]
            + b'EXIF' + struct.pack('<I', len(content)) + content + b'\0' * (len(content) % 2))
    return b'RIFF' + struct.pack('<I', len(body)) + body


@pytest.mark.parametrize('orientation', ORIENTATIONS)
@pytest.mark.parametrize('channels', [3, 4])
def test_the_orientation_of_png_and_webp_counts_with_alpha_too(orientation, channels):
    stored = ORIENTATIONS[orientation]
    stored = with_alpha(stored) if channels == 4 else stored
    height, width = stored.shape[:2]
    for data in (png_with(encoded('.png', stored), b'eXIf', exif(orientation, '>')),
                 webp_with_exif(encoded('.webp', stored), exif(orientation), width, height),
                 webp_with_exif(encoded('.webp', stored), b'Exif\0\0' + exif(orientation),
                                width, height)):
        given = decode_image(data)
        assert given.shape == RGB.shape
        assert np.abs(given.astype(int) - RGB).max() <= 1


@pytest.mark.parametrize('content', [b'', b'II*\0', exif(0), exif(9), exif(6)[:12], b'x' * 40])
def test_broken_exif_data_means_upright(content):
    assert np.array_equal(decode_image(png_with(encoded('.png', RGB), b'eXIf', content)), RGB)


@pytest.mark.parametrize('dtype, full', [
    (np.float32, 1.0), (np.float64, 1.0), (np.float32, 255.0), (np.float32, 65535.0)])
@pytest.mark.parametrize('shape', ['gray', 'rgb', 'rgba'])
def test_floating_point_tiffs_are_read(dtype, full, shape):
    image = {'gray': RGB[..., 0], 'rgb': RGB, 'rgba': with_alpha(RGB, 255)}[shape]
    given = decode_image(encoded('.tiff', (image / 255.0 * full).astype(dtype)))
    expected = RGB if shape != 'gray' else RGB[..., :1].repeat(3, 2)
    assert np.abs(given.astype(int) - expected).max() <= 1 + (full == 255.0)


def test_what_is_no_number_is_black_and_lights_are_white():
    pixels = np.full((8, 8, 3), 0.5, np.float32)
    pixels[0, 0], pixels[0, 1], pixels[0, 2], pixels[0, 3] = np.nan, np.inf, 30.0, -2.0
    given = decode_image(encoded('.tiff', pixels))
    assert given[0, :5, 0].tolist() == [0, 255, 255, 0, 128]


@pytest.mark.parametrize('bits', [8, 10, 12, 14, 16])
def test_fewer_bits_in_16_are_stretched(bits):
    stored = (RGB.astype(np.uint16) << 8 | RGB) >> 16 - bits
    assert np.abs(decode_image(encoded('.png', stored)).astype(int) - RGB).max() <= 1


def bmp_with_alpha(alpha: int) -> bytes:
    """Return a BMP file of 32 bit with a V4 header that names a mask for alpha."""
    height, width = RGB.shape[:2]
    pixels = np.dstack([RGB[::-1, :, ::-1], np.full((height, width), alpha, np.uint8)]).tobytes()
    header = (struct.pack('<IiiHHIIiiII', 108, width, height, 1, 32, 3, len(pixels), 0, 0, 0, 0)
              + struct.pack('<4I', 0xff0000, 0xff00, 0xff, 0xff000000) + b'BGRs' + bytes(48))
    return (b'BM' + struct.pack('<IHHI', 14 + len(header) + len(pixels), 0, 0, 14 + len(header))
            + header + pixels)


@pytest.mark.parametrize('data', [
    bmp_with_alpha(0), bmp_with_alpha(255), encoded('.png', with_alpha(RGB, 255)),
    encoded('.png', np.dstack([RGB, np.zeros(RGB.shape[:2], np.uint8)])),
    encoded('.png', np.dstack([RGB, np.ones(RGB.shape[:2], np.uint8)]))],
    ids=['BMP 0', 'BMP 255', 'PNG 255', 'PNG 0', 'PNG 1'])
def test_alpha_that_nobody_filled_in_hides_nothing(data):
    assert np.array_equal(decode_image(data), RGB)


def test_an_image_of_too_many_pixels_is_told_so(tmp_path):
    path = tmp_path / 'huge.png'
    chunk = b'IHDR' + struct.pack('>IIBBBBB', 40000, 30000, 1, 0, 0, 0, 0)
    path.write_bytes(b'\x89PNG\r\n\x1a\n' + struct.pack('>I', 13) + chunk
                     + struct.pack('>I', zlib.crc32(chunk)))
    with pytest.raises(InputError, match=r'huge\.png is 40000x30000 px, 1200 megapixels'):
        read_image(path)


def pillow_file(kind: str, **settings) -> bytes:
    """Return RGB as a file that Pillow writes."""
    image = pytest.importorskip('PIL.Image')
    stored = io.BytesIO()
    image.fromarray(np.ascontiguousarray(ORIENTATIONS[6])).save(stored, kind, **settings)
    return stored.getvalue()


def test_gif_and_avif_are_read():
    given = decode_image(pillow_file('GIF'))
    assert np.abs(given.astype(int) - ORIENTATIONS[6]).mean() < 12
    image = pytest.importorskip('PIL.Image')
    image.init()
    if 'AVIF' not in image.SAVE:
        pytest.skip('this Pillow writes no AVIF')
    data = pillow_file('AVIF', quality=100, exif=b'Exif\0\0' + exif(6))
    assert np.abs(decode_image(data).astype(int) - RGB).mean() < 12
    header = read_header(data)
    assert (header.media_type, header.width, header.height) == ('image/avif', 24, 32)


def test_gif_needs_no_pillow_where_opencv_reads_it(monkeypatch):
    data = pillow_file('GIF')
    monkeypatch.setitem(sys.modules, 'PIL', None)
    try:
        assert decode_image(data).shape == (32, 24, 3)
    except UnreadFormat as error:
        assert 'Pillow' in str(error)


def heic_header(width: int, height: int) -> bytes:
    """Return the beginning of a HEIC file of tiles of 512 px."""
    def box(kind: bytes, content: bytes) -> bytes:
        return struct.pack('>I4s', 8 + len(content), kind) + content
    sizes = b''.join(box(b'ispe', struct.pack('>III', 0, *size))
                     for size in ((512, 512), (width, height), (160, 120)))
    return (box(b'ftyp', b'heic\0\0\0\0mif1heic')
            + box(b'meta', bytes(4) + box(b'hdlr', bytes(24)) + box(b'iprp', box(b'ipco', sizes))))


def test_what_reads_heic_is_named(monkeypatch, tmp_path):
    header = read_header(heic_header(4032, 3024))
    assert (header.media_type, header.width, header.height) == ('image/heic', 4032, 3024)
    monkeypatch.setitem(sys.modules, 'pillow_heif', None)
    path = tmp_path / 'IMG_1.HEIC'
    path.write_bytes(heic_header(4032, 3024))
    with pytest.raises(InputError, match='IMG_1.HEIC is an image of the format HEIC, which is '
                       'read where pillow-heif is installed'):
        read_image(path)


def noisy_files(folder: Path) -> list[Path]:
    """Write a PNG that libpng warns of, and a JPEG that libjpeg warns of."""
    png = png_with(encoded('.png', RGB), b'iCCP', b'bad\0\0' + zlib.compress(b'no profile'))
    jpeg = bytearray(encoded('.jpg', RGB))
    end = jpeg.rindex(b'\xff\xd9')
    jpeg[end:end] = b'\x12\x34\x56\x78' * 20
    jpeg[20] = 0
    paths = [folder / 'a.png', folder / 'b.jpg']
    for path, data in zip(paths, (png, bytes(jpeg))):
        path.write_bytes(data)
    return paths


def test_libpng_and_libjpeg_print_nothing_beside_an_image(tmp_path, capfd):
    for path in noisy_files(tmp_path):
        try:
            read_image(path)
        except InputError:
            pass
    assert capfd.readouterr().err == ''


def test_what_others_print_while_images_are_decoded_comes_out(capfd):
    both_inside, printed = threading.Barrier(2), threading.Event()

    def other() -> None:
        with quiet_decoders():
            both_inside.wait()
            printed.wait()

    thread = threading.Thread(target=other)
    thread.start()
    with quiet_decoders():
        both_inside.wait()
        os.write(2, b'libpng warning: iCCP\na line of ours\nCorrupt JPEG data: 3 bytes\n')
    printed.set()
    thread.join()
    os.write(2, b'after\n')
    assert capfd.readouterr().err == 'a line of ours\nafter\n'
