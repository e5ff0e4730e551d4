# SPDX-License-Identifier: Apache-2.0
"""Depth that misses images makes no person of the demo's poster, and loses none."""

from collections.abc import Callable

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.finder import Findings
from emorec_vision.geometry import Box
from emorec_vision.sources import Frame
from emorec_vision.sources.demo.room import POSTER
from emorec_vision.sources.demo.source import DemoSource
import numpy as np
import pytest

FRAMES = 75
STEP = 33_333_333
START = 10**18
Depths = Callable[[list[Frame], int], np.ndarray | None]


@pytest.fixture(scope='module')
def frames() -> list[Frame]:
    """Return the beginning of the demo."""
    source = DemoSource()
    return [source.read() for _ in range(FRAMES)]


@pytest.fixture(scope='module')
def grays(frames: list[Frame]) -> list[np.ndarray]:
    """Return the gray images of the frames."""
    return [cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY) for frame in frames]


def every(count: int, first: int = 0) -> Depths:
    """Return depth of each `count`-th image only."""
    return lambda frames, number: frames[number].depth if number % count == first else None


def without(first: int, end: int) -> Depths:
    """Return depth of all images but some in a row."""
    return lambda frames, number: None if first <= number < end else frames[number].depth


def late(frames: list[Frame], number: int) -> np.ndarray | None:
    """Return the depth of the image before."""
    return frames[number - 1].depth if number else None


def find(frames: list[Frame], grays: list[np.ndarray], depths: Depths, step: int = STEP,
         offered: bool = False, **limits: float) -> list[Findings]:
    """Return what each image shows."""
    finder = FaceFinder(HaarDetector(), DepthGate(**limits))
    return [finder.process(gray, START + number * step, depths(frames, number),
                           frames[number].intrinsics, offered)
            for number, gray in enumerate(grays)]


def on_poster(box: Box) -> bool:
    """Tell whether a box lies on the poster."""
    return box.intersection(POSTER) > 0.5 * box.area


@pytest.mark.parametrize('depths, first, held', [
    (every(2), 4, True), (every(3), 6, True), (every(10), 20, True), (late, 2, True),
    (without(30, 45), 2, True), (without(30, 60), 2, False)],
    ids=['half', 'third', 'tenth', 'late', 'half a second missing', 'a second missing'])
def test_the_poster_is_nobody_and_the_person_stays_one(
        frames: list[Frame], grays: list[np.ndarray], depths: Depths, first: int,
        held: bool) -> None:
    """She appears with the third image that has depth; her distance is held for half a second."""
    found = find(frames, grays, depths)
    faces = [each.faces for each in found]
    assert not any(on_poster(face.box) for each in faces for face in each)
    assert [len(each) for each in faces] == [0] * first + [1] * (FRAMES - first)
    assert len({each[0].track_id for each in faces[first:]}) == 1
    unchecked = [number for number in range(first, FRAMES) if not faces[number][0].depth_checked]
    assert unchecked == ([] if held else list(range(45, 60)))
    assert unchecked == [number for number in range(first, FRAMES)
                         if faces[number][0].estimated]
    assert {face.reason for each in found for face in each.rejected} == {'too far'}


def test_a_poster_within_reach_is_nobody_at_half_the_depth(
        frames: list[Frame], grays: list[np.ndarray]) -> None:
    found = find(frames, grays, every(2), far=6.0)
    assert not any(on_poster(face.box) for each in found for face in each.faces)


@pytest.mark.parametrize('hertz', [5, 2, 1])
def test_a_slow_graph_with_half_the_depth_settles(
        frames: list[Frame], grays: list[np.ndarray], hertz: int) -> None:
    """The demo still moves as at 30 Hz; only its stamps are further apart."""
    found = [each.faces for each in find(frames, grays[:30], every(2), 10**9 // hertz)]
    assert len({face.track_id for each in found for face in each}) == 1
    assert all(len(each) == 1 and each[0].depth_checked for each in found[8:])


def test_what_was_published_without_depth_ends_where_depth_calls_it_false(
        frames: list[Frame], grays: list[np.ndarray]) -> None:
    """Nobody had offered any: the poster is a person until the first depth, not in that image."""
    found = [each.faces for each in find(frames, grays[:25], without(0, 12))]
    assert len(found[11]) == 2
    assert [len(each) for each in found[12:]] == [1] * 13
    assert len({face.track_id for each in found[2:] for face in each}) == 2


def test_depth_that_begins_later_than_colour_is_waited_for(
        frames: list[Frame], grays: list[np.ndarray]) -> None:
    """Somebody offers it: until it comes nobody is there, and the poster never is."""
    found = [each.faces for each in find(frames, grays, without(0, 40), offered=True)]
    assert [len(each) for each in found] == [0] * 42 + [1] * (FRAMES - 42)
    assert not any(on_poster(face.box) for each in found for face in each)


def test_depth_that_is_offered_and_never_comes_leaves_faces_unchecked_after_two_seconds(
        frames: list[Frame], grays: list[np.ndarray]) -> None:
    found = [each.faces for each in find(frames, grays, without(0, FRAMES), offered=True)]
    assert [len(each) for each in found[:60]] == [0] * 60
    assert len(found[70]) == 2 and not any(face.depth_checked for face in found[70])


def test_depth_that_stays_away_leaves_faces_unchecked_after_two_seconds(
        frames: list[Frame], grays: list[np.ndarray]) -> None:
    found = [each.faces for each in find(frames, grays, without(6, FRAMES))]
    assert [len(each) for each in found[2:65]] == [1] * 63
    assert len(found[70]) == 2 and not any(face.depth_checked for face in found[70])


def test_depth_without_readings_makes_a_real_face_unchecked_at_once(
        frames: list[Frame], grays: list[np.ndarray]) -> None:
    """She steps nearer than the sensor sees: the track goes on, the distance does not."""
    nothing = np.zeros_like(frames[0].depth)

    def depths(frames: list[Frame], number: int) -> np.ndarray | None:
        if number % 2:
            return None
        return nothing if 8 <= number < 12 else frames[number].depth

    found = [each.faces[0] for each in find(frames, grays[:16], depths)[4:]]
    assert len({face.track_id for face in found}) == 1 and all(face.detected for face in found)
    assert [face.depth_checked for face in found] == [True] * 4 + [False] * 4 + [True] * 4
    assert [face.estimated for face in found] == [False] * 4 + [True] * 4 + [False] * 4


def test_required_depth_keeps_a_face_only_while_its_distance_is_held(
        frames: list[Frame], grays: list[np.ndarray]) -> None:
    found = find(frames, grays[:50], without(10, 50), require_depth=True)
    assert all(each.faces[0].depth_checked for each in found[2:24])
    assert {face.reason for each in found[26:] for face in each.rejected} >= {'no depth'}
    assert not any(face.detected for each in found[26:] for face in each.faces)
