# SPDX-License-Identifier: Apache-2.0
"""Check that faces keep their ids: through each other, and not across a scene cut."""

from collections.abc import Iterator
from pathlib import Path

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.model_files.weights import yunet_weights
from emorec_vision.stamps import seconds_to_ns as ns
import numpy as np
import pytest

STEP = 1 / 30
HEIGHT, WIDTH = 360, 640
ROW = 170
FACE = 80
"""Side of each face, px; its head is cut out of the middle of a patch of twice that."""


def patch(gray: np.ndarray, left: int, top: int, side: int) -> np.ndarray:
    """Return a face, whose box is given, in the middle of a patch, float32."""
    padded = np.pad(gray, side, mode='edge')
    around = padded[top + side // 2:top + 5 * side // 2, left + side // 2:left + 5 * side // 2]
    return np.asarray(cv2.resize(around, (2 * FACE, 2 * FACE), interpolation=cv2.INTER_AREA),
                      np.float32)


@pytest.fixture(scope='module')
def woman(astronaut: np.ndarray) -> np.ndarray:
    return patch(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY), 173, 66, 96)


@pytest.fixture(scope='module')
def man(shared_data: Path) -> np.ndarray:
    clip = shared_data / 'video' / 'eat.mkv'
    if not clip.is_file():
        pytest.skip(f'no clip {clip}')
    shown, image = cv2.VideoCapture(str(clip)).read()
    assert shown
    gray = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    box = max(HaarDetector().detect(gray), key=lambda face: face.score).box
    return patch(gray, box.x, box.y, box.width)


@pytest.fixture(scope='module')
def other(woman: np.ndarray) -> np.ndarray:
    """Return the woman as somebody else: mirrored, narrower, her hair and light changed."""
    changed = np.ascontiguousarray(woman[:, ::-1])
    changed = cv2.copyMakeBorder(cv2.resize(changed, (2 * FACE - 28, 2 * FACE)), 0, 0, 14, 14,
                                 cv2.BORDER_REPLICATE)
    changed = 255 * (changed / 255) ** 0.6
    changed[:52] = 225
    return np.asarray(changed, np.float32)


def room(seed: int) -> np.ndarray:
    """Return a background with large, soft structure, float32."""
    coarse = np.random.default_rng(seed).uniform(60, 150, (6, 8)).astype(np.float32)
    return np.asarray(cv2.resize(coarse, (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC))


def scene(background: np.ndarray, *heads: tuple[np.ndarray, int]) -> np.ndarray:
    """Return an image with heads at some columns, each before those named earlier."""
    image = background.copy()
    rows, columns = np.mgrid[:2 * FACE, :2 * FACE] / FACE - 1
    head = np.clip(4 * (1.1 - (columns / 0.68) ** 2 - (rows / 0.95) ** 2), 0, 1)
    for face, column in heads:
        place = image[ROW - FACE:ROW + FACE, column - FACE:column + FACE]
        place += head * (face - place)
    return np.clip(image, 0, 255).astype(np.uint8)


def detectors() -> Iterator[str]:
    yield 'haar'
    if yunet_weights() is not None:
        yield 'yunet'


def who_is_where(finder: FaceFinder, image: np.ndarray, number: int) -> dict[str, int]:
    """Return the column of each track that an image shows."""
    return {face.track_id: round(face.box.center[0])
            for face in finder.process(image, ns(number * STEP)).faces if face.detected}


def check_crossing(detector: str, front: np.ndarray, back: np.ndarray, speed: int) -> None:
    """Let two faces move through each other and see who is who afterwards."""
    finder = FaceFinder(open_detector(detector), DepthGate())
    steps = 280 // speed
    for number in range(steps + 14):
        way = speed * min(max(number - 6, 0), steps)
        shown = who_is_where(finder, scene(room(1), (back, 460 - way), (front, 180 + way)), number)
        if number == 6:
            before = shown
    ways = sorted(abs(shown[name] - column) for name, column in before.items())
    assert len(ways) == len(shown) == 2
    assert ways[0] > 200


@pytest.mark.parametrize('speed', [4, 8, 12])
@pytest.mark.parametrize('detector', detectors())
def test_faces_that_cross_keep_their_ids(
        detector: str, speed: int, woman: np.ndarray, other: np.ndarray) -> None:
    check_crossing(detector, woman, other, speed)
    check_crossing(detector, other, woman, speed)


@pytest.mark.parametrize('speed', [4, 8, 12])
@pytest.mark.parametrize('detector', detectors())
def test_two_people_who_cross_keep_their_ids(
        detector: str, speed: int, woman: np.ndarray, man: np.ndarray) -> None:
    check_crossing(detector, woman, man, speed)
    check_crossing(detector, man, woman, speed)


def ids_around_a_cut(before: np.ndarray, after: np.ndarray) -> tuple[set[str], set[str]]:
    """Return the tracks published in the image before a cut, and 3 images later."""
    finder = FaceFinder(HaarDetector(), DepthGate())
    for number in range(8):
        faces = finder.process(before, ns(number * STEP)).faces
    first = {face.track_id for face in faces}
    assert len(first) == 1
    at_once = {face.track_id for face in finder.process(after, ns(8 * STEP)).faces}
    for number in range(9, 12):
        faces = finder.process(after, ns(number * STEP)).faces
    later = {face.track_id for face in faces}
    assert at_once <= later
    return first, later


def test_a_track_ends_at_a_cut(woman: np.ndarray) -> None:
    assert not ids_around_a_cut(scene(room(1), (woman, 300)), scene(room(2)))[1]


def test_somebody_else_after_a_cut_is_another_track(
        woman: np.ndarray, other: np.ndarray) -> None:
    before, after = ids_around_a_cut(scene(room(1), (woman, 300)), scene(room(2), (other, 300)))
    assert len(after) == 1 and not before & after


def test_whoever_is_still_there_after_a_cut_keeps_the_id(woman: np.ndarray) -> None:
    before, after = ids_around_a_cut(scene(room(1), (woman, 300)), scene(room(2), (woman, 306)))
    assert before == after
