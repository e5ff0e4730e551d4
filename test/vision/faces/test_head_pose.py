# SPDX-License-Identifier: Apache-2.0
"""Heads that are turned by a known angle, seen by a known camera."""

import math

import cv2
from emorec_vision.distortion import Distortion
from emorec_vision.faces.detector import Landmarks
from emorec_vision.faces.head_pose import FACE_MODEL
from emorec_vision.faces.head_pose import FACING
from emorec_vision.faces.head_pose import head_pose
from emorec_vision.faces.head_pose import HeadPose
from emorec_vision.geometry import Intrinsics
import numpy as np
import pytest

SHAPE = (480, 640)
CAMERA = Intrinsics(525.0, 525.0, 320.0, 240.0)
LENS = Distortion('plumb_bob', (0.1, -0.2, 0.0, 0.0, 0.0))


def seen(pose: HeadPose, place: tuple[float, float, float],
         lens: Distortion | None = None) -> Landmarks:
    """Return the landmarks, px, of a head at a place (m) that looks along the optical axis."""
    yaw, pitch, roll = (math.radians(angle) for angle in (pose.yaw, pose.pitch, pose.roll))
    turned = (cv2.Rodrigues(np.array([0.0, -yaw, 0.0]))[0]
              @ cv2.Rodrigues(np.array([-pitch, 0.0, 0.0]))[0]
              @ cv2.Rodrigues(np.array([0.0, 0.0, roll]))[0])
    points = FACE_MODEL @ turned.T + 1000 * np.array(place)
    matrix = np.array([[CAMERA.fx, 0, CAMERA.cx], [0, CAMERA.fy, CAMERA.cy], [0, 0, 1]])
    pixels = cv2.projectPoints(points, np.zeros(3), np.zeros(3), matrix,
                               None if lens is None else np.array(lens.coefficients))[0]
    return tuple((float(x), float(y)) for x, y in pixels.reshape(-1, 2))


@pytest.mark.parametrize('yaw', [-70.0, -30.0, 0.0, 15.0, 60.0])
@pytest.mark.parametrize('pitch, roll', [(0.0, 0.0), (-25.0, 0.0), (20.0, 30.0), (0.0, -40.0)])
def test_the_angles_of_a_turned_head(yaw: float, pitch: float, roll: float) -> None:
    """Each with its sign, also when the head is turned about all three axes."""
    pose = head_pose(seen(HeadPose(yaw, pitch, roll), (0.0, 0.0, 1.0)), SHAPE, CAMERA)
    assert pose is not None
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((yaw, pitch, roll), abs=0.5)


def test_the_signs_in_the_image() -> None:
    """The tip of the nose moves to where the face looks, and roll goes with the clock."""
    def nose(pose: HeadPose) -> tuple[float, float]:
        points = np.array(seen(pose, (0.0, 0.0, 1.0)))
        x, y = points[2] - points[[0, 1, 3, 4]].mean(0)
        return x, y
    straight = nose(HeadPose(0, 0, 0))
    assert nose(HeadPose(20, 0, 0))[0] > straight[0] + 3
    assert nose(HeadPose(0, 20, 0))[1] < straight[1] - 3
    right_eye, left_eye = seen(HeadPose(0, 0, 20), (0.0, 0.0, 1.0))[:2]
    assert left_eye[1] > right_eye[1] + 3


@pytest.mark.parametrize('x, y', [(0.5, 0.0), (-0.45, 0.3), (0.0, -0.35)])
def test_a_face_at_the_edge_that_looks_into_the_camera(x: float, y: float) -> None:
    """It is turned against the optical axis, and faces the camera all the same."""
    axis = HeadPose(math.degrees(math.atan2(-x, 1)),
                    math.degrees(math.atan2(y, math.hypot(x, 1))), 0.0)
    pose = head_pose(seen(axis, (x, y, 1.0)), SHAPE, CAMERA)
    assert pose is not None and pose.facing
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((0, 0, 0), abs=0.5)
    parallel = head_pose(seen(HeadPose(0, 0, 0), (x, y, 1.0)), SHAPE, CAMERA)
    assert parallel is not None
    assert (parallel.yaw, parallel.pitch) == pytest.approx((-axis.yaw, -axis.pitch), abs=2.0)


def test_without_intrinsics_those_of_a_usual_camera_are_taken() -> None:
    """Whose angles are near enough."""
    landmarks = seen(HeadPose(30.0, -10.0, 5.0), (0.1, 0.0, 1.5))  # 3.8 degrees to the right
    pose = head_pose(landmarks, SHAPE)
    assert pose is not None
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((33.8, -10.0, 5.0), abs=1.0)


def test_the_distortion_of_the_lens_is_taken_out() -> None:
    """It would turn a face at the edge."""
    place = (0.5, 0.3, 1.0)
    camera = Intrinsics(CAMERA.fx, CAMERA.fy, CAMERA.cx, CAMERA.cy, LENS)
    bent = head_pose(seen(HeadPose(10, 0, 0), place, LENS), SHAPE, camera)
    plain = head_pose(seen(HeadPose(10, 0, 0), place), SHAPE, CAMERA)
    assert bent is not None and plain is not None
    assert (bent.yaw, bent.pitch) == pytest.approx((plain.yaw, plain.pitch), abs=0.5)


def test_a_px_of_noise_turns_a_near_face_by_a_few_degrees() -> None:
    """The answer does not jump to a mirrored pose."""
    rng = np.random.default_rng(1)
    landmarks = np.array(seen(HeadPose(10.0, 5.0, 0.0), (0.0, 0.0, 1.0)))
    poses = [head_pose(tuple(map(tuple, landmarks + rng.normal(0, 1.0, (5, 2)))), SHAPE, CAMERA)
             for _ in range(100)]
    yaws = [pose.yaw for pose in poses if pose is not None]
    assert len(yaws) == 100
    assert np.mean(yaws) == pytest.approx(10, abs=2)
    assert np.percentile(np.abs(np.array(yaws) - 10), 95) < 15


@pytest.mark.parametrize('pose, facing', [
    (HeadPose(0, 0, 90), True), (HeadPose(FACING - 1, 1 - FACING, 0), True),
    (HeadPose(FACING + 1, 0, 0), False), (HeadPose(0, -FACING - 1, 0), False),
    (HeadPose(math.nan, math.nan, math.nan), False)])
def test_facing_is_a_small_yaw_and_pitch(pose: HeadPose, facing: bool) -> None:
    """Whatever the roll; never where the pose is not known."""
    assert pose.facing == facing


def test_landmarks_in_one_place_have_no_pose() -> None:
    """No exception, no numbers out of nothing."""
    pose = head_pose(((5.0, 5.0),) * 5, SHAPE, CAMERA)
    assert pose is None or not pose.facing


@pytest.mark.parametrize(('pose', 'forward', 'up'), [
    (HeadPose(0.0, 0.0, 0.0), (0, 0, -1), (0, -1, 0)),
    (HeadPose(90.0, 0.0, 0.0), (1, 0, 0), (0, -1, 0)),
    (HeadPose(0.0, 90.0, 0.0), (0, -1, 0), (0, 0, 1)),
    (HeadPose(0.0, 0.0, 90.0), (0, 0, -1), (1, 0, 0))])
def test_the_head_frame_of_a_face_straight_ahead(
        pose: HeadPose, forward: tuple[int, ...], up: tuple[int, ...]) -> None:
    quaternion = pose.quaternion((0.0, 0.0, 2.0))
    assert rotate(quaternion, (1, 0, 0)) == pytest.approx(forward, abs=1e-6)
    assert rotate(quaternion, (0, 0, 1)) == pytest.approx(up, abs=1e-6)


def test_a_head_that_looks_into_the_camera_from_the_side_points_at_it() -> None:
    quaternion = HeadPose(0.0, 0.0, 0.0).quaternion((0.6, 0.0, 0.8))
    assert rotate(quaternion, (1, 0, 0)) == pytest.approx((-0.6, 0.0, -0.8), abs=1e-6)


def rotate(quaternion: tuple[float, ...], own: tuple[float, ...]) -> np.ndarray:
    """Return a direction of a frame that is turned by a quaternion (x, y, z, w)."""
    axis, w = np.array(quaternion[:3]), quaternion[3]
    return own + 2 * np.cross(axis, np.cross(axis, own) + w * np.array(own))
