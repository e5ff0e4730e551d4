# SPDX-License-Identifier: Apache-2.0
"""The demo scene is a fair stand-in for a depth camera with a person before it."""

import itertools

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.depth.gate import DepthVerdict
from emorec_vision.geometry import Box
from emorec_vision.sources.demo.room import POSTER
from emorec_vision.sources.demo.source import DemoScene
from emorec_vision.sources.demo.source import DemoSource
from emorec_vision.sources.demo.source import LOOP
from emorec_vision.sources.demo.source import pose_at
import numpy as np
import pytest

LOOKED_AT = range(0, LOOP, 30)


@pytest.fixture(scope='module')
def scene() -> DemoScene:
    """Return the scene, composed once."""
    return DemoScene()


@pytest.fixture(scope='module')
def found(scene) -> list[tuple[list[Box], list[Box], list[Box]]]:
    """Return the boxes around her face, around the poster's, and elsewhere, per frame."""
    cascade = cv2.CascadeClassifier(
        cv2.data.haarcascades + 'haarcascade_frontalface_default.xml')
    frames = []
    for index in LOOKED_AT:
        gray = cv2.cvtColor(scene.frame(index).rgb, cv2.COLOR_RGB2GRAY)
        boxes = [Box(*map(int, box)) for box in
                 cascade.detectMultiScale(gray, 1.15, 5, minSize=(30, 30))]
        face = her_box(index)
        hers = [box for box in boxes if box.iou(face) > 0.5]
        posters = [box for box in boxes if box.intersection(POSTER) == box.area]
        others = [box for box in boxes if box not in hers and box not in posters]
        frames.append((hers, posters, others))
    return frames


def her_box(index: int) -> Box:
    """Return where her face is by the scene's own account."""
    pose = pose_at(index)
    side = round(pose.face_side)
    return Box(round(pose.u - side / 2), round(pose.v - side / 2), side, side)


def test_a_frame_has_the_form_of_a_depth_cameras(scene):
    frame = scene.frame(3)
    assert (frame.rgb.shape, frame.rgb.dtype) == ((480, 640, 3), np.uint8)
    assert (frame.depth.shape, frame.depth.dtype) == ((480, 640), np.uint16)
    assert frame.intrinsics.fx == frame.intrinsics.fy == 525.0
    assert (frame.intrinsics.cx, frame.intrinsics.cy) == (319.5, 239.5)
    assert frame.stamp is None


def test_a_frame_depends_on_its_index_alone(scene):
    first, again = scene.frame(17), DemoScene().frame(17)
    assert np.array_equal(first.rgb, again.rgb)
    assert np.array_equal(first.depth, again.depth)
    assert not np.array_equal(first.rgb, scene.frame(18).rgb)


def test_her_face_is_found_in_every_frame(found):
    assert [len(hers) for hers, _, _ in found] == [1] * len(found)
    assert min(hers[0].width for hers, _, _ in found) >= 45


def test_the_poster_is_found_in_nearly_every_frame(found):
    assert sum(len(posters) == 1 for _, posters, _ in found) >= 0.9 * len(found)


def test_nothing_else_looks_like_a_face(found):
    assert not [box for _, _, others in found for box in others]


def test_she_moves_smoothly_and_comes_round_again():
    poses = [pose_at(index) for index in range(LOOP + 1)]
    steps = [max(abs(b.u - a.u), abs(b.v - a.v), abs(b.face_side - a.face_side))
             for a, b in itertools.pairwise(poses)]
    assert max(steps) < 2.5
    assert poses[0] == poses[-1]
    sides = [pose.face_side for pose in poses]
    assert 45 <= min(sides) < 60 and 120 < max(sides) <= 200
    assert max(pose.u for pose in poses) - min(pose.u for pose in poses) > 100


@pytest.mark.parametrize('index', range(0, LOOP, 75))
def test_depth_agrees_with_the_size_of_her_face(scene, index):
    depth, box = scene.frame(index).depth, her_box(index)
    patch = depth[box.y:box.bottom, box.x:box.right]
    distance = np.median(patch[patch > 0]) / 1000
    assert 0.7 < distance < 2.2
    assert distance == pytest.approx(525 * 0.16 * 1.2 / box.width, rel=0.05)
    assert (patch > 0).mean() > 0.8
    middle = patch[box.height // 4:-box.height // 4, box.width // 4:-box.width // 4]
    assert 5 < np.ptp(middle[middle > 0].astype(int)) < 120


def test_a_flat_poster_hangs_far_away(scene):
    depth = scene.frame(40).depth[POSTER.y:POSTER.bottom, POSTER.x:POSTER.right]
    assert (depth > 4500).all()
    assert abs(np.median(depth) - 4950) < 10
    assert 20 < depth.std() < 60


@pytest.mark.parametrize('index', range(0, LOOP, 75))
def test_the_depth_gate_believes_her_and_not_the_poster(scene, index):
    frame, gate = scene.frame(index), DepthGate()
    hers = gate.check(frame.depth, her_box(index), frame.intrinsics)
    poster = gate.check(frame.depth, POSTER.expand(-0.3), frame.intrinsics)
    assert (hers.verdict, poster.verdict) == (DepthVerdict.REAL, DepthVerdict.FALSE)
    assert hers.distance == pytest.approx(pose_at(index).distance, abs=0.03)


def test_depth_has_holes_as_a_sensor_has_them(scene):
    depth, box = scene.frame(0).depth, her_box(0)
    around = box.expand(0.5)
    holes = depth[around.y:around.bottom, around.x:around.right] == 0
    assert holes.any()
    assert (depth[-5:] == 0).all()
    assert 0.02 < (depth == 0).mean() < 0.2


def test_the_source_delivers_frame_after_frame(scene):
    with DemoSource() as source:
        assert (source.kind, source.live, source.stills) == ('demo', True, False)
        assert source.frame_rate == 30.0
        for index in range(3):
            assert np.array_equal(source.read().rgb, scene.frame(index).rgb)
