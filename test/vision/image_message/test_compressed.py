# SPDX-License-Identifier: Apache-2.0
"""Compressed images are what they were before, and hostile bytes are refused in one line."""

from types import SimpleNamespace

from camera_encodings import blocks
from camera_encodings import CAMERAS
from camera_encodings import centres
from camera_encodings import gray_of
import cv2
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import to_depth
from emorec_vision.image_message import to_gray
from emorec_vision.image_message import to_rgb
from emorec_vision.image_message import UnreadEncoding
from emorec_vision.image_message.compressed import decompressed
import numpy as np
import pytest

COLOUR = 'rgb8; jpeg compressed bgr8'
DEPTH = '16UC1; compressedDepth png'
MILLIMETRES = np.arange(500, 500 + 48 * 64, dtype=np.uint16).reshape(48, 64)
MILLIMETRES[:, :5] = 0
RVL = [
    ([0, 0, 0, 700, 701, 699, 0, 65535, 1, 0, 0, 0, 0, 0, 0, 0, *[2000] * 8,
      2000, 2001, 1999, 2100, 1900, 4000, 500, 0],
     '23d28f33f3ad89127ff3ffbf0070be1e3a020000d968f99311ddfa8100000000'),
    ([9, 0, 0, 700, 701, 699, 0, 65535, 1, 0, 0, 0, 0, 0, 0, 0, *[2000] * 8,
      2000, 2001, 1999, 2100, 1900, 4000, 500, 12345],
     'ec23a201891223d2ffbff3adbe2e78f300000070f9933a02fa81d968e59a1add')]
"""Depth, 4 x 8, and what the RvlCodec of compressed_depth_image_transport makes of it."""


def compressed(data, text=COLOUR):
    """Return a message of no ROS."""
    return SimpleNamespace(header='header', format=text, data=bytes(data))


def encode(suffix, pixels):
    """Return the bytes of a file."""
    return cv2.imencode(suffix, pixels)[1].tobytes()


def depth(pixels, text=DEPTH, slope=0.0, offset=0.0):
    """Return a message of compressedDepth with an image as PNG."""
    parameters = np.array([slope, offset], '<f4').tobytes()
    return compressed(bytes(4) + parameters + encode('.png', pixels), text)


def rvl(width, height, data):
    """Return a message of compressedDepth with RVL."""
    size = np.array([width, height], '<u4').tobytes()
    return compressed(bytes(12) + size + data, '16UC1; compressedDepth rvl')


def png_size(data, width, height):
    """Return a PNG file that says another size."""
    return data[:16] + width.to_bytes(4, 'big') + height.to_bytes(4, 'big') + data[24:]


def jpeg_size(data, width, height):
    """Return a JPEG file that says another size."""
    place = data.index(b'\xff\xc0') + 5
    return data[:place] + height.to_bytes(2, 'big') + width.to_bytes(2, 'big') + data[place + 4:]


JPEG = encode('.jpg', blocks()[..., ::-1])
PNG = encode('.png', blocks()[..., ::-1])


@pytest.mark.parametrize('text', [
    COLOUR, 'bgr8; jpeg compressed bgr8', 'yuv422_yuy2; jpeg compressed bgr8', 'jpeg', 'jpg', ''])
def test_jpeg_of_any_camera_keeps_its_colours_and_its_gray(text):
    message = compressed(JPEG, text)
    colours = centres(blocks()).astype(float)
    assert np.abs(centres(to_rgb(message)) - colours).max() < 12
    assert np.abs(centres(to_gray(message)) - gray_of(colours)).max() < 3
    decoded = decompressed(message)
    assert (decoded.header, decoded.width, decoded.height) == ('header', 32, 16)


def test_a_jpeg_that_says_its_order_is_rgb_is_taken_at_its_word():
    message = compressed(encode('.jpg', blocks()), 'rgb8; jpeg compressed rgb8')
    colours = centres(blocks()).astype(float)
    assert np.abs(centres(to_rgb(message)) - colours).max() < 12
    assert np.abs(centres(to_gray(message)) - gray_of(colours)).max() < 5


@pytest.mark.parametrize('encoding', ['bgr8', 'bgra8', 'mono8', 'mono16', 'bgr16', 'bayer_grbg8'])
def test_png_is_the_image_itself(encoding):
    pixels = CAMERAS[encoding](blocks())
    message = compressed(encode('.png', pixels), f'{encoding}; png compressed {encoding}')
    colours = centres(blocks()).astype(float)
    gray = gray_of(colours)
    if encoding.startswith('mono'):
        colours = np.repeat(gray[..., None], 3, axis=2)
    assert np.abs(centres(to_rgb(message)) - colours).max() <= 1
    assert np.abs(centres(to_gray(message)) - gray).max() <= 1


def test_the_exif_orientation_does_not_turn_what_camera_info_describes():
    turned = (b'\xff\xe1\x00\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0'
              b'\0\0\0\0')
    message = compressed(JPEG[:2] + turned + JPEG[2:])
    assert cv2.imdecode(np.frombuffer(message.data, np.uint8), 1).shape[:2] == (32, 16)
    assert to_rgb(message).shape[:2] == to_gray(message).shape == (16, 32)


def test_bytes_behind_a_jpeg_do_no_harm():
    assert to_gray(compressed(JPEG + bytes(1000))).shape == (16, 32)


@pytest.mark.parametrize('text', [DEPTH, '16UC1; compressedDepth', '16UC1'])
def test_depth_in_millimetres_is_exact(text):
    assert np.array_equal(to_depth(depth(MILLIMETRES, text)), MILLIMETRES)


def test_depth_as_a_plain_png_is_read_too():
    message = compressed(encode('.png', MILLIMETRES), '16UC1; png compressed ')
    assert np.array_equal(to_depth(message), MILLIMETRES)


def test_depth_in_metres_is_as_near_as_it_was_quantised():
    metres = (MILLIMETRES / 1000).astype(np.float32)
    slope = 100.0 * 101.0  # depth_quantization 100 and depth_max 10 of the plugin
    offset = 1.0 - slope / 10.0
    with np.errstate(divide='ignore'):
        inverse = np.where(metres > 0, slope / metres + offset, 0).astype(np.uint16)
    found = to_depth(depth(inverse, '32FC1; compressedDepth png', slope, offset))
    assert found.dtype == np.float32 and np.isnan(found[:, :5]).all()
    assert np.abs(found - metres)[:, 5:].max() < 0.002


@pytest.mark.parametrize('readings, data', RVL)
def test_rvl_is_what_the_codec_of_image_transport_made_of_it(readings, data):
    found = to_depth(rvl(8, 4, bytes.fromhex(data)))
    assert found.dtype == np.uint16 and found.ravel().tolist() == readings


def test_rvl_without_any_reading_is_no_depth_everywhere():
    assert not to_depth(rvl(8, 4, bytes.fromhex('00000084'))).any()


@pytest.mark.parametrize('data', [
    b'', b'\xff', b'not an image at all', JPEG[:2], JPEG[:100], JPEG[:len(JPEG) // 2], JPEG[:-2],
    PNG[:20], PNG[:len(PNG) // 2], PNG[:-12], encode('.bmp', blocks()),
    PNG[:60] + bytes(20) + PNG[80:], jpeg_size(JPEG, 0, 0), jpeg_size(JPEG, 65535, 65535),
    png_size(PNG, 2**31 - 1, 2**31 - 1), png_size(PNG, 33, 16)])
def test_bytes_that_are_no_whole_image_are_refused_in_one_line(data):
    for convert in (to_gray, to_rgb):
        with pytest.raises(ImageMessageError, match='the compressed image') as refusal:
            convert(compressed(data))
        assert '\n' not in str(refusal.value) and not isinstance(refusal.value, UnreadEncoding)


@pytest.mark.parametrize('message', [
    depth(MILLIMETRES), compressed(JPEG)], ids=['depth', 'JPEG'])
def test_every_beginning_of_a_message_is_refused(message):
    convert = to_gray if message.format == COLOUR else to_depth
    for end in range(0, len(message.data), 7):
        with pytest.raises(ImageMessageError):
            convert(compressed(message.data[:end], message.format))


@pytest.mark.parametrize('message', [
    compressed(jpeg_size(JPEG, 5001, 5001)), compressed(png_size(PNG, 25_000_001, 1)),
    compressed(bytes(12) + png_size(PNG, 60_000, 60_000), DEPTH), rvl(2**16, 2**16, bytes(80))])
def test_a_bomb_is_not_decoded(message, monkeypatch):
    monkeypatch.setattr(cv2, 'imdecode', lambda *arguments: pytest.fail('it was decoded'))
    convert = to_gray if message.format == COLOUR else to_depth
    with pytest.raises(ImageMessageError, match=r'says it is \d+x\d+ px; read are up to 25 mega'):
        convert(message)


@pytest.mark.parametrize('data', [
    b'', bytes(3), bytes.fromhex(RVL[0][1])[:-8], bytes.fromhex(RVL[0][1])[:10], b'\xff' * 64,
    bytes(64), np.random.default_rng(0).bytes(64)])
def test_damaged_rvl_is_refused(data):
    with pytest.raises(ImageMessageError, match='damaged or cut short'):
        to_depth(rvl(8, 4, data))


@pytest.mark.parametrize('slope, offset', [(0, 0), (np.nan, np.nan), (-1, 1e30), (np.inf, 500)])
def test_strange_quantisation_is_no_more_than_no_depth(slope, offset):
    found = to_depth(depth(MILLIMETRES, '32FC1; compressedDepth png', slope, offset))
    assert found.shape == MILLIMETRES.shape


@pytest.mark.parametrize('message, convert, told', [
    (compressed(JPEG, 'h264'), to_gray, "format 'h264' is not read; read are jpeg and png"),
    (compressed(b'', 'x' * 10_000), to_rgb, 'is not read'),
    (compressed(JPEG), to_depth, "depth encoding 'bgr8' is neither 16UC1"),
    (depth(MILLIMETRES), to_gray, "encoding '16UC1' is depth, no colour or gray"),
    (depth(MILLIMETRES, 'rgb8; compressedDepth png'), to_depth, 'is not read; read is compressed'),
    (depth(MILLIMETRES.astype(np.uint8)), to_depth, 'no image of 16 bits'),
    (depth(blocks()), to_depth, 'no image of 16 bits')])
def test_what_is_of_another_kind_is_named(message, convert, told):
    with pytest.raises(ImageMessageError, match=told) as refusal:
        convert(message)
    assert isinstance(refusal.value, UnreadEncoding) == ('16 bits' not in told)
    assert len(str(refusal.value)) < 400
