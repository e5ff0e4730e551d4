# SPDX-License-Identifier: Apache-2.0
"""Check the search of large still images."""

from collections.abc import Iterator

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.detector import Looks
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.search.still_search import search_still
from emorec_vision.geometry import Box
from emorec_vision.model_files.weights import yunet_weights
import numpy as np
import pytest


def detectors() -> Iterator[str]:
    yield 'haar'
    if yunet_weights() is not None:
        yield 'yunet'


def photo(portrait: np.ndarray, side: int) -> np.ndarray:
    """Return a photo of 12 megapixels with noise, the portrait in it so many px wide."""
    image = np.full((3024, 4032), 120, np.uint8)
    gray = cv2.cvtColor(portrait, cv2.COLOR_RGB2GRAY)
    image[:side, 500:500 + side] = cv2.resize(gray, (side, side), interpolation=cv2.INTER_CUBIC)
    noise = np.random.default_rng(0).normal(0, 4, image.shape).astype(np.int8)
    return np.clip(image + np.int16(noise), 0, 255).astype(np.uint8)


@pytest.mark.parametrize('detector', detectors())
@pytest.mark.parametrize('side', [3024, 1400])
def test_a_large_photo_of_one_face_shows_one(
        detector: str, side: int, astronaut: np.ndarray) -> None:
    finder = FaceFinder(open_detector(detector), DepthGate(), stills=True)
    face, = finder.process(photo(astronaut, side), 0).faces
    scale = side / 512
    expected = Box(500 + round(173 * scale), round(66 * scale), *[round(100 * scale)] * 2)
    assert face.box.iou(expected) > 0.6


class Recorder:
    """A detector that finds a fixed face and remembers how it was asked."""

    min_size = 20
    large_image_share = 0.1

    def detect(self, gray: np.ndarray, min_size: int | None = None, max_size: int | None = None,
               evidence: Evidence = Evidence.SURE) -> list[Detection]:
        """Return a face with landmarks."""
        self.asked = gray.shape, min_size
        points = ((110.0, 120.0), (130.0, 120.0), (120.0, 130.0), (112.0, 140.0), (128.0, 140.0))
        return [Detection(Box(100, 100, 40, 40), 9.0, points)]

    def looks(self) -> Looks:
        """Fail: stills need none."""
        raise NotImplementedError


def test_a_large_image_is_searched_shrunk_and_its_faces_lie_in_it() -> None:
    detector = Recorder()
    face, = search_still(detector, np.zeros((3000, 2000), np.uint8))
    assert detector.asked == ((1500, 1000), 100)
    assert face.box == Box(200, 200, 80, 80)
    assert face.landmarks is not None and face.landmarks[0] == (220.0, 240.0)


def test_other_images_are_searched_as_they_are() -> None:
    detector = Recorder()
    face, = search_still(detector, np.zeros((1000, 1500), np.uint8))
    assert detector.asked == ((1000, 1500), None)
    assert face.box == Box(100, 100, 40, 40)
