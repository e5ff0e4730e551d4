# SPDX-License-Identifier: Apache-2.0
"""Check the search of a stream."""

from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.detectors.haar import find_cascade
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.search.stream_search import StreamSearch
from emorec_vision.geometry import Box
import numpy as np
import pytest

EMPTY = np.full((480, 640), 90, np.uint8)
PORTRAIT = Box(110, 20, 220, 220)
FACE_IN_PORTRAIT = 96 / 220
"""Width of the face against that of the portrait."""


@pytest.fixture(scope='module')
def head(astronaut: np.ndarray) -> np.ndarray:
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    return gray[PORTRAIT.y:PORTRAIT.bottom, PORTRAIT.x:PORTRAIT.right]


@pytest.fixture()
def search() -> StreamSearch:
    return StreamSearch(HaarDetector())


def scene(head: np.ndarray, face_size: float, left: int = 200, top: int = 100) -> np.ndarray:
    """Return an image with the head, its face about face_size px wide."""
    side = round(face_size / FACE_IN_PORTRAIT)
    method = cv2.INTER_AREA if side < head.shape[0] else cv2.INTER_LINEAR
    image = EMPTY.copy()
    part = cv2.resize(head, (side, side), interpolation=method)
    part = part[:480 - top, :640 - left]
    image[top:top + part.shape[0], left:left + part.shape[1]] = part
    return image


def test_the_first_image_gets_the_full_search(search: StreamSearch, head: np.ndarray) -> None:
    image = scene(head, 90)
    found = search.search(image, {}).detections
    assert found
    assert {face.box for face in found} <= {face.box for face in search.detector.detect(image)}


@pytest.mark.parametrize('face_size', [36, 45, 60, 90, 140, 190])
def test_a_new_face_is_found_within_one_round_of_slices(
        search: StreamSearch, head: np.ndarray, face_size: int) -> None:
    image = scene(head, face_size, left=100, top=20)
    full = search.detector.detect(image)
    search.search(EMPTY, {})
    found = [face.box for _ in range(10) for face in search.search(image, {}).detections]
    assert found
    assert max(face.iou(full[0].box) for face in found) > 0.7


@pytest.mark.parametrize('face_size', [36, 60, 140])
def test_a_cascade_with_another_window_covers_every_size_as_well(
        head: np.ndarray, face_size: int) -> None:
    search = StreamSearch(HaarDetector(
        cascade=find_cascade().with_name('haarcascade_frontalface_alt2.xml')))
    image = scene(head, face_size, left=100, top=20)
    full = search.detector.detect(image)
    search.search(EMPTY, {})
    found = [face.box for _ in range(14) for face in search.search(image, {}).detections]
    assert max(face.iou(full[0].box) for face in found) > 0.7


def test_a_known_face_is_found_in_every_image_while_it_moves_and_grows(
        search: StreamSearch, head: np.ndarray) -> None:
    known = {}
    overlaps, ratios = [], []
    for step in range(24):
        image = scene(head, 60 + 2 * step, left=100 + 8 * step, top=40 + 3 * step)
        result = search.search(image, known)
        assert len(result.detections) == 1, step
        box = result.detections[0].box
        full = search.detector.detect(image)[0].box
        overlaps.append(box.iou(full))
        ratios.append(box.width / full.width)
        known = {'a-1': box}
    assert np.median(overlaps) > 0.85
    assert np.mean(ratios) == pytest.approx(1.0, abs=0.03)


def test_two_tracks_of_one_face_bring_one_detection(
        search: StreamSearch, head: np.ndarray) -> None:
    image = scene(head, 90)
    box = search.search(image, {}).detections[0].box
    beside = Box(box.x + 6, box.y - 5, box.width + 4, box.height + 4)
    assert len(search.search(image, {'a-1': box, 'a-2': beside}).detections) == 1


def test_a_face_that_left_is_not_found(search: StreamSearch, head: np.ndarray) -> None:
    box = search.search(scene(head, 90), {}).detections[0].box
    result = search.search(EMPTY, {'a-1': box})
    assert result.detections == []
    assert result.looked_at == {'a-1'}


def test_with_many_tracks_the_newest_then_the_longest_waiting_are_looked_at() -> None:
    search = StreamSearch(HaarDetector(), max_looks=4)
    search.search(EMPTY, {})
    known = {f'a-{number}': Box(60 * number, 100, 50, 50) for number in range(6)}
    first = search.search(EMPTY, known).looked_at
    second = search.search(EMPTY, known).looked_at
    assert len(first) == len(second) == 4
    assert first | second == set(known)
    assert 'a-new' in search.search(EMPTY, {**known, 'a-new': Box(500, 300, 60, 60)}).looked_at


def test_every_track_gets_its_turn() -> None:
    search = StreamSearch(HaarDetector(), max_looks=3)
    search.search(EMPTY, {})
    known = {f'a-{number}': Box(50 * number, 100, 50, 50) for number in range(11)}
    looked = [search.search(EMPTY, known).looked_at for _ in range(4)]
    assert set().union(*looked) == set(known)


@pytest.mark.parametrize('box', [
    Box(-200, -200, 80, 80), Box(600, 440, 80, 80), Box(0, 0, 0, 0), Box(-40, 100, 900, 900),
])
def test_a_track_at_the_edge_or_outside_is_a_miss_and_no_error(
        search: StreamSearch, box: Box) -> None:
    search.search(EMPTY, {})
    assert search.search(EMPTY, {'a-1': box}).detections == []


def test_a_image_of_another_size_starts_anew(search: StreamSearch, head: np.ndarray) -> None:
    search.search(EMPTY, {})
    half = cv2.resize(scene(head, 120), (320, 240), interpolation=cv2.INTER_AREA)
    assert len(search.search(half, {}).detections) == 1


@pytest.mark.parametrize('shape', [(8, 8), (25, 25), (30, 640)])
def test_a_tiny_image_holds_no_face(search: StreamSearch, shape: tuple[int, int]) -> None:
    for _ in range(3):
        result = search.search(np.zeros(shape, np.uint8), {'a-1': Box(2, 2, 30, 30)})
        assert result.detections == []


@pytest.mark.parametrize('image', [
    np.zeros((480, 640, 3), np.uint8), np.zeros((480, 640), np.uint16),
    np.zeros((0, 0), np.uint8)])
def test_anything_but_a_gray_image_is_refused(
        search: StreamSearch, image: np.ndarray) -> None:
    with pytest.raises(InputError):
        search.search(image, {})


def test_recall_on_a_clip_is_not_below_the_full_search(shared_data: Path) -> None:
    video = cv2.VideoCapture(str(shared_data / 'video' / 'bird.mkv'))
    search, known, hits, full_hits = StreamSearch(HaarDetector()), {}, 0, 0
    while True:
        there, frame = video.read()
        if not there:
            break
        gray = cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)
        found = search.search(gray, known).detections
        hits += bool(found)
        full_hits += bool(search.detector.detect(gray))
        known = {'a-1': found[0].box} if found else known
    assert full_hits > 30
    assert hits >= full_hits
