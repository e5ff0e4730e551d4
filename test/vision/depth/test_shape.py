# SPDX-License-Identifier: Apache-2.0
"""Check what the depth gate says about the shape of a surface, with generated scenes."""

import math
from pathlib import Path
import sys

from emorec_vision.depth.gate import DepthGate
from emorec_vision.depth.gate import DepthVerdict
from emorec_vision.depth.gate import RELIEF_NOISE
from emorec_vision.depth.shape import measure_shape
from emorec_vision.depth.shape import SENSOR_STEP
from emorec_vision.depth.shape import sensor_step
from emorec_vision.depth.shape import Shape
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / 'benchmarks'))

import depth_gate  # noqa: E402, I100
import depth_placements  # noqa: E402
import depth_recordings  # noqa: E402
import depth_scenes  # noqa: E402

KINECT = Intrinsics(525.0, 525.0, 319.5, 239.5)


def verdict(surfaces: list, distance: float, seed: int = 5) -> tuple[DepthVerdict, str]:
    """Return what the gate says about a box of a face's width on some surfaces."""
    depth, box = depth_scenes.render(surfaces, distance, 0.17, np.random.default_rng(seed),
                                     depth_scenes.EXACT)
    answer = DepthGate().check(depth, box, KINECT)
    return answer.verdict, answer.reason


@pytest.mark.parametrize('distance', [0.6, 0.9, 1.5, 2.2, 3.0, 3.8])
def test_a_head_is_kept_at_every_distance(distance: float) -> None:
    surfaces = [depth_scenes.synthetic_person(yaw=15.0), depth_scenes.plane(10.0, 0.0, 1.0)]
    assert verdict(surfaces, distance) == (DepthVerdict.REAL, '')


@pytest.mark.parametrize('distance', [0.6, 1.5, 2.2])
@pytest.mark.parametrize(('yaw', 'pitch'), [(0, 0), (45, 0), (-30, 25), (0, -50)])
@pytest.mark.parametrize('half_width', [0.1, 0.3, 5.0])
def test_a_flat_print_is_rejected_at_any_angle(
        distance: float, yaw: float, pitch: float, half_width: float) -> None:
    surfaces = [depth_scenes.print_of(half_width, half_width, yaw, pitch),
                depth_scenes.plane(0.0, 0.0, 1.0)]
    assert verdict(surfaces, distance) == (DepthVerdict.FALSE, 'flat')


@pytest.mark.parametrize('bend', [-6.0, -2.0, 2.0, 3.5])
def test_a_print_bent_less_than_a_head_is_rejected(bend: float) -> None:
    surfaces = [depth_scenes.print_of(0.12, 0.15, 10.0, 0.0, bend),
                depth_scenes.plane(0.0, 0.0, 1.0)]
    assert verdict(surfaces, 0.9) == (DepthVerdict.FALSE, 'flat')


def test_what_is_round_but_wider_than_a_head_is_rejected() -> None:
    cushion = depth_scenes.ellipsoid((0.0, 0.0, 0.2), (0.22, 0.25, 0.2))
    shape = measure_shape(*_image([cushion], 0.9), 0.9, 525.0)
    assert shape is not None and shape.relief > 0.01 and shape.outline > 0.3
    assert verdict([cushion], 0.9)[0] is DepthVerdict.FALSE


def test_the_relief_and_the_outline_of_a_known_surface_are_measured() -> None:
    head = depth_scenes.ellipsoid((0.0, 0.0, 0.08), (0.08, 0.4, 0.08))
    shape = measure_shape(*_image([head, depth_scenes.plane(0.0, 0.0, 1.0)], 0.8), 0.8, 525.0)
    assert shape is not None
    assert shape.outline == pytest.approx(0.14, abs=0.02)
    assert shape.relief == pytest.approx(0.06, abs=0.025)
    assert abs(shape.upright) < 0.01


def test_a_head_ends_above_and_stands_free_of_what_is_around_it() -> None:
    person = [depth_scenes.synthetic_person(), depth_scenes.plane(0.0, 0.0, 1.0)]
    cylinder = [depth_scenes.ellipsoid((0.0, 0.0, 0.08), (0.08, 5.0, 0.08))]
    wall = [depth_scenes.plane(20.0, 10.0)]
    free, column, flat = (measure_shape(*_image(scene, 1.0), 1.0, 525.0)
                          for scene in (person, cylinder, wall))
    assert free is not None and column is not None and flat is not None
    assert free.ends_above and not column.ends_above and not flat.ends_above
    assert free.around < 0.35 < flat.around
    assert flat.around > 0.9


def test_the_least_relief_falls_with_the_noise_and_grows_with_what_is_no_free_head() -> None:
    gate = DepthGate()
    steps = [gate.least_relief(z) for z in (0.5, 1.0, 2.0, 3.0)]
    assert steps == sorted(steps, reverse=True)
    assert steps[0] - steps[3] == pytest.approx(
        RELIEF_NOISE / SENSOR_STEP * (sensor_step(3.0) - sensor_step(0.5)))
    assert gate.least_relief(1.0, 0.26) > gate.least_relief(1.0, 0.22) > gate.least_relief(1.0)
    assert gate.least_relief(1.0, around=0.9) > gate.least_relief(1.0, around=0.5)
    assert gate.least_relief(1.0, ends_above=False) > gate.least_relief(1.0)


@pytest.mark.parametrize(('relief', 'reason'), [(0.017, ''), (0.011, 'flat')])
def test_the_side_of_a_head_is_flatter_than_a_face_and_still_real(
        monkeypatch: pytest.MonkeyPatch, relief: float, reason: str) -> None:
    monkeypatch.setattr('emorec_vision.depth.gate.measure_shape',
                        lambda *_: Shape(relief, 0.0, 0.17, 0.0, ends_above=True))
    answer = DepthGate().check(*_image([depth_scenes.plane(0.0, 0.0)], 1.0), KINECT)
    assert answer.reason == reason


@pytest.mark.parametrize(('around', 'ends_above', 'reason'), [
    (0.0, True, ''), (0.3, True, ''), (0.9, True, 'flat'), (0.0, False, 'flat')])
def test_a_weak_relief_counts_only_where_it_stands_free(
        monkeypatch: pytest.MonkeyPatch, around: float, ends_above: bool, reason: str) -> None:
    shape = Shape(0.0285, 0.0, 0.16, around, ends_above)
    monkeypatch.setattr('emorec_vision.depth.gate.measure_shape', lambda *_: shape)
    answer = DepthGate().check(*_image([depth_scenes.plane(0.0, 0.0)], 1.0), KINECT)
    assert answer.reason == reason


def test_a_head_cut_off_by_the_upper_edge_is_kept() -> None:
    surfaces = [depth_scenes.synthetic_person(), depth_scenes.plane(0.0, 0.0, 1.0)]
    depth, box = _image(surfaces, 0.9)
    cut = box.center[1] - box.height // 2
    answer = DepthGate().check(np.ascontiguousarray(depth[int(cut):]),
                               Box(box.x, 0, box.width, box.height), KINECT)
    assert answer.verdict is DepthVerdict.REAL


def test_measured_relief_scatters_more_with_distance() -> None:
    rng = np.random.default_rng(3)
    scatter = []
    for distance in (0.8, 1.6, 3.2):
        reliefs = [_relief(depth_scenes.render([depth_scenes.plane(5, 5)], distance, 0.17, rng),
                           distance) for _ in range(12)]
        scatter.append(float(np.std(reliefs)))
    assert scatter[0] < 0.004 and scatter[1] < 0.0045
    assert 2 * scatter[0] < scatter[1] < scatter[2] < 0.05


def test_millimetres_and_metres_have_the_same_shape() -> None:
    depth, box = _image([depth_scenes.synthetic_person()], 1.0)
    ours = measure_shape(depth, box, 1.0, 525.0)
    theirs = measure_shape(np.where(depth, depth / 1000, np.nan).astype(np.float32), box, 1.0,
                           525.0)
    assert ours is not None and theirs is not None
    assert theirs.relief == pytest.approx(ours.relief, abs=1e-4)
    assert theirs.outline == ours.outline


def test_a_head_full_of_holes_is_unknown_and_one_with_some_is_kept() -> None:
    depth, box = _image([depth_scenes.synthetic_person()], 1.0)
    holes = np.random.default_rng(8).random(depth.shape)
    few, many = np.where(holes < 0.3, 0, depth), np.where(holes < 0.8, 0, depth)
    assert DepthGate().check(few.astype(np.uint16), box, KINECT).verdict is DepthVerdict.REAL
    answer = DepthGate().check(many.astype(np.uint16), box, KINECT)
    assert (answer.verdict, answer.reason) == (DepthVerdict.UNKNOWN, 'too few readings')


@pytest.mark.parametrize('where', [(0, 0), (-12, 0), (14, 10)])
def test_a_head_at_the_border_of_the_image_is_kept(where: tuple[int, int]) -> None:
    depth, box = _image([depth_scenes.synthetic_person()], 1.0)
    left, top = box.x + where[0], box.y + where[1]
    cut = Box(box.x - max(left, 0), box.y - max(top, 0), box.width, box.height)
    part = np.ascontiguousarray(depth[max(top, 0):, max(left, 0):])
    assert DepthGate().check(part, cut, KINECT).verdict is DepthVerdict.REAL


def test_most_generated_placements_are_judged_rightly_without_recordings() -> None:
    rng = np.random.default_rng(77)
    faces = [depth_placements.true_placement(rng, rng.uniform(1.0, 4.0), []) for _ in range(60)]
    others = [depth_placements.false_placement(rng, rng.uniform(1.0, 4.0), kind)
              for kind in depth_placements.FALSE_KINDS for _ in range(12)]
    assert sum(depth_gate.by_gate(one) for one in faces) <= 3
    assert sum(depth_gate.by_gate(one) for one in others) >= 0.85 * len(others)
    assert sum(depth_gate.by_segmentation(one, 4.0) for one in others) < 0.2 * len(others)


def test_the_interval_of_a_share_is_wilsons() -> None:
    assert depth_gate.share(np.array([True] + 9 * [False])) == '10.0 (1.8-40.4)'


def test_the_printed_photo_on_a_recorded_wall_is_rejected(shared_data: Path) -> None:
    folder = shared_data / 'rgbd' / 'uva_a3_structure_sensor'
    seen = 0
    for frame, _, depth in depth_recordings.frames(folder):
        for box in depth_recordings.PHOTO.get(frame, ()):
            answer = DepthGate().check(depth, box, depth_recordings.STRUCTURE)
            assert answer.verdict is DepthVerdict.FALSE
            assert math.isclose(answer.distance, 2.1, abs_tol=0.4)
            seen += 1
    assert seen == 4


def _image(surfaces: list, distance: float) -> tuple[np.ndarray, Box]:
    """Return the depth of some surfaces and the box of a face's width on them."""
    return depth_scenes.render(surfaces, distance, 0.17, np.random.default_rng(4),
                               depth_scenes.EXACT)


def _relief(image: tuple[np.ndarray, Box], distance: float) -> float:
    """Return the measured relief."""
    shape = measure_shape(*image, distance, 525.0)
    assert shape is not None
    return shape.relief
