# SPDX-License-Identifier: Apache-2.0
"""CameraCalibration files of ROS tools are read, and bad ones refused in one line."""

from emorec_vision.errors import InputError
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.camera_info import load_camera_calibration
import pytest

WRITTEN_BY_ROS = """\
image_width: 640
image_height: 480
camera_name: rgb_A00362A08017107A
camera_matrix:
  rows: 3
  cols: 3
  data: [526.6, 0, 318.5, 0, 527.9, 251.3, 0, 0, 1]
distortion_model: plumb_bob
distortion_coefficients:
  rows: 1
  cols: 5
  data: [0.103, -0.186, 0.0, 0.0, 0.0]
rectification_matrix:
  rows: 3
  cols: 3
  data: [1, 0, 0, 0, 1, 0, 0, 0, 1]
projection_matrix:
  rows: 3
  cols: 4
  data: [528.1, 0, 317.6, 0, 0, 532.5, 251.4, 0, 0, 0, 1, 0]
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / 'rgb.yaml'
    path.write_text(WRITTEN_BY_ROS)
    return path


def test_a_file_of_camera_calibration_is_read(file):
    calibration = load_camera_calibration(file, 640, 480)
    assert calibration.intrinsics == Intrinsics(526.6, 527.9, 318.5, 251.3)
    assert calibration.coefficients == (0.103, -0.186, 0, 0, 0)
    assert calibration.projection[:4] == (528.1, 0, 317.6, 0)
    assert load_camera_calibration(f'file://{file}', 640, 480) == calibration
    assert load_camera_calibration(file) == calibration


def test_what_may_be_missing_has_defaults(file):
    file.write_text(WRITTEN_BY_ROS[:WRITTEN_BY_ROS.index('rectification_matrix')].replace(
        'distortion_model: plumb_bob\n', ''))
    calibration = load_camera_calibration(file, 640, 480)
    assert calibration.distortion_model == 'plumb_bob'
    assert calibration.rectification == (1, 0, 0, 0, 1, 0, 0, 0, 1)
    assert calibration.projection == (526.6, 0, 318.5, 0, 0, 527.9, 251.3, 0, 0, 0, 1, 0)


def test_home_is_understood(file, monkeypatch):
    monkeypatch.setenv('HOME', str(file.parent))
    assert load_camera_calibration('~/rgb.yaml', 640, 480).width == 640


@pytest.mark.parametrize('old, new, complaint', [
    ('image_width: 640', 'image_width: 1280', 'for images of 1280x480 px, .* gives 640x480'),
    ('image_width: 640', 'image_width: wide', 'image_width and image_height must be'),
    ('image_width: 640\n', '', 'image_width is missing'),
    ('camera_matrix:', 'camera_matrices:', 'camera_matrix is missing'),
    ('[526.6, 0, 318.5,', '[526.6, 0,', 'camera_matrix must have data: a list of 9 numbers'),
    ('526.6', '-526.6', 'focal lengths'),
    ('526.6', '.nan', 'list of 9 numbers'),
    ('526.6', 'many', 'list of 9 numbers'),
    ('plumb_bob', 'fisheye', "distortion_model 'fisheye' is none of plumb_bob"),
    ('plumb_bob', 'equidistant', 'distortion_coefficients must have data: a list of 4'),
    (WRITTEN_BY_ROS, '- 640\n', 'is no camera calibration'),
    (WRITTEN_BY_ROS, '', 'is no camera calibration'),
    (WRITTEN_BY_ROS, 'image_width: [640', 'is no YAML file'),
    ('plumb_bob', '[plumb_bob]', 'is none of'),
])
def test_a_bad_file_is_named_with_what_is_wrong(old, new, complaint, file):
    file.write_text(WRITTEN_BY_ROS.replace(old, new, 1))
    with pytest.raises(InputError, match=complaint) as refusal:
        load_camera_calibration(file, 640, 480)
    assert str(file) in str(refusal.value)
    assert '\n' not in str(refusal.value)


def test_what_cannot_be_read_is_named(tmp_path):
    with pytest.raises(InputError, match='there is no calibration file .*/none.yaml'):
        load_camera_calibration(tmp_path / 'none.yaml', 640, 480)
    with pytest.raises(InputError, match='cannot read .*: it is a folder'):
        load_camera_calibration(tmp_path, 640, 480)
    (tmp_path / 'binary').write_bytes(b'\xff\xfe\x00\x80')
    with pytest.raises(InputError, match='cannot read .*: it is no text'):
        load_camera_calibration(tmp_path / 'binary', 640, 480)
