# SPDX-License-Identifier: Apache-2.0
"""A camera_info becomes the intrinsics of the images it is used with, or one line why not."""

from math import nan
from types import SimpleNamespace

import cv2
from emorec_vision.camera.geometry import CameraGeometry
from emorec_vision.camera.geometry import fit
from emorec_vision.camera.geometry import is_rectified
from emorec_vision.camera.geometry import PATIENCE
from emorec_vision.depth.gate import position_of
from emorec_vision.distortion import Distortion
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
import numpy as np
import pytest

LENS = (0.1, -0.2, 0.001, 0.002, 0.05)
LENSES = {
    'plumb_bob': LENS,
    'rational_polynomial': (8.0, 5.0, 0.0003, -0.0001, 0.27, 8.3, 7.7, 1.4),
    'equidistant': (-0.01, 0.02, -0.01, 0.002)}


def info(**changes):
    """Return a calibrated camera_info of 640x480 px, with some of its fields changed."""
    fields = {'width': 640, 'height': 480, 'k': [520.0, 0, 319.5, 0, 530.0, 239.5, 0, 0, 1],
              'd': [0.0] * 5, 'distortion_model': 'plumb_bob',
              'p': [500.0, 0, 310.0, 0, 0, 510.0, 230.0, 0, 0, 0, 1, 0],
              'binning_x': 0, 'binning_y': 0, 'roi': roi(0, 0, 0, 0)}
    return SimpleNamespace(**{**fields, **changes})


def roi(x, y, width, height):
    return SimpleNamespace(x_offset=x, y_offset=y, width=width, height=height)


def test_an_info_of_the_images_is_taken_as_it_is():
    assert fit(info(), 640, 480) == (fit(info(binning_x=1, binning_y=1), 640, 480))
    assert fit(info(), 640, 480).intrinsics == Intrinsics(520.0, 530.0, 319.5, 239.5)
    assert fit(info(), 640, 480).note == ''
    assert fit(info(width=0, height=0), 640, 480) == fit(info(), 640, 480)
    assert fit(info(roi=roi(0, 0, 640, 480)), 640, 480) == fit(info(), 640, 480)


@pytest.mark.parametrize('changes, size, expected', [
    ({'binning_x': 2, 'binning_y': 2}, (320, 240), (260, 265, 159.5, 119.5)),
    ({'roi': roi(100, 50, 320, 240)}, (320, 240), (520, 530, 219.5, 189.5)),
    ({'roi': roi(400, 300, 200, 100)}, (200, 100), (520, 530, -80.5, -60.5)),
    ({'roi': roi(100, 50, 320, 240), 'binning_x': 2, 'binning_y': 4}, (160, 60),
     (260, 132.5, 109.5, 47.0)),
    ({'width': 641, 'height': 481, 'binning_x': 2, 'binning_y': 2}, (321, 241),
     (260, 265, 159.5, 119.5)),
])
def test_roi_and_binning_are_applied(changes, size, expected):
    found = fit(info(**changes), *size)
    assert found.note == ''
    assert found.intrinsics == Intrinsics(*expected)


@pytest.mark.parametrize('changes, size, scale', [
    ({}, (320, 240), 0.5), ({}, (1280, 960), 2), ({}, (213, 160), 1 / 3)])
def test_an_info_of_another_resolution_is_scaled_about_the_corner_of_the_image(
    changes, size, scale
):
    found = fit(info(**changes), *size)
    assert 'for images of 640x480 px, these are' in found.note and 'scaled' in found.note
    assert found.intrinsics.fx == pytest.approx(520 * scale, rel=0.005)
    assert found.intrinsics.cx == pytest.approx(320 * scale - 0.5, rel=0.005)
    assert found.intrinsics.cy == pytest.approx(240 * scale - 0.5, rel=0.005)


def test_an_image_of_the_whole_sensor_is_neither_cut_nor_binned():
    found = fit(info(roi=roi(100, 50, 320, 240)), 640, 480)
    assert found.intrinsics == Intrinsics(520.0, 530.0, 319.5, 239.5)
    assert 'images of 320x240 px' in found.note and 'without its roi' in found.note


@pytest.mark.parametrize('changes, size, told', [
    ({}, (848, 480), 'for images of 640x480 px, these are 848x480 px'),
    ({}, (480, 640), 'for images of 640x480 px, these are 480x640 px'),
    ({'binning_x': 2}, (640, 240), 'for images of 320x480 px'),
    ({'k': [1560.0, 0, 959.5, 0, 1560.0, 719.5, 0, 0, 1]}, (640, 480), 'principal point'),
    ({'k': [nan, 0, 319.5, 0, 520.0, 239.5, 0, 0, 1]}, (640, 480), 'not finite'),
])
def test_an_info_that_does_not_fit_is_not_used(changes, size, told):
    found = fit(info(**changes), *size)
    assert found.intrinsics is None
    assert told in found.note and 'not used' in found.note and '\n' not in found.note


def test_an_uncalibrated_camera_has_no_intrinsics_and_needs_no_word():
    assert fit(info(k=[0.0] * 9, p=[0.0] * 12), 640, 480) == fit(info(k=[0.0] * 9), 320, 200)
    assert fit(info(k=[0.0] * 9), 640, 480).intrinsics is None
    assert fit(info(k=[0.0] * 9), 640, 480).note == ''


def test_a_rectified_image_uses_p_and_is_not_undistorted_again():
    distorted = info(d=LENS)
    assert fit(distorted, 640, 480, rectified=True).intrinsics == Intrinsics(500, 510, 310, 230)
    assert fit(distorted, 640, 480).intrinsics == Intrinsics(
        520, 530, 319.5, 239.5, Distortion('plumb_bob', LENS))
    without_p = info(d=LENS, p=[0.0] * 12)
    assert fit(without_p, 640, 480, rectified=True).intrinsics == Intrinsics(
        520, 530, 319.5, 239.5)


@pytest.mark.parametrize('topic, rectified', [
    ('/camera/color/image_raw', False), ('/camera/rgb/image_rect_color', True),
    ('/left/image_rect', True), ('/zed/zed_node/rgb/color/rect/image', True),
    ('/direct/image', False), ('/camera/image_rectified', True), ('/rectangle/image', False)])
def test_the_name_of_the_images_says_whether_they_are_rectified(topic, rectified):
    assert is_rectified(topic) is rectified


@pytest.mark.parametrize('model', LENSES)
def test_the_position_of_a_face_is_that_of_the_lens(model):
    """A point is projected by OpenCV's own model and must come back."""
    intrinsics = fit(info(d=LENSES[model], distortion_model=model), 640, 480).intrinsics
    matrix = np.array([[520.0, 0, 319.5], [0, 530.0, 239.5], [0, 0, 1]])
    project = cv2.fisheye.projectPoints if model == 'equidistant' else cv2.projectPoints
    pixels, _ = project(
        np.array([[[0.8, -0.5, 2.0]]]), np.zeros(3), np.zeros(3), matrix, np.array(LENSES[model]))
    column, row = pixels.reshape(2)
    box = SimpleNamespace(center=(column + 0.5, row + 0.5))
    assert position_of(box, 2.0, intrinsics) == pytest.approx((0.8, -0.5, 2.0), abs=0.001)


def test_a_ray_that_the_lens_model_does_not_know_is_left_where_it_is():
    fisheye = Intrinsics(100, 100, 319.5, 239.5, Distortion('equidistant', (0.0, 0, 0, 0)))
    assert fisheye.ray(639.0, 239.5) == pytest.approx((3.195, 0.0))
    x, _, _ = position_of(Box(400, 235, 10, 10), 1.0, fisheye)
    assert x == pytest.approx(np.tan(0.85), abs=1e-4)


@pytest.mark.parametrize('changes, told', [
    ({'distortion_model': 'mirror'}, "distortion_model 'mirror' of camera_info is none of"),
    ({'d': [0.1, 0.2]}, 'has 2 coefficients for plumb_bob, which has 5')])
def test_a_lens_that_is_not_understood_is_told_and_k_alone_used(changes, told):
    found = fit(info(**{'d': LENS, **changes}), 640, 480)
    assert found.intrinsics == Intrinsics(520.0, 530.0, 319.5, 239.5)
    assert told in found.note


def test_each_doubt_is_told_once_whatever_the_number_of_images():
    geometry = CameraGeometry('/cam/image_raw', '/cam/camera_info')
    assert geometry.intrinsics(640, 480) is None
    for _ in range(3):
        geometry.info = info()
        assert geometry.intrinsics(848, 480) is None
        geometry.check_frames('colour', 'depth')
        geometry.check_frames('', 'depth')
    aspect, frames = geometry.take_news()
    assert aspect.startswith('/cam/camera_info: camera_info is for images of 640x480 px')
    assert frames.startswith('depth is in frame depth, colour in colour')
    assert geometry.intrinsics(640, 480) == Intrinsics(520.0, 530.0, 319.5, 239.5)
    geometry.info = info(k=[600.0, 0, 319.5, 0, 600.0, 239.5, 0, 0, 1])
    assert geometry.intrinsics(640, 480).fx == 600
    assert geometry.take_news() == []


def test_a_camera_info_that_never_comes_is_missed_once():
    geometry = CameraGeometry('/cam/image_raw', '/cam/camera_info')
    for _ in range(2 * PATIENCE):
        geometry.count_wanted()
    assert geometry.take_news() == [
        'no camera_info on /cam/camera_info: faces have a distance but no position']
    with_info = CameraGeometry('/cam/image_raw', '/cam/camera_info')
    with_info.info = info()
    for _ in range(2 * PATIENCE):
        with_info.count_wanted()
    assert with_info.take_news() == []
