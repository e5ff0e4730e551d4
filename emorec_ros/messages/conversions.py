# SPDX-License-Identifier: Apache-2.0
"""Times, boxes and cameras as fields of messages, and back."""

from builtin_interfaces.msg import Time
from emorec_vision.distortion import Distortion
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.camera_info import CameraCalibration
from emorec_vision.stamps import NANOSECONDS
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import RegionOfInterest


def stamp_ns(time: Time) -> int:
    """Return a stamp in nanoseconds."""
    return int(time.sec) * NANOSECONDS + int(time.nanosec)


def time_from_ns(nanoseconds: int) -> Time:
    """Return nanoseconds as a stamp."""
    return Time(sec=nanoseconds // NANOSECONDS, nanosec=nanoseconds % NANOSECONDS)


def seconds_to_ns(seconds: float) -> int:
    """Return seconds as whole nanoseconds."""
    return round(seconds * NANOSECONDS)


def roi_from_box(box: Box) -> RegionOfInterest:
    """Return a box that lies inside its image as a region of interest (px)."""
    return RegionOfInterest(x_offset=int(box.x), y_offset=int(box.y), width=int(box.width),
                            height=int(box.height))


def box_from_roi(roi: RegionOfInterest) -> Box:
    """Return a region of interest as a box (px)."""
    return Box(roi.x_offset, roi.y_offset, roi.width, roi.height)


def camera_info(intrinsics: Intrinsics | None, width: int, height: int) -> CameraInfo:
    """Return the camera_info of images of a size (px); intrinsics None: not calibrated."""
    if intrinsics is None:
        return CameraInfo(width=width, height=height)
    fx, fy, cx, cy = (float(value) for value in (
        intrinsics.fx, intrinsics.fy, intrinsics.cx, intrinsics.cy))
    lens = intrinsics.distortion or Distortion('plumb_bob', (0.0,) * 5)
    return CameraInfo(
        width=width, height=height, distortion_model=lens.model, d=list(lens.coefficients),
        k=[fx, 0.0, cx, 0.0, fy, cy, 0.0, 0.0, 1.0],
        r=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        p=[fx, 0.0, cx, 0.0, 0.0, fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0])


def calibrated_camera_info(calibration: CameraCalibration) -> CameraInfo:
    """Return the camera_info of a calibrated camera."""
    return CameraInfo(
        width=calibration.width, height=calibration.height,
        distortion_model=calibration.distortion_model, d=list(calibration.coefficients),
        k=list(calibration.matrix), r=list(calibration.rectification),
        p=list(calibration.projection))
