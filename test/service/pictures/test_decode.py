# SPDX-License-Identifier: Apache-2.0
"""Each kind of picture gets its right answer, each non-picture one clear refusal."""

import struct
import tracemalloc
import zlib

from emorec_vision.still_image.header import ImageHeader
from emorec_vision.still_image.header import MAX_PIXELS
import numpy as np
import pytest
from service.picture_files import encode
from service.picture_files import refusal
from service.picture_files import SUFFIXES
from service.picture_files import with_exif_orientation

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.pictures.decode import from_base64  # noqa: E402, I100
from emorec_service.pictures.decode import open_picture  # noqa: E402
from emorec_service.refused import Refused  # noqa: E402


def png_of_size(width: int, height: int) -> bytes:
    """Return a PNG file that claims a size and holds a few bytes."""
    chunk = b'IHDR' + struct.pack('>IIBBBBB', width, height, 8, 2, 0, 0, 0)
    return (b'\x89PNG\r\n\x1a\n' + struct.pack('>I', 13) + chunk
            + struct.pack('>I', zlib.crc32(chunk)))


@pytest.mark.parametrize('suffix', ['.jpg', '.png', '.pgm', '.tiff', '.webp'])
def test_gray_becomes_three_equal_channels(suffix, astronaut):
    pixels = open_picture(encode(suffix, astronaut[..., 0]), MAX_PIXELS).pixels
    assert pixels.shape == (512, 512, 3)
    assert np.abs(np.ptp(pixels.astype(int), axis=2)).max() <= 2


@pytest.mark.parametrize('suffix', ['.png', '.tiff'])
def test_16_bit_become_8(suffix, astronaut):
    pixels = open_picture(encode(suffix, astronaut.astype(np.uint16) * 257), MAX_PIXELS).pixels
    assert np.array_equal(pixels, astronaut)


@pytest.mark.parametrize('suffix', ['.png', '.webp'])
def test_what_is_transparent_lies_over_white(suffix, astronaut):
    alpha = np.zeros((512, 512, 1), np.uint8)
    alpha[:, 256:] = 255
    pixels = open_picture(encode(suffix, np.concatenate([astronaut, alpha], axis=2)),
                          MAX_PIXELS).pixels
    assert (pixels[:, :250] == 255).all()
    assert np.abs(pixels[:, 260:].astype(int) - astronaut[:, 260:]).mean() < 6


@pytest.mark.parametrize('dtype', [np.uint8, np.uint16])
def test_a_transparent_picture_does_not_take_many_times_its_size(dtype):
    data = encode('.png', np.zeros((1500, 1500, 4), dtype))
    tracemalloc.start()
    pixels = open_picture(data, MAX_PIXELS).pixels
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (pixels == 255).all()
    assert peak < 30 * 1500 * 1500


@pytest.mark.parametrize('orientation, turned', [
    (1, lambda rgb: rgb), (3, lambda rgb: rgb[::-1, ::-1]),
    (6, lambda rgb: np.rot90(rgb, -1)), (8, lambda rgb: np.rot90(rgb, 1))])
def test_exif_orientation_turns_the_picture(orientation, turned, astronaut):
    data = with_exif_orientation(encode('.jpg', astronaut[:400]), orientation)
    expected = turned(astronaut[:400])
    pixels = open_picture(data, MAX_PIXELS).pixels
    assert pixels.shape == expected.shape
    assert np.abs(pixels.astype(int) - expected).mean() < 6


@pytest.mark.parametrize('data, status, said', [
    (b'', 400, 'empty'), (b'hello, this is text', 415, 'known format'),
    (b'GIF89a' + b'\0' * 40, 422, 'damaged'), (b'%PDF-1.7', 415, 'known format'),
    (b'<svg xmlns="http://www.w3.org/2000/svg"/>', 415, 'known format'),
    (b'\x89PNG\r\n\x1a\n', 422, 'damaged'), (b'\xff\xd8\xff', 422, 'damaged'),
    (b'BM', 422, 'damaged'), (b'II*\0\xff\xff\xff\xff', 422, 'damaged'),
    (b'RIFF\0\0\0\0WEBPVP8X', 422, 'damaged'), (b'P6\n0 0\n255\n', 422, 'damaged'),
    (png_of_size(0, 5), 422, 'damaged'), (png_of_size(5, 5), 422, 'damaged'),
    (png_of_size(30000, 30000), 413, '30000x30000 px, 900 megapixels (a decompression bomb?)'),
    (b'P6\n99999999999 99999999999\n255\n', 413, 'megapixels')])
def test_what_is_no_picture_gets_one_line(data, status, said):
    got, line = refusal(data)
    assert (got, said in line, '\n' in line) == (status, True, False), line


def test_floating_point_with_transparency_is_read():
    data = encode('.tiff', np.full((20, 20, 4), 0.5, np.float32))
    assert (open_picture(data, MAX_PIXELS).pixels == 191).all()


def test_a_size_that_the_header_did_not_tell_is_refused(monkeypatch, astronaut):
    monkeypatch.setattr('emorec_service.pictures.decode.read_header',
                        lambda data: ImageHeader('image/png', 5, 5))
    assert refusal(encode('.png', astronaut))[0] == 422


def test_bytes_at_random_never_raise_anything_else(astronaut):
    rng = np.random.default_rng(1)
    for suffix in SUFFIXES:
        whole = np.frombuffer(encode(suffix, astronaut[:64, :64]), np.uint8)
        for _ in range(20):
            data = whole[:rng.integers(1, len(whole) + 1)].copy()
            places = rng.integers(0, min(len(data), 200), 3)
            data[places] = rng.integers(0, 256, 3)
            try:
                assert open_picture(data.tobytes(), MAX_PIXELS).pixels.dtype == np.uint8
            except Refused as refused:
                assert refused.status_code in (413, 415, 422)


def test_base64_may_be_wrapped_but_not_broken():
    assert from_base64('aGVs\nbG8 =') == b'hello'
    with pytest.raises(Refused, match='base64'):
        from_base64('not base64!')
    with pytest.raises(Refused, match='base64'):
        from_base64('\u00e9\ud800')
