# SPDX-License-Identifier: Apache-2.0
"""Check the depth gate."""

import math
from pathlib import Path

import cv2
from emorec_vision.depth.gate import check_depth
from emorec_vision.depth.gate import DepthGate
from emorec_vision.depth.gate import DepthVerdict
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.detectors.yunet import YuNetDetector
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
from emorec_vision.model_files.weights import yunet_weights
from heads import with_head
import numpy as np
import pytest

KINECT = Intrinsics(525.0, 525.0, 319.5, 239.5)
FACE = Box(270, 190, 100, 100)


def plane(millimetres: float) -> np.ndarray:
    """Return a depth image of a wall."""
    return np.full((480, 640), millimetres, np.uint16)


def head(millimetres: float, box: Box = FACE, wall: float = 3500) -> np.ndarray:
    """Return a depth image of a head under a box before a wall."""
    return with_head(plane(wall), box, millimetres)


@pytest.mark.parametrize(('millimetres', 'verdict', 'reason'), [
    (900, DepthVerdict.REAL, ''),
    (280, DepthVerdict.FALSE, 'too near'),
    (4010, DepthVerdict.FALSE, 'too far'),
    (2380, DepthVerdict.FALSE, 'too wide'),
    (310, DepthVerdict.FALSE, 'too narrow'),
    (0, DepthVerdict.UNKNOWN, 'too few readings'),
])
def test_distance_and_width_decide(
        millimetres: int, verdict: DepthVerdict, reason: str) -> None:
    answer = DepthGate().check(head(millimetres) if millimetres else plane(0), FACE, KINECT)
    assert (answer.verdict, answer.reason) == (verdict, reason)


def test_the_position_is_that_of_the_middle_of_the_face() -> None:
    box = Box(370, 90, 100, 100)
    answer = DepthGate().check(head(1050, box), box, KINECT)
    assert answer.distance == pytest.approx(1.05, abs=0.01)
    assert answer.position == pytest.approx((0.2, -0.2, 1.05), abs=0.01)


def test_millimetres_and_metres_give_the_same_answer() -> None:
    depth = head(900)
    depth[230:240] = 0
    metres = (depth / 1000).astype(np.float32)
    metres[232] = np.nan
    metres[233] = np.inf
    ours, theirs = (DepthGate().check(image, FACE, KINECT) for image in (depth, metres))
    assert ours.verdict is theirs.verdict is DepthVerdict.REAL
    assert ours.position == pytest.approx(theirs.position, abs=1e-5)


def test_the_wall_beside_a_face_does_not_count() -> None:
    depth = head(900)
    depth[:, :320] = 3000
    assert DepthGate().check(depth, FACE, KINECT).distance == pytest.approx(0.905, abs=0.005)


@pytest.mark.parametrize(('share', 'verdict'), [
    (0.2, DepthVerdict.UNKNOWN), (0.4, DepthVerdict.REAL)])
def test_too_few_readings_are_no_answer(share: float, verdict: DepthVerdict) -> None:
    depth = head(900)
    depth[:215] = 0
    depth[215 + round(50 * share):] = 0
    answer = DepthGate(min_valid=0.3).check(depth, FACE, KINECT)
    assert answer.verdict is verdict
    assert math.isnan(answer.distance) == (verdict is DepthVerdict.UNKNOWN)


@pytest.mark.parametrize(('depth', 'box', 'reason'), [
    (None, FACE, 'no depth'),
    (plane(0), FACE, 'too few readings'),
    (plane(900), Box(700, 100, 80, 80), 'outside the image'),
])
def test_what_cannot_be_checked_is_unknown_unless_depth_is_required(
        depth: np.ndarray | None, box: Box, reason: str) -> None:
    answer = DepthGate().check(depth, box, KINECT)
    assert (answer.verdict, answer.reason) == (DepthVerdict.UNKNOWN, reason)
    assert math.isnan(answer.distance)
    assert all(math.isnan(value) for value in answer.position)
    strict = DepthGate(require_depth=True).check(depth, box, KINECT)
    assert (strict.verdict, strict.reason) == (DepthVerdict.FALSE, reason)


def test_without_intrinsics_distance_still_counts_but_width_and_position_are_unknown() -> None:
    answer = DepthGate().check(head(2380), FACE)
    assert answer.verdict is DepthVerdict.REAL
    assert answer.distance == pytest.approx(2.38, abs=0.01)
    assert math.isnan(answer.position[0])


@pytest.mark.parametrize('box', [Box(-30, -20, 100, 100), Box(590, 430, 100, 100)])
def test_a_face_partly_outside_is_judged_by_what_is_inside(box: Box) -> None:
    assert DepthGate().check(head(900, box), box, KINECT).verdict is DepthVerdict.REAL


@pytest.mark.parametrize('depth', [
    np.zeros((4, 4), np.float64), np.zeros((4, 4), np.uint8), np.zeros((4, 4, 1), np.uint16),
    [[1]]])
def test_another_type_of_depth_is_refused(depth: np.ndarray) -> None:
    with pytest.raises(InputError, match='uint16 mm or float32 m'):
        DepthGate().check(depth, FACE, KINECT)


def test_depth_of_another_size_is_refused() -> None:
    with pytest.raises(InputError, match='320x240 px, the colour image 640x480'):
        check_depth(np.zeros((240, 320), np.uint16), (480, 640))


@pytest.mark.parametrize(('settings', 'words'), [
    ({'near': 4.0, 'far': 0.3}, 'near < far'),
    ({'near': -1.0}, 'near < far'),
    ({'far': math.nan}, 'near < far'),
    ({'min_valid': 0.0}, 'min_valid'),
    ({'min_valid': 1.1}, 'min_valid'),
    ({'min_width': 0.4}, 'min_width < max_width'),
])
def test_limits_that_no_face_can_meet_are_refused(
        settings: dict[str, float], words: str) -> None:
    with pytest.raises(InputError, match=words):
        DepthGate(**settings)


def answers(folder: Path, frames: list[str], intrinsics: Intrinsics,
            detector: FaceDetector | None = None) -> list[tuple]:
    """Return (answer, box) of every face, by default Haar's, in some frames of a recording."""
    detector, gate = detector or HaarDetector(), DepthGate()
    found = []
    for frame in frames:
        gray = cv2.imread(str(next(folder.glob(f'{frame}_rgb.*'))), cv2.IMREAD_GRAYSCALE)
        depth = cv2.imread(str(folder / f'{frame}_depth.png'), cv2.IMREAD_UNCHANGED)
        found += [(gate.check(depth, face.box, intrinsics), face.box)
                  for face in detector.detect(gray)]
    return found


def test_the_recorded_person_is_real_and_at_her_distance(shared_data: Path) -> None:
    frames = [f'{number:03d}' for number in (0, 3, 6, 93, 96, 99)]
    found = answers(shared_data / 'rgbd' / 'uva_a1_person', frames,
                    Intrinsics(525.0, 525.0, 320.0, 240.0))
    assert len(found) == len(frames)
    for answer, _ in found:
        assert answer.verdict is DepthVerdict.REAL
        assert answer.distance == pytest.approx(0.83, abs=0.03)


@pytest.mark.skipif(yunet_weights() is None, reason='the weights of YuNet are not installed')
def test_the_recorded_person_is_real_while_he_turns_away(shared_data: Path) -> None:
    frames = [f'{number:03d}' for number in (0, 8, 16, 24, 30, 70, 76, 84, 92)]
    detector = YuNetDetector(yunet_weights() or '')
    found = answers(shared_data / 'rgbd' / 'uva_a1_person', frames,
                    Intrinsics(525.0, 525.0, 320.0, 240.0), detector)
    assert [answer.verdict for answer, _ in found] == [DepthVerdict.REAL] * len(frames)


def test_the_recorded_false_face_is_dropped_for_its_width(shared_data: Path) -> None:
    found = answers(shared_data / 'rgbd' / 'uva_a3_structure_sensor', ['000', '006'],
                    Intrinsics(570.0, 570.0, 320.0, 240.0))
    verdicts = {(answer.verdict, answer.reason, round(answer.distance)) for answer, _ in found}
    assert (DepthVerdict.FALSE, 'too wide', 2) in verdicts
    assert (DepthVerdict.REAL, '', 1) in verdicts
