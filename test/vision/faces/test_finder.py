# SPDX-License-Identifier: Apache-2.0
"""Check the whole way from images to tracked faces."""

import math

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.detector import Looks
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.search.scan_plan import Scan
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
from emorec_vision.stamps import seconds_to_ns as ns
from heads import with_head
import numpy as np
import pytest

KINECT = Intrinsics(525.0, 525.0, 319.5, 239.5)
STEP = 1 / 30
HEAD = (110, 20, 220)
SHAPE = (480, 640)


@pytest.fixture(scope='module')
def head(astronaut: np.ndarray) -> np.ndarray:
    left, top, side = HEAD
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[top:top + side, left:left + side]
    return cv2.resize(gray, (200, 200), interpolation=cv2.INTER_AREA)


@pytest.fixture()
def finder() -> FaceFinder:
    return FaceFinder(HaarDetector(), DepthGate())


def scene(head: np.ndarray, *places: tuple[int, int]) -> np.ndarray:
    """Return an image with the head at some places."""
    image = np.full(SHAPE, 90, np.uint8)
    for left, top in places:
        image[top:top + 200, left:left + 200] = head
    return image


def before_wall(place: tuple[int, int], millimetres: int) -> np.ndarray:
    """Return the depth of the head at a place, its face in the detector's usual box."""
    box = Box(place[0] + 61, place[1] + 42, 87, 87)
    return with_head(wall(3500), box, millimetres)


def wall(millimetres: int) -> np.ndarray:
    """Return a depth image of a wall."""
    return np.full(SHAPE, millimetres, np.uint16)


def test_a_face_in_a_stream_is_one_track_from_its_third_image_on(
        finder: FaceFinder, head: np.ndarray) -> None:
    shown = [finder.process(scene(head, (150 + 5 * step, 100)), ns(step * STEP)).faces
             for step in range(12)]
    assert [len(faces) for faces in shown] == [0, 0] + 10 * [1]
    assert {face.track_id for faces in shown for face in faces} == {f'{finder.session}-1'}
    last = shown[-1][0]
    assert last.detected and not last.depth_checked and math.isnan(last.distance)
    assert last.crop.dtype == np.uint8 and max(last.crop.shape) <= 160
    assert last.crop_box.intersection(last.box) == last.box.area


def test_a_hidden_face_stays_for_half_a_second_undetected(
        finder: FaceFinder, head: np.ndarray) -> None:
    image, depth = scene(head, (150, 100)), before_wall((150, 100), 1000)
    for step in range(4):
        seen = finder.process(image, ns(step * STEP), depth, KINECT).faces
    hidden = finder.process(scene(head), ns(4 * STEP), depth, KINECT).faces
    assert [(face.track_id, face.detected) for face in hidden] == [(seen[0].track_id, False)]
    assert hidden[0].depth_checked and hidden[0].distance == pytest.approx(1.0, abs=0.02)
    far = finder.process(scene(head), ns(5 * STEP), wall(4500), KINECT).faces
    assert not far[0].depth_checked and far[0].estimated and not hidden[0].estimated
    assert finder.process(scene(head), ns(3 * STEP + 0.51)).faces == []


def test_a_false_face_never_becomes_a_track_and_is_told(
        finder: FaceFinder, head: np.ndarray) -> None:
    image, depth = scene(head, (40, 100), (400, 100)), before_wall((40, 100), 1000)
    depth[:, 320:] = 4600
    found = [finder.process(image, ns(step * STEP), depth, KINECT) for step in range(20)]
    shown = [face for each in found for face in each.faces]
    assert {face.track_id for face in shown} == {f'{finder.session}-1'}
    assert all(face.box.x < 320 and face.depth_checked for face in shown)
    assert {face.reason for each in found for face in each.rejected} == {'too far'}
    assert all(face.bearing[0] > 0 for each in found for face in each.rejected)


def test_a_checked_face_tells_where_it_is(finder: FaceFinder, head: np.ndarray) -> None:
    for step in range(4):
        faces = finder.process(scene(head, (400, 100)), ns(step * STEP),
                               before_wall((400, 100), 1050), KINECT).faces
    assert faces[0].depth_checked
    x, _, z = faces[0].position
    assert z == faces[0].distance == pytest.approx(1.05, abs=0.02)
    assert x == pytest.approx((faces[0].box.center[0] - 320) * z / 525)
    assert faces[0].bearing == pytest.approx(np.divide(faces[0].position, math.hypot(
        *faces[0].position)))
    assert not faces[0].estimated


@pytest.mark.parametrize('depth', [None, wall(0)], ids=['no depth', 'no readings'])
def test_without_a_measured_distance_the_width_of_the_face_tells_it(
        head: np.ndarray, depth: np.ndarray | None) -> None:
    """Estimates are marked, and neither near, far nor the depth gate look at them."""
    finder = FaceFinder(HaarDetector(), DepthGate(near=0.1, far=0.2))
    for step in range(4):
        found = finder.process(scene(head, (400, 100)), ns(step * STEP), depth, KINECT)
    face, = found.faces
    assert face.estimated and not face.depth_checked and not found.rejected
    assert face.distance == face.position[2] == pytest.approx(0.171 * 525 / 87, rel=0.08)
    assert face.bearing == pytest.approx(np.divide(face.position, math.hypot(*face.position)))
    face, = finder.process(scene(head, (400, 100)), ns(4 * STEP), depth).faces
    assert not face.estimated and math.isnan(face.distance)
    assert all(map(math.isnan, (*face.position, *face.bearing)))


@pytest.mark.parametrize('require', [False, True])
def test_a_face_without_readings_is_kept_unchecked_unless_depth_is_required(
        head: np.ndarray, require: bool) -> None:
    finder, reasons = FaceFinder(HaarDetector(), DepthGate(require_depth=require)), set()
    for step in range(4):
        found = finder.process(scene(head, (150, 100)), ns(step * STEP), wall(0), KINECT)
        reasons |= {face.reason for face in found.rejected}
    assert [face.depth_checked for face in found.faces] == ([] if require else [False])
    assert reasons == ({'too few readings'} if require else set())


def test_still_images_show_every_face_at_once_under_new_ids(head: np.ndarray) -> None:
    finder = FaceFinder(HaarDetector(), DepthGate(), stills=True)
    session = finder.session
    first = finder.process(scene(head, (40, 100), (400, 100)), 0).faces
    second = finder.process(scene(head, (40, 100))[:400], 0).faces
    assert sorted(face.track_id for face in first) == [f'{session}-1', f'{session}-2']
    assert [face.track_id for face in second] == [f'{session}-3']
    assert all(face.detected for face in first + second)


def test_reset_forgets_the_tracks_and_starts_a_new_session(
        finder: FaceFinder, head: np.ndarray) -> None:
    image = scene(head, (150, 100))
    for step in range(3):
        before = finder.process(image, ns(step * STEP)).faces
    old = finder.session
    finder.reset()
    after = [finder.process(image, ns(step * STEP)).faces for step in range(3)]
    assert finder.session != old
    assert [len(faces) for faces in after] == [0, 0, 1]
    assert after[2][0].track_id != before[0].track_id


def test_images_of_another_size_start_a_new_session(
        finder: FaceFinder, head: np.ndarray) -> None:
    image = scene(head, (150, 100))
    for step in range(3):
        finder.process(image, ns(step * STEP)).faces
    old = finder.session
    assert finder.process(image[:, :500], ns(3 * STEP)).faces == []
    assert finder.session != old


def test_a_box_at_the_edge_is_clipped_to_the_image(
        finder: FaceFinder, head: np.ndarray) -> None:
    shown = []
    for step in range(40):
        left = 300 + 6 * step
        image = np.full(SHAPE, 90, np.uint8)
        part = head[:, :max(640 - left, 0)]
        image[100:300, left:left + part.shape[1]] = part
        shown += finder.process(image, ns(step * STEP)).faces
    assert shown
    frame = Box(0, 0, SHAPE[1], SHAPE[0])
    assert all(frame.intersection(face.box) == face.box.area > 0 for face in shown)


@pytest.mark.parametrize(('gray', 'depth', 'words'), [
    (np.zeros((480, 640, 3), np.uint8), None, 'gray'),
    (np.zeros((0, 0), np.uint8), None, 'empty'),
    (np.zeros(SHAPE, np.uint8), np.zeros((240, 320), np.uint16), 'register'),
    (np.zeros(SHAPE, np.uint8), np.zeros(SHAPE, np.float64), 'float64'),
])
def test_bad_images_are_refused_and_the_finder_goes_on(
        finder: FaceFinder, head: np.ndarray, gray: np.ndarray, depth: np.ndarray | None,
        words: str) -> None:
    image = scene(head, (150, 100))
    for step in range(3):
        finder.process(image, ns(step * STEP)).faces
    with pytest.raises(InputError, match=words):
        finder.process(gray, ns(3 * STEP), depth, KINECT).faces
    assert len(finder.process(image, ns(4 * STEP)).faces) == 1


def test_a_followed_head_that_turns_out_flat_is_dropped(
        finder: FaceFinder, head: np.ndarray) -> None:
    """A proven face is asked for its shape rarely, but it is asked."""
    image, place = scene(head, (150, 100)), (150, 100)
    for step in range(8):
        found = finder.process(image, ns(step * STEP), before_wall(place, 1000), KINECT)
        assert not found.rejected
    assert found.faces[0].depth_checked
    rejected = 0
    for step in range(8, 40):
        found = finder.process(image, ns(step * STEP), wall(1000), KINECT)
        rejected += len(found.rejected)
    assert found.faces == [] and rejected > 15


class Boxes:
    """A detector that finds what it is told."""

    min_size = 24
    large_image_share = 0.0

    def __init__(self, *faces: tuple[Box, float]) -> None:
        self.faces = [Detection(*face) for face in faces]

    def detect(self, gray: np.ndarray, min_size: int | None = None, max_size: int | None = None,
               evidence: Evidence = Evidence.SURE) -> list[Detection]:
        """Return the faces of that size."""
        return [face for face in self.faces
                if (min_size or 0) <= face.box.width <= (max_size or 1000)]

    def looks(self) -> Looks:
        """Return looks that see everything everywhere."""
        return self

    def quick(self, gray: np.ndarray, region: Box, side: int, is_wide: bool) -> list[Detection]:
        """Return the faces in the region."""
        return [face for face in self.faces if face.box.intersection(region) == face.box.area]

    def thorough(self, gray: np.ndarray, region: Box, side: int) -> list[Detection]:
        """Return the same."""
        return self.quick(gray, region, side, False)

    def plan(self, width: int, height: int) -> list[tuple[Scan, ...]]:
        """Return nothing to scan."""
        return []

    def suspects(self, gray: np.ndarray, scan: Scan) -> list[Detection]:
        """Return nothing."""
        return []


FACE = (Box(100, 100, 200, 200), 30.0)
SMILE = (Box(150, 220, 90, 70), 6.0)


@pytest.mark.parametrize('inner, count', [
    (SMILE, 1), ((SMILE[0], 31.0), 2), ((Box(20, 130, 90, 90), 6.0), 2)])
@pytest.mark.parametrize('stills', [True, False])
def test_a_box_inside_a_larger_face_is_no_face(
        inner: tuple[Box, float], count: int, stills: bool) -> None:
    """A smile, but neither a surer face in front nor one beside."""
    finder = FaceFinder(Boxes(FACE, inner), DepthGate(), stills=stills, min_hits=1)
    assert len(finder.process(np.zeros(SHAPE, np.uint8), 0).faces) == count


def test_a_smile_is_no_face_while_its_face_is_missed_either() -> None:
    """The face is known, though this image does not show it."""
    detector = Boxes(FACE)
    finder = FaceFinder(detector, DepthGate(), min_hits=1)
    gray = np.zeros(SHAPE, np.uint8)
    face, = finder.process(gray, 0).faces
    detector.faces = [Detection(*SMILE)]
    later, = finder.process(gray, ns(STEP)).faces
    assert (later.track_id, later.detected) == (face.track_id, False)
