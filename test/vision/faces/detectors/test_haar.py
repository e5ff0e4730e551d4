# SPDX-License-Identifier: Apache-2.0
"""Check the full search."""

from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.detectors.haar import find_cascade
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.geometry import Box
import numpy as np
import pytest

FACE = Box(174, 72, 96, 96)
"""The astronaut's face, by eye."""


@pytest.fixture(scope='module')
def gray(astronaut: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)


@pytest.fixture(scope='module')
def detector() -> HaarDetector:
    return HaarDetector()


def test_the_face_of_a_portrait_is_the_surest_detection(
        detector: HaarDetector, gray: np.ndarray) -> None:
    faces = detector.detect(gray)
    assert faces[0].box.iou(FACE) > 0.5
    assert faces[0].score > detector.min_neighbors
    assert [face.score for face in faces] == sorted((face.score for face in faces), reverse=True)


def test_defaults_are_those_of_the_original_but_for_the_size(detector: HaarDetector) -> None:
    assert (detector.scale_factor, detector.min_neighbors, detector.min_size) == (1.15, 5, 24)


def test_the_same_boxes_as_opencv_itself(detector: HaarDetector, gray: np.ndarray) -> None:
    cascade = cv2.CascadeClassifier(str(find_cascade()))
    boxes = cascade.detectMultiScale(gray, 1.15, 5, minSize=(24, 24))
    assert {face.box for face in detector.detect(gray)} == {
        Box(*(int(value) for value in box)) for box in boxes}


@pytest.mark.parametrize(('smallest', 'largest', 'found'), [
    (60, 150, True),
    (None, 40, False),
    (200, None, False),
])
def test_only_faces_of_the_asked_sizes_are_found(
        detector: HaarDetector, gray: np.ndarray, smallest: int | None, largest: int | None,
        found: bool) -> None:
    faces = detector.detect(gray, smallest, largest)
    assert any(face.box.iou(FACE) > 0.5 for face in faces) == found


@pytest.mark.parametrize('shape', [(480, 640), (29, 200), (10, 10), (1, 1)])
def test_no_face_in_a_flat_or_tiny_image(
        detector: HaarDetector, shape: tuple[int, int]) -> None:
    assert detector.detect(np.full(shape, 127, np.uint8)) == []


def test_a_image_that_is_not_contiguous_is_searched_too(
        detector: HaarDetector, gray: np.ndarray) -> None:
    spread = np.repeat(gray, 2, axis=1)[:, ::2]
    assert not spread.flags.c_contiguous
    assert detector.detect(spread) == detector.detect(gray)


@pytest.mark.parametrize(('image', 'words'), [
    (np.zeros((48, 48), np.float32), 'float32'),
    (np.zeros((48, 48, 3), np.uint8), r'\(48, 48, 3\)'),
    (np.zeros((0, 48), np.uint8), 'empty'),
    ([[0, 1], [2, 3]], 'list'),
])
def test_anything_but_a_gray_image_is_refused(
        detector: HaarDetector, image: np.ndarray, words: str) -> None:
    with pytest.raises(InputError, match=words):
        detector.detect(image)


@pytest.mark.parametrize(('settings', 'words'), [
    ({'scale_factor': 1.0}, 'scale_factor'),
    ({'scale_factor': float('nan')}, 'scale_factor'),
    ({'min_neighbors': -1}, 'min_neighbors'),
    ({'min_size': 0}, 'min_size'),
])
def test_a_setting_out_of_range_is_refused_by_name(
        settings: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        HaarDetector(**settings)


def test_a_missing_cascade_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match='none.xml'):
        HaarDetector(cascade=tmp_path / 'none.xml')


@pytest.mark.parametrize('content', ['', 'no xml', '<opencv_storage></opencv_storage>'])
def test_a_file_that_is_no_cascade_is_named(tmp_path: Path, content: str) -> None:
    path = tmp_path / 'broken.xml'
    path.write_text(content)
    with pytest.raises(InputError, match='broken.xml is no cascade'):
        HaarDetector(cascade=path)


def test_the_system_cascade_serves_an_opencv_without_data(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = find_cascade()
    (tmp_path / there.name).write_bytes(there.read_bytes())
    monkeypatch.delattr(cv2, 'data')
    monkeypatch.setattr('emorec_vision.faces.detectors.haar.SYSTEM_CASCADES', tmp_path)
    assert find_cascade() == tmp_path / there.name
    monkeypatch.setattr('emorec_vision.faces.detectors.haar.SYSTEM_CASCADES', tmp_path / 'nowhere')
    with pytest.raises(InputError, match='install opencv-data'):
        find_cascade()
