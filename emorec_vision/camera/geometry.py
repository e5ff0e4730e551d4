# SPDX-License-Identifier: Apache-2.0
"""Tell where the pixels of a camera's images look, and what is wrong with what is known of it.

A sensor_msgs/CameraInfo speaks of the whole sensor: `roi` and `binning` say which part of it an
image shows, and how many of its pixels make one of the image's.
"""

from __future__ import annotations

from dataclasses import dataclass
import math
import re
from typing import Any
from typing import NamedTuple

from emorec_vision.distortion import COEFFICIENTS
from emorec_vision.distortion import Distortion
from emorec_vision.geometry import Intrinsics

ROUNDING = 1
"""px by which a size may differ: a driver that halves an odd number."""
SAME_ASPECT = 0.01
"""Largest difference of the scales across and down, as a share of them."""
PATIENCE = 30
"""Images with something at a known distance until a missing camera_info is told."""
UNUSED = 'not used, positions are unknown; does it belong to these images?'
RECTIFIED = re.compile(r'(^|[/_])rect(ified)?([/_]|$)')
"""image_rect, image_rect_color (image_pipeline, ZED), rgb/color/rect/image (ZED)."""


@dataclass(frozen=True)
class CameraFit:
    """The intrinsics of an image, None where there are none, and a line about them or ''."""

    intrinsics: Intrinsics | None
    note: str = ''


class _Window(NamedTuple):
    """A part of a sensor: its upper left corner (px of the sensor), and the image's scales."""

    left: int
    top: int
    across: float
    down: float


def is_rectified(image_topic: str) -> bool:
    """Tell whether the name of an image topic says that its images are undistorted."""
    return RECTIFIED.search(image_topic) is not None


def fit(info: Any, width: int, height: int, rectified: bool = False) -> CameraFit:
    """Return the intrinsics that a CameraInfo gives an image.

    The image's own are P where it is rectified and P is filled in, otherwise K and D. An image
    of another size of the same aspect is taken to show the same view, larger or smaller.

    Args:
        info: with the fields of sensor_msgs/CameraInfo, of ROS 2 or (K, D, P) ROS 1.
        width: of the image, px.
        height: likewise.
        rectified: whether the image is undistorted.
    """
    sensor, lens_note = _of_sensor(info, rectified)
    if sensor is None:
        return CameraFit(None, lens_note)
    size = (int(info.width) or width, int(info.height) or height)
    if not (0 < sensor.cx < size[0] and 0 < sensor.cy < size[1]):
        return CameraFit(None, f'the principal point of camera_info, ({sensor.cx:.0f}, '
                         f'{sensor.cy:.0f}), lies outside of its {size[0]}x{size[1]} px: {UNUSED}')
    window, note = _window(info, size, (width, height))
    return CameraFit(None if window is None else _seen_through(window, sensor),
                     '; '.join(filter(None, (note, lens_note))))


class CameraGeometry:
    """What is known of the geometry of one camera's images; each doubt is told once.

    Args:
        image_topic: name of the topic of the images, which says whether they are rectified.
        info_topic: name of the topic of the camera_info, for messages.

    Attributes:
        info: the newest CameraInfo, None before the first one.
    """

    def __init__(self, image_topic: str, info_topic: str) -> None:
        self.info: Any = None
        self._rectified = is_rectified(image_topic)
        self._info_topic = info_topic
        self._fits: dict[tuple[Any, ...], CameraFit] = {}
        self._without_info = 0
        self._told: set[str] = set()
        self._news: list[str] = []

    def intrinsics(self, width: int, height: int) -> Intrinsics | None:
        """Return those of an image of a size (px) that came now."""
        info = self.info
        if info is None:
            return None
        key = (width, height, *_fields(info))
        if key not in self._fits:
            self._fits = {key: fit(info, width, height, self._rectified)}
            if note := self._fits[key].note:
                self.tell(f'{self._info_topic}: {note}')
        return self._fits[key].intrinsics

    def check_frames(self, colour: str, depth: str) -> None:
        """Tell when depth is not in the frame of the colour image; both are frame ids."""
        if colour and depth and colour != depth:
            self.tell(f'depth is in frame {depth}, colour in {colour}: if it is not registered to '
                      'colour, faces are judged by what lies beside them; used as if it were')

    def count_wanted(self) -> None:
        """Count an image with depth worth a position; tell when no camera_info comes for it."""
        if self.info is None:
            self._without_info += 1
            if self._without_info == PATIENCE:
                self.tell(f'no camera_info on {self._info_topic}: faces have a distance but no '
                          'position')

    def tell(self, text: str) -> None:
        """Tell something once."""
        if text not in self._told:
            self._told.add(text)
            self._news.append(text)

    def take_news(self) -> list[str]:
        """Return what is worth telling since the last call, one line each."""
        news, self._news = self._news, []
        return news


def _fields(info: Any) -> tuple[Any, ...]:
    """Return what the intrinsics depend on, as values that can be compared."""
    roi = info.roi
    return (info.width, info.height, info.distortion_model, *(tuple(_matrix(info, name))
            for name in 'kdp'), info.binning_x, info.binning_y, roi.x_offset, roi.y_offset,
            roi.width, roi.height)


def _matrix(info: Any, name: str) -> Any:
    return getattr(info, name) if hasattr(info, name) else getattr(info, name.upper())


def _of_sensor(info: Any, rectified: bool) -> tuple[Intrinsics | None, str]:
    """Return the intrinsics of the whole sensor, None if it is not calibrated, and a note."""
    k, p = ([float(value) for value in _matrix(info, name)] for name in 'kp')
    if rectified and p[0] > 0 and p[5] > 0:
        numbers, distortion, note = (p[0], p[5], p[2], p[6]), None, ''
    else:
        numbers = (k[0], k[4], k[2], k[5])
        distortion, note = (None, '') if rectified else _distortion(info)
    if not all(map(math.isfinite, numbers)):
        return None, 'camera_info holds numbers that are not finite: not used'
    if min(numbers[:2]) <= 0:
        return None, ''
    return Intrinsics(*numbers, distortion), note


def _distortion(info: Any) -> tuple[Distortion | None, str]:
    """Return what the lens does, None where that is nothing or unknown, and a note."""
    coefficients = tuple(float(value) for value in _matrix(info, 'd'))
    if not any(coefficients):
        return None, ''
    model = str(info.distortion_model)
    count = COEFFICIENTS.get(model)
    if count is None:
        return None, (f'distortion_model {model!r} of camera_info is none of '
                      f'{", ".join(COEFFICIENTS)}: positions are as if the lens did not distort')
    if len(coefficients) != count or not all(map(math.isfinite, coefficients)):
        return None, (f'camera_info has {len(coefficients)} coefficients for {model}, which has '
                      f'{count}: positions are as if the lens did not distort')
    return Distortion(model, coefficients), ''


def _window(
    info: Any, size: tuple[int, int], image: tuple[int, int]
) -> tuple[_Window | None, str]:
    """Return what an image of a size shows of the sensor, None if that is unknown, and a note."""
    roi, binning = info.roi, (max(int(info.binning_x), 1), max(int(info.binning_y), 1))
    left, top, *seen = ((int(roi.x_offset), int(roi.y_offset), int(roi.width), int(roi.height))
                        if roi.width and roi.height else (0, 0, *size))
    told = (seen[0] // binning[0], seen[1] // binning[1])
    sizes = (f'camera_info is for images of {told[0]}x{told[1]} px, these are '
             f'{image[0]}x{image[1]} px')
    if _is_close(told, image):
        return _Window(left, top, 1 / binning[0], 1 / binning[1]), ''
    if _is_close(size, image):
        return _Window(0, 0, 1.0, 1.0), f'{sizes}: used without its roi and binning'
    across, down = image[0] / seen[0], image[1] / seen[1]
    if abs(across - down) > SAME_ASPECT * max(across, down):
        return None, f'{sizes}: {UNUSED}'
    return (_Window(left, top, across, down),
            f'{sizes}: scaled, as if both showed the same view')


def _is_close(size: tuple[int, int], other: tuple[int, int]) -> bool:
    return all(abs(one - two) <= ROUNDING for one, two in zip(size, other))


def _seen_through(window: _Window, sensor: Intrinsics) -> Intrinsics:
    """Return the intrinsics of a part of a sensor, scaled.

    The middle of pixel (0, 0) is at (0, 0), so its corner, which stays, at (-0.5, -0.5).
    """
    return Intrinsics(
        sensor.fx * window.across, sensor.fy * window.down,
        (sensor.cx - window.left + 0.5) * window.across - 0.5,
        (sensor.cy - window.top + 0.5) * window.down - 0.5, sensor.distortion)
