# SPDX-License-Identifier: Apache-2.0
"""Image messages to arrays and back, and malformed ones."""

from emorec_ros.messages import images
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message.image_encodings import ENCODINGS
import numpy as np
import pytest
from sensor_msgs.msg import Image

COLOURS = {'rgb8': (0, 1, 2), 'bgr8': (2, 1, 0), 'rgba8': (0, 1, 2, 3), 'bgra8': (2, 1, 0, 3)}
RGBA = np.random.default_rng(0).integers(0, 256, (6, 8, 4), np.uint8)


@pytest.fixture
def without_bridge(monkeypatch: pytest.MonkeyPatch) -> None:
    """Use the conversions of emorec's own."""
    monkeypatch.setattr(images, 'cv_bridge', lambda: None)


@pytest.mark.parametrize('encoding, order', COLOURS.items())
def test_every_colour_order_becomes_rgb(
    encoding: str, order: tuple[int, ...], without_bridge: None
) -> None:
    """Red stays red, whatever the camera's order; transparency is ignored."""
    message = images.to_message(RGBA[..., list(order)], encoding)
    assert np.array_equal(images.to_rgb(message), RGBA[..., :3])


@pytest.mark.parametrize('encoding, order', COLOURS.items())
def test_gray_is_the_same_from_every_colour_order(
    encoding: str, order: tuple[int, ...], without_bridge: None
) -> None:
    """Gray is weighted by colour, not by position."""
    expected = images.to_gray(images.to_message(RGBA[..., :3], 'rgb8'))
    message = images.to_message(RGBA[..., list(order)], encoding)
    assert np.array_equal(images.to_gray(message), expected)


@pytest.mark.parametrize('encoding, dtype', [
    ('mono8', np.uint8), ('16UC1', np.uint16), ('32FC1', np.float32)])
def test_one_channel_round_trip(encoding: str, dtype: type, without_bridge: None) -> None:
    """Gray and depth arrive as they were sent."""
    sent = np.arange(48).reshape(6, 8).astype(dtype)
    received = images.to_array(images.to_message(sent, encoding))
    assert received.dtype == dtype
    assert np.array_equal(received, sent)


def test_padded_rows_and_big_endian_depth_are_understood(without_bridge: None) -> None:
    """A step larger than the row, and the other byte order."""
    depth = np.arange(48, dtype=np.uint16).reshape(6, 8) * 257 + 1
    padded = np.zeros((6, 12), '>u2')
    padded[:, :8] = depth
    message = Image(height=6, width=8, step=24, encoding='16UC1', is_bigendian=True,
                    data=padded.tobytes())
    assert np.array_equal(images.to_depth(message), depth)


@pytest.mark.parametrize('changes, complaint', [
    ({'encoding': 'yuv444'}, "encoding 'yuv444' is not read; read are rgb8"),
    ({'width': 0}, 'empty'),
    ({'step': 23}, 'step 23 is less than the 24 bytes'),
    ({'height': 7}, '144 bytes of data'),
    ({'data': b''}, '0 bytes of data'),
])
def test_a_malformed_message_is_named(changes: dict, complaint: str) -> None:
    """Each fault gives one line that says what is wrong."""
    message = images.to_message(RGBA[..., :3], 'rgb8')
    for name, value in changes.items():
        setattr(message, name, value)
    with pytest.raises(ImageMessageError, match=complaint) as raised:
        images.to_rgb(message)
    assert '\n' not in str(raised.value)


def test_depth_is_not_a_colour_image_nor_the_other_way_round() -> None:
    """Topics mixed up by remapping are named."""
    with pytest.raises(ImageMessageError, match='neither 16UC1'):
        images.to_depth(images.to_message(RGBA[..., :3], 'rgb8'))
    with pytest.raises(ImageMessageError, match='is depth, no colour or gray'):
        images.to_gray(images.to_message(np.zeros((6, 8), np.uint16), '16UC1'))


@pytest.mark.parametrize('depth, complaint', [
    (np.zeros((3, 4), np.uint16), 'depth image is 4x3 px, the colour image 8x6 px: register'),
    (np.zeros((6, 8), np.uint8), 'depth encoding .* neither 16UC1')])
def test_depth_that_does_not_fit_its_colour_image_is_named(
    depth: np.ndarray, complaint: str
) -> None:
    """A camera that publishes raw depth gets a word about it."""
    message = images.to_message(depth, '16UC1' if depth.dtype == np.uint16 else 'mono8')
    with pytest.raises(ImageMessageError, match=complaint):
        images.depth_on(message, (6, 8))


@pytest.mark.parametrize('encoding', ['rgb8', 'bgr8', 'mono8', '16UC1', '32FC1'])
def test_own_conversion_equals_cv_bridge(
    encoding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways to convert give the same arrays."""
    if images.cv_bridge() is None:
        pytest.skip('cv_bridge cannot be imported here')
    dtype, channels = ENCODINGS[encoding].dtype, ENCODINGS[encoding].channels
    shape = (6, 8, 3) if channels == 3 else (6, 8)
    message = images.to_message(np.arange(np.prod(shape)).reshape(shape).astype(dtype), encoding)
    bridged = images.to_array(message)
    monkeypatch.setattr(images, 'cv_bridge', lambda: None)
    assert np.array_equal(images.to_array(message), bridged)
