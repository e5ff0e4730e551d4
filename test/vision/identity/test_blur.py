# SPDX-License-Identifier: Apache-2.0
"""A face out of focus is noticed, at any size, and made sharper."""

import cv2
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.geometry import Box
from emorec_vision.identity.blur import is_blurred
from emorec_vision.identity.blur import sharpened
import numpy as np
import pytest


@pytest.fixture(scope='module')
def portrait(astronaut) -> np.ndarray:
    """Return the astronaut in gray, with a face of 98 px at (176, 65)."""
    return cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)


def face_of(gray: np.ndarray, scale: float = 1.0) -> FaceCrop:
    """Return the face of the portrait that is shrunk."""
    small = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    box = Box(round(176 * scale), round(65 * scale), round(98 * scale), round(98 * scale))
    return FaceCrop('t', *context_crop(small, box), box, True)


def test_blur_is_noticed_and_small_dark_or_smeared_faces_are_not_blurred(portrait):
    assert is_blurred(face_of(cv2.GaussianBlur(portrait, (0, 0), 4)))
    assert not is_blurred(face_of(portrait))
    assert not is_blurred(face_of(portrait, 0.2))
    assert not is_blurred(face_of((0.15 * portrait).astype(np.uint8)))
    assert not is_blurred(face_of(cv2.blur(portrait, (15, 1))))


def test_a_blurred_face_comes_nearer_to_the_sharp_one(portrait):
    sharp = portrait[58:170, 169:281]
    blurred = cv2.GaussianBlur(sharp, (0, 0), 3)
    found = sharpened(blurred)
    assert found.shape == sharp.shape and found.dtype == np.uint8

    def error(image: np.ndarray) -> float:
        return float(np.abs(image.astype(float) - sharp).mean())
    assert error(found) < 0.8 * error(blurred)
    flat = np.full((112, 112), 90, np.uint8)
    assert (sharpened(flat) == flat).all()
