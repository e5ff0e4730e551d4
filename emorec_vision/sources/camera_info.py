# SPDX-License-Identifier: Apache-2.0
"""Read the calibration of a camera from the YAML file that ROS tools write."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
import math
from pathlib import Path
from typing import Any

from emorec_vision.distortion import COEFFICIENTS
from emorec_vision.errors import InputError
from emorec_vision.files.access import check_file
from emorec_vision.files.access import read_file
from emorec_vision.files.user_path import expand
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.detect import hint
import yaml

MOST_BYTES = 2**20
IDENTITY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True)
class CameraCalibration:
    """A calibrated camera, as sensor_msgs/CameraInfo does.

    matrix: K, 9 numbers, px. coefficients: D of the distortion model. rectification: R, 9.
    projection: P, 12, px. All row by row.
    """

    width: int
    height: int
    matrix: tuple[float, ...]
    distortion_model: str
    coefficients: tuple[float, ...]
    rectification: tuple[float, ...]
    projection: tuple[float, ...]

    @property
    def intrinsics(self) -> Intrinsics:
        """Return focal lengths and principal point, px."""
        return Intrinsics(self.matrix[0], self.matrix[4], self.matrix[2], self.matrix[5])


def load_camera_calibration(
    path: str | Path, width: int | None = None, height: int | None = None
) -> CameraCalibration:
    """Read a file in the format of camera_calibration_parsers.

    Needed are image_width, image_height, camera_matrix and distortion_coefficients;
    distortion_model is plumb_bob, rectification_matrix the identity and projection_matrix the
    camera's own matrix where they are missing.

    Args:
        path: of the file; 'file://' before it, ~ and $VARIABLES in it are understood.
        width: of the camera's images, px; a calibration for other images is refused. None: any.
        height: likewise.

    Raises:
        InputError: if the file cannot be read, is no such file or is for other images.
    """
    file = expand(str(path).removeprefix('file://'))
    values = _read(file)
    try:
        calibration = _calibration(values)
    except (KeyError, TypeError, ValueError) as error:
        what = f'{error.args[0]} is missing' if isinstance(error, KeyError) else str(error)
        raise InputError(f'{file} is no camera calibration: {what}; make one with '
                         'camera_calibration') from None
    if (calibration.width, calibration.height) != (
            width or calibration.width, height or calibration.height):
        raise InputError(f'{file} is for images of {calibration.width}x{calibration.height} '
                         f'px, the camera gives {width}x{height}; calibrate it again')
    return calibration


def _read(file: Path) -> dict[str, Any]:
    check_file(file, f'there is no calibration file {file}; check the path',
               partial(hint, given_as='calibration'))
    content = read_file(file, 'the calibration', most_bytes=MOST_BYTES)
    try:
        values = yaml.safe_load(content.decode())
    except ValueError:
        raise InputError(f'cannot read the calibration {file}: it is no text') from None
    except (yaml.YAMLError, RecursionError):
        raise InputError(f'{file} is no YAML file; make one with camera_calibration') from None
    if not isinstance(values, dict):
        raise InputError(f'{file} is no camera calibration; make one with camera_calibration')
    return values


def _calibration(values: dict[str, Any]) -> CameraCalibration:
    model = values.get('distortion_model', 'plumb_bob')
    if model not in tuple(COEFFICIENTS):
        raise ValueError(f'distortion_model {model!r} is none of {", ".join(COEFFICIENTS)}')
    width, height = values['image_width'], values['image_height']
    if not all(type(size) is int and size > 0 for size in (width, height)):
        raise ValueError('image_width and image_height must be positive whole numbers')
    matrix = _numbers(values, 'camera_matrix', 9)
    if not (matrix[0] > 0 and matrix[4] > 0):
        raise ValueError('the focal lengths in camera_matrix must be positive')
    own_projection = (*matrix[:3], 0.0, *matrix[3:6], 0.0, *matrix[6:], 0.0)
    return CameraCalibration(
        width, height, matrix, model,
        _numbers(values, 'distortion_coefficients', COEFFICIENTS[model]),
        _numbers(values, 'rectification_matrix', 9, IDENTITY),
        _numbers(values, 'projection_matrix', 12, own_projection))


def _numbers(values: dict[str, Any], name: str, count: int,
             default: Sequence[float] | None = None) -> tuple[float, ...]:
    """Return the numbers of a matrix, which is written as {rows, cols, data}."""
    if name not in values and default is not None:
        return tuple(default)
    matrix = values[name]
    data = matrix.get('data') if isinstance(matrix, dict) else None
    if not (isinstance(data, list) and len(data) == count
            and all(type(number) in (int, float) and math.isfinite(number) for number in data)):
        raise ValueError(f'{name} must have data: a list of {count} numbers')
    return tuple(float(number) for number in data)
