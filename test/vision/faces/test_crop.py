# SPDX-License-Identifier: Apache-2.0
"""The face crop is one contract for training and life."""

import cv2
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import face_input
from emorec_vision.faces.crop import padded_square
from emorec_vision.geometry import Box
import numpy as np
import pytest


@pytest.fixture(scope='module')
def image() -> np.ndarray:
    """Return a smooth image with detail, uint8 (240, 320)."""
    noise = np.random.default_rng(1).integers(0, 256, (240, 320)).astype(np.uint8)
    return cv2.GaussianBlur(noise, (0, 0), 2.0)


def whole(image: np.ndarray) -> Box:
    """Return the box of a whole image."""
    return Box(0, 0, image.shape[1], image.shape[0])


def test_a_image_of_the_input_size_comes_back_bit_for_bit(image):
    small = np.ascontiguousarray(image[:48, :48])
    assert np.array_equal(face_input(small, whole(small), whole(small), 48), small)


@pytest.mark.parametrize('box, interpolation', [
    (Box(40, 30, 96, 96), cv2.INTER_AREA),
    (Box(40, 30, 131, 131), cv2.INTER_AREA),
    (Box(100, 100, 49, 49), cv2.INTER_AREA),
    (Box(40, 30, 47, 47), cv2.INTER_LINEAR),
    (Box(40, 30, 20, 20), cv2.INTER_LINEAR),
])
def test_it_equals_opencvs_resize_of_the_box(image, box, interpolation):
    cut = image[box.y:box.y + box.height, box.x:box.x + box.width]
    expected = cv2.resize(cut, (48, 48), interpolation=interpolation)
    given = face_input(cut, box, box, 48)
    assert np.abs(given.astype(int) - expected).max() <= 1


@pytest.mark.parametrize('box', [Box(40, 30, 96, 96), Box(-12, -9, 60, 60),
                                 Box(280, 200, 70, 70), Box(60, 60, 33, 33)])
def test_a_context_crop_changes_nothing_while_it_is_not_shrunk(image, box):
    crop, crop_box = context_crop(image, box, max_side=1000)
    from_crop = face_input(crop, crop_box, box, 48)
    from_image = face_input(image, whole(image), box, 48)
    assert np.array_equal(from_crop, from_image)


def test_what_lies_outside_the_image_repeats_its_edge(image):
    box = Box(-20, 30, 96, 96)
    padded = cv2.copyMakeBorder(image, 50, 50, 50, 50, cv2.BORDER_REPLICATE)
    cut = padded[80:80 + 96, 30:30 + 96]
    expected = cv2.resize(cut, (48, 48), interpolation=cv2.INTER_AREA)
    given = face_input(image, whole(image), box, 48)
    assert np.abs(given.astype(int) - expected).max() <= 1


@pytest.mark.parametrize('offset', [0, 1, 2, 3])
def test_a_shrunk_crop_keeps_the_face_in_place_to_the_sub_pixel(offset):
    ramp = np.tile(np.linspace(0, 255, 640), (480, 1))
    image = np.rint(ramp).astype(np.uint8)
    box = Box(211 + offset, 97, 203, 203)
    crop, crop_box = context_crop(image, box)
    given = face_input(crop, crop_box, box, 48)
    edges = box.x + np.arange(49) * box.width / 48
    expected = (edges[:-1] + edges[1:] - 1) / 2 * 255 / 639
    columns_off = (given - expected).mean() / (255 / 639)
    assert abs(columns_off) < 0.2


@pytest.mark.parametrize('side', [40, 100, 107, 200, 400])
def test_a_crop_has_at_most_the_longest_side(side):
    image = np.zeros((480, 640), np.uint8)
    crop, crop_box = context_crop(image, Box(30, 20, side, side))
    assert max(crop.shape) == min(160, max(crop_box.width, crop_box.height))
    assert abs(crop.shape[0] / crop.shape[1] - crop_box.height / crop_box.width) < 0.02


def test_a_crop_has_a_quarter_of_context_on_each_side_and_is_clipped(image):
    crop, crop_box = context_crop(image, Box(100, 100, 40, 40))
    assert crop_box == Box(90, 90, 60, 60)
    assert np.array_equal(crop, image[90:150, 90:150])
    assert context_crop(image, Box(0, 220, 40, 40))[1] == Box(0, 210, 50, 30)


def test_a_crop_owns_its_pixels_in_one_piece(image):
    crop, _ = context_crop(image, Box(100, 100, 40, 40))
    assert crop.flags['C_CONTIGUOUS']
    assert crop.dtype == np.uint8


@pytest.mark.parametrize('box', [Box(400, 10, 40, 40), Box(10, -200, 40, 40)])
def test_a_box_outside_the_image_is_refused(image, box):
    with pytest.raises(ValueError, match='outside'):
        context_crop(image, box)


def test_empty_boxes_are_refused(image):
    with pytest.raises(ValueError, match='empty'):
        face_input(image, whole(image), Box(5, 5, 0, 4), 48)


def test_a_crop_of_one_pixel_fills_the_input():
    box = Box(3, 4, 1, 1)
    assert np.all(face_input(np.full((1, 1), 77, np.uint8), box, box, 48) == 77)


@pytest.mark.parametrize('box, columns, rows', [
    (Box(10, 20, 100, 100), (0, 128), (0, 128)),
    (Box(10, 20, 100, 50), (0, 128), (32, 96)),
    (Box(300, 20, 40, 40), (32, 96), (0, 128)),
    (Box(10, 20, 640, 1), (0, 128), (63, 64)),
])
def test_a_padded_square_keeps_the_proportions(
    box: Box, columns: tuple[int, int], rows: tuple[int, int]
) -> None:
    """The face, without what lies outside of the image, is centred on black."""
    red = np.full((240, 320, 3), (200, 40, 40), np.uint8)
    square = padded_square(red, box, 128)
    assert (square.shape, square.dtype) == ((128, 128, 3), np.uint8)
    face = square.any(axis=2)
    assert face[slice(*rows), slice(*columns)].all()
    assert face.sum() == (columns[1] - columns[0]) * (rows[1] - rows[0])
    assert (square[face] == (200, 40, 40)).all()


def test_a_padded_square_of_nothing_is_refused() -> None:
    """A face that lies outside of the image has no pixels."""
    with pytest.raises(ValueError, match='lies outside an image of 32x24'):
        padded_square(np.zeros((24, 32, 3), np.uint8), Box(40, 0, 10, 10), 128)
