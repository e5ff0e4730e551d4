# SPDX-License-Identifier: Apache-2.0
"""Every encoding that a camera has becomes its colours and its gray, or one clear line."""

from camera_encodings import blocks
from camera_encodings import CAMERAS
from camera_encodings import centres
from camera_encodings import gray_of
from camera_encodings import image_message
from camera_encodings import yuv_of
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message import to_depth
from emorec_vision.image_message import to_gray
from emorec_vision.image_message import to_rgb
from emorec_vision.image_message import UnreadEncoding
from emorec_vision.image_message.image_encodings import DEPTH_ENCODINGS
from emorec_vision.image_message.image_encodings import ENCODINGS
import numpy as np
import pytest

YUV = ('yuv422', 'uyvy', 'yuv422_yuy2', 'yuyv', 'nv12', 'nv21')
GRAY = ('mono8', 'mono16', '8UC1')


def test_every_encoding_that_is_read_is_tested_here():
    assert {*CAMERAS, *DEPTH_ENCODINGS} == set(ENCODINGS)


@pytest.mark.parametrize('big', [False, True])
@pytest.mark.parametrize('padding', [0, 8])
@pytest.mark.parametrize('encoding', CAMERAS)
def test_colours_and_gray_are_those_of_the_scene(encoding, padding, big):
    scene = blocks()
    message = image_message(CAMERAS[encoding](scene), encoding, padding, big)
    rgb, gray = to_rgb(message), to_gray(message)
    assert (rgb.shape, rgb.dtype) == (scene.shape, np.uint8)
    assert (gray.shape, gray.dtype) == (scene.shape[:2], np.uint8)
    colours = centres(scene)
    luma = yuv_of(colours)[..., 0] if encoding in YUV else gray_of(colours)
    if encoding in GRAY:
        colours = np.repeat(np.rint(luma)[..., None], 3, axis=2)
    assert np.abs(centres(rgb) - colours.astype(float)).max() <= (3 if encoding in YUV else 1)
    assert np.abs(centres(gray) - luma).max() <= 1


@pytest.mark.parametrize('encoding', CAMERAS)
@pytest.mark.parametrize('width', range(1, 5))
@pytest.mark.parametrize('height', range(1, 5))
def test_the_smallest_images_are_read_or_refused(encoding, width, height):
    needs_even = ENCODINGS[encoding].columns == 2, ENCODINGS[encoding].lines == 2
    step = 16 * width
    message = image_message(np.zeros((1, 1), np.uint8), encoding, width=width, height=height,
                            step=step, data=bytes(2 * step * height))
    if (width % 2 and needs_even[0]) or (height % 2 and needs_even[1]):
        with pytest.raises(ImageMessageError, match='even in'):
            to_gray(message)
    else:
        assert to_gray(message).shape == to_rgb(message).shape[:2] == (height, width)


@pytest.mark.parametrize('encoding, width, height, told', [
    ('yuv422', 31, 16, 'the image is 31x16 px, but the width is even in yuv422'),
    ('yuv422_yuy2', 31, 16, 'the width is even in yuv422_yuy2'),
    ('nv12', 31, 16, 'the width and height are even in nv12'),
    ('nv21', 32, 15, 'the width and height are even in nv21')])
def test_sizes_that_an_encoding_cannot_have_are_refused(encoding, width, height, told):
    message = image_message(CAMERAS[encoding](blocks()), encoding, width=width, height=height)
    for convert in (to_gray, to_rgb):
        with pytest.raises(ImageMessageError, match=told):
            convert(message)


def test_the_colours_of_nv12_are_missed_where_they_are_not_there():
    message = image_message(CAMERAS['nv12'](blocks())[:16], 'nv12', height=16)
    with pytest.raises(ImageMessageError, match='512 bytes .* step 32 x rows 24 needs 768'):
        to_gray(message)


@pytest.mark.parametrize('bits', [8, 10, 12, 14, 16])
def test_gray_of_fewer_bits_than_16_is_as_bright(bits):
    gray = CAMERAS['mono8'](blocks())
    wide = gray.astype(np.uint16) << (bits - 8)
    assert np.array_equal(to_gray(image_message(wide, 'mono16')), gray)


@pytest.mark.parametrize('scale, darkest', [(1.0, np.nan), (1.2, np.nan), (255.0, np.inf)])
def test_floats_are_shares_of_white_or_levels(scale, darkest):
    shares = (blocks()[..., ::-1] / 255).astype(np.float32) * np.float32(scale)
    shares[0, 0] = darkest
    rgb = to_rgb(image_message(shares, '32FC3'))
    expected = np.minimum(blocks() * (1.2 if scale == 1.2 else 1.0), 255)
    expected[0, 0] = 0
    assert np.abs(rgb - expected).max() <= 0.51


@pytest.mark.parametrize('encoding', ['nv24', 'yuv444', '', '64FC1', 'x' * 10_000])
def test_another_encoding_is_named_with_what_is_read(encoding):
    message = image_message(blocks(), encoding)
    for convert in (to_gray, to_rgb):
        with pytest.raises(UnreadEncoding) as refusal:
            convert(message)
        assert f'encoding {encoding[:40]!r} is not read; read are rgb8, ' in str(refusal.value)
        assert 'bayer_*8' in str(refusal.value) and len(str(refusal.value)) < 400


@pytest.mark.parametrize('encoding', ['16UC1', '32FC1'])
def test_depth_is_no_gray_image_and_a_mosaic_no_depth(encoding):
    message = image_message(np.zeros((4, 4), ENCODINGS[encoding].dtype), encoding)
    with pytest.raises(UnreadEncoding, match='is depth, no colour or gray image'):
        to_gray(message)
    assert to_depth(message).shape == (4, 4)
    with pytest.raises(UnreadEncoding, match='neither 16UC1'):
        to_depth(image_message(CAMERAS['bayer_rggb16'](blocks()), 'bayer_rggb16'))
