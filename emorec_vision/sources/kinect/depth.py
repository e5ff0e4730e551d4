# SPDX-License-Identifier: Apache-2.0
"""Turn the Kinect's raw depth into millimetres that lie on its colour image."""

from functools import lru_cache

from emorec_vision.geometry import Intrinsics
import numpy as np

NO_READING = 2047
"""Raw value of a pixel without depth; libfreenect.h, FREENECT_DEPTH_RAW_NO_VALUE."""
FARTHEST_MM = 10000
"""libfreenect.h, FREENECT_DEPTH_MM_MAX_VALUE."""
REFERENCE_DISTANCE_MM = 120.0
REFERENCE_PIXEL_MM = 0.1042
"""Of a pixel of the 1280 px wide sensor; one of the 640 px wide image is twice as large."""
EMITTER_DISTANCE_CM = 7.5
"""The values that a Kinect v1 reports of itself; libfreenect's registration.c."""
CONST_SHIFT = 200
EMPTY = np.iinfo(np.uint16).max
BASELINE = 0.024
"""From the infrared camera to the colour camera, to the right, m; libfreenect's cameras.c."""
_DEPTH_FOCAL = REFERENCE_DISTANCE_MM / REFERENCE_PIXEL_MM / 2
DEPTH_INTRINSICS = Intrinsics(_DEPTH_FOCAL, _DEPTH_FOCAL, 319.5, 239.5)
COLOUR_INTRINSICS = Intrinsics(525.0, 525.0, 319.5, 239.5)
"""Of an uncalibrated Kinect, 640x480; the defaults of ROS 1's freenect_stack."""


def raw_to_millimetres(raw: np.ndarray) -> np.ndarray:
    """Return raw 11-bit depth as millimetres, 0 where there is no reading.

    By the formula of libfreenect (registration.c, freenect_raw_to_mm) with the constants of a
    Kinect v1: 700 is 887 mm, 1000 is 3864 mm.

    Args:
        raw: integers of any shape; 2047 and more is no reading.

    Returns:
        uint16 of the same shape; what the formula puts beyond 10 m is no reading either.
    """
    return _table()[np.minimum(raw, NO_READING)]


def register_depth(
    millimetres: np.ndarray, depth: Intrinsics = DEPTH_INTRINSICS,
    colour: Intrinsics = COLOUR_INTRINSICS, baseline: float = BASELINE
) -> np.ndarray:
    """Return depth as the colour camera sees it; where several pixels meet the nearest counts.

    Both cameras look the same way without distortion and the colour camera stands `baseline`
    metres to the right: a good approximation, which the table in each device corrects by a few
    pixels. The field of view of depth is the narrower one and leaves a border without reading.

    Args:
        millimetres: uint16 (H, W), 0 where there is no reading.

    Returns:
        uint16 (H, W) in mm, 0 where there is none.
    """
    height, width = millimetres.shape
    across, down = _places(height, width, depth, colour)
    x = across - _shift(colour.fx * baseline)[millimetres]
    nowhere = height * width
    target = np.where((x >= 0) & (x < width), x.astype(np.int32) + down, nowhere)
    np.minimum(target, nowhere, out=target)
    registered = np.full(nowhere + 1, EMPTY, np.uint16)
    np.minimum.at(registered, target.ravel(), millimetres.ravel())
    registered[registered == EMPTY] = 0
    return registered[:nowhere].reshape(height, width)


@lru_cache(maxsize=1)
def _places(
    height: int, width: int, depth: Intrinsics, colour: Intrinsics
) -> tuple[np.ndarray, np.ndarray]:
    """Return where a far pixel falls: its column, float32 (W,), and its row's index, (H, 1)."""
    across = (np.arange(width) - depth.cx) * (colour.fx / depth.fx) + colour.cx + 0.5
    down = np.floor((np.arange(height) - depth.cy) * (colour.fy / depth.fy) + colour.cy + 0.5)
    index = np.where((down >= 0) & (down < height), down * width, height * width)
    return across.astype(np.float32), index.astype(np.int32)[:, None]


@lru_cache(maxsize=1)
def _shift(focal_times_baseline: float) -> np.ndarray:
    """Return by how many pixels each depth in mm moves to the left, float32 (65536,)."""
    with np.errstate(divide='ignore'):
        shift = focal_times_baseline * 1000.0 / np.arange(EMPTY + 1)
    shift[0] = EMPTY
    return shift.astype(np.float32)


@lru_cache(maxsize=1)
def _table() -> np.ndarray:
    """Return the millimetres of every raw value, uint16 (2048,)."""
    shift = (np.arange(NO_READING + 1) - 4 * CONST_SHIFT) / 4 - 0.375
    metric = shift * REFERENCE_PIXEL_MM
    with np.errstate(divide='ignore'):
        millimetres = 10 * (
            metric * REFERENCE_DISTANCE_MM / (EMITTER_DISTANCE_CM - metric)
            + REFERENCE_DISTANCE_MM)
    valid = (metric < EMITTER_DISTANCE_CM) & (millimetres <= FARTHEST_MM)
    valid[NO_READING] = False
    return np.where(valid, millimetres, 0).astype(np.uint16)
