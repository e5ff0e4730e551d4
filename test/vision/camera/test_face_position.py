# SPDX-License-Identifier: Apache-2.0
"""Where a face is, judged by its box alone."""

import math

import cv2
from emorec_vision.camera.face_position import bearing_of
from emorec_vision.camera.face_position import BOX_WIDTH
from emorec_vision.camera.face_position import distance_text
from emorec_vision.camera.face_position import estimated_position
from emorec_vision.distortion import Distortion
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
import numpy as np
import pytest

KINECT = Intrinsics(525.0, 525.0, 319.5, 239.5)
FISHEYE = Intrinsics(200.0, 200.0, 319.5, 239.5, Distortion('equidistant', (0.02, 0.0, 0.0, 0.0)))


def box_of_face(middle: tuple[float, float, float], intrinsics: Intrinsics) -> Box:
    """Return the box of a face that looks at the camera from a place, m, as OpenCV projects it."""
    across = np.cross((0.0, 1.0, 0.0), middle)
    across *= BOX_WIDTH / 2 / np.linalg.norm(across)
    points = np.array([[np.subtract(middle, across), middle, np.add(middle, across)]])
    matrix = np.array([[intrinsics.fx, 0, intrinsics.cx], [0, intrinsics.fy, intrinsics.cy],
                       [0, 0, 1]])
    lens = intrinsics.distortion
    project = cv2.projectPoints if lens is None else cv2.fisheye.projectPoints
    pixels, _ = project(points, np.zeros(3), np.zeros(3), matrix,
                        np.array(lens.coefficients if lens else (0.0,) * 4))
    (left, _), (_, row), (right, _) = pixels.reshape(3, 2)
    side = round(right - left)
    return Box(round((left + right) / 2 + 0.5 - side / 2), round(row + 0.5 - side / 2), side, side)


@pytest.mark.parametrize('intrinsics', [KINECT, FISHEYE], ids=['pinhole', 'fisheye'])
@pytest.mark.parametrize('middle', [(0.0, 0.0, 1.0), (0.7, -0.3, 1.2), (-0.2, 0.1, 0.5)])
def test_a_face_of_usual_width_is_found_where_it_is(
    middle: tuple[float, float, float], intrinsics: Intrinsics
) -> None:
    """Boxes are whole px, which is the error that is left."""
    box = box_of_face(middle, intrinsics)
    length = math.hypot(*middle)
    assert bearing_of(box, intrinsics) == pytest.approx(
        [value / length for value in middle], abs=0.01)
    assert estimated_position(box, intrinsics) == pytest.approx(middle, rel=0.03, abs=0.015)


def test_the_distance_is_inverse_to_the_width_and_follows_the_focal_length() -> None:
    """The numbers of a Kinect: the box on a frontal face at 1 m is 90 px wide."""
    assert estimated_position(Box(275, 195, 90, 90), KINECT)[2] == pytest.approx(1.0, abs=0.01)
    assert estimated_position(Box(297, 217, 45, 45), KINECT)[2] == pytest.approx(2.0, abs=0.02)
    double = Intrinsics(1050.0, 1050.0, 319.5, 239.5)
    assert estimated_position(Box(275, 195, 90, 90), double)[2] == pytest.approx(2.0, abs=0.02)


def test_the_bearing_is_a_unit_vector_also_of_a_box_that_sticks_out() -> None:
    bearing = bearing_of(Box(-60, 100, 90, 90), KINECT)
    assert math.hypot(*bearing) == pytest.approx(1.0)
    assert bearing[0] < 0 and bearing[2] > 0


def test_without_intrinsics_nothing_is_known() -> None:
    box = Box(10, 10, 90, 90)
    assert all(map(math.isnan, (*bearing_of(box, None), *estimated_position(box, None))))


def test_an_estimate_reads_as_one() -> None:
    assert (distance_text(1.42, False), distance_text(1.42, True)) == ('1.42 m', '~1.4 m')
