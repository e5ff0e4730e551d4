# SPDX-License-Identifier: Apache-2.0
"""Measure how round and how wide the thing under a face box is, in m, from its depth."""

from __future__ import annotations

from dataclasses import dataclass

from emorec_vision.geometry import Box
import numpy as np

SENSOR_STEP = 2.85e-3
"""Step of a Kinect v1 between two readings, in 1/m of inverse depth: z^2 times this is the step
in m, half of it the noise (Khoshelham and Elberink 2012, sections 3 and 4,
doi:10.3390/s120201437). Sensors of today are no worse."""

HALF_FACE = 0.08
"""Half the width of a face, m: what is measured is how far its sides lie behind its middle."""
BOX_HALF = 0.46
"""The same in sides of a detector's box, for cameras without intrinsics."""
REACH = 2.8
"""How far to either side and upwards the surface is looked at, in half faces."""
COLUMNS, ROWS = 49, 43
FITTED = 1.25
"""To either side the fit takes this in, in half faces, and one half face up and down: the cheeks
and temples beside a face bend most (docs/depth.md)."""
RING = (2.2, 2.8)
"""Above and beside a head there is none of it any more, in half faces from its middle."""
CROWN = 0.4
"""Half the width of the strip in which the top of a head is looked for, in half faces."""
BAND = 0.6
"""Part of the rows, around the middle, in which the outline is looked for: no shoulders."""
SLAB = 0.10
"""What lies further behind or before the middle is no part of a face, m."""
EDGE = 0.03
"""Depth step between neighbouring samples (8 to 10 mm apart) that ends a surface, m."""
MIN_SAMPLES = 30
TERMS = 6


@dataclass(frozen=True)
class Shape:
    """The shape of the surface under a face box, m.

    Attributes:
        relief: how far its sides, half a face from the middle, lie behind its middle, without
            what a tilt does; a plane has 0, at any angle.
        upright: the same from top to bottom.
        outline: how wide it is until depth jumps or ends, at most REACH half faces to a side.
        around: share of the upper half of the RING around it that lies as near as it does, 0..1.
        ends_above: whether it ends within REACH half faces above its middle, as a head does.
    """

    relief: float
    upright: float
    outline: float
    around: float
    ends_above: bool


def sensor_step(distance: float) -> float:
    """Return the step between two readings at a distance, both in m."""
    return SENSOR_STEP * distance * distance


def measure_shape(depth: np.ndarray, box: Box, distance: float,
                  focal: float | None = None) -> Shape | None:
    """Return the shape of what is under a box, or None with too few readings.

    About 49x43 samples are read. In the middle rows the surface is followed from the middle to
    either side until depth jumps; the face is taken to lie in the middle of that outline. There
    1/z is fitted by least squares with a polynomial of second order: in 1/z planes are linear
    and the noise of a triangulating sensor is the same at all distances. The second-order terms
    times -z^2 are the reliefs.

    Args:
        depth: uint16 (H, W) mm or float32 (H, W) m, as DepthGate.check takes it.
        box: the face, px.
        distance: of its middle, m.
        focal: focal length, px; None takes the box for as wide as a face.
    """
    half = HALF_FACE * focal / distance if focal else BOX_HALF * box.width
    column, row = box.center
    columns = _samples(column - REACH * half, column + REACH * half, COLUMNS, depth.shape[1])
    rows = _samples(row - REACH * half, row + half, ROWS, depth.shape[0])
    if columns.size < 3 or rows.size < 3:
        return None
    z = metres(depth[np.ix_(rows, columns)])
    across = (columns + 0.5 - column) / half
    down = (rows + 0.5 - row) / half
    profile = _profile(z[np.abs(down) < BAND])
    left, right, middle = _outline(profile, across, distance)
    across -= middle
    face_rows = np.abs(down) < 1.0
    reliefs = _reliefs(z[face_rows], across, down[face_rows], distance)
    if reliefs is None:
        return None
    return Shape(*reliefs, outline=(right - left) * HALF_FACE,
                 around=_around(z, across, down, distance),
                 ends_above=_ends_above(_profile(z[:, np.abs(across) < CROWN].T), down, distance))


def metres(patch: np.ndarray) -> np.ndarray:
    """Return a piece of a depth image in m, float32, 0 where there is no reading."""
    if patch.dtype == np.uint16:
        return patch.astype(np.float32) / np.float32(1000.0)
    return np.where(np.isfinite(patch) & (patch > 0), patch, np.float32(0.0))


def _samples(first: float, last: float, count: int, size: int) -> np.ndarray:
    """Return up to `count` different pixel numbers between two, inside the image."""
    numbers = np.unique(np.floor(np.linspace(first, last, count)).astype(int))
    return numbers[(numbers >= 0) & (numbers < size)]


def _profile(z: np.ndarray) -> np.ndarray:
    """Return the median of each column's readings, NaN where most or all are missing."""
    if not z.shape[0]:
        return np.full(z.shape[1], np.nan)
    known = z > 0
    count = known.sum(axis=0)
    ordered = np.sort(np.where(known, z, np.inf), axis=0)
    medians = ordered[np.maximum(count - 1, 0) // 2, np.arange(z.shape[1])]
    return np.where(count > 0.4 * z.shape[0], medians, np.nan)


def _outline(profile: np.ndarray, across: np.ndarray,
             distance: float) -> tuple[float, float, float]:
    """Return where the surface in the middle ends left and right, and where the face is on it.

    All in half faces from the middle of the box. A surface without an end on one side has the
    face half a face from its other end; one without any end, in the middle of the box.
    """
    start, step = _start(profile, across, distance), sensor_step(distance)
    left, left_ends = _follow(profile[:start + 1][::-1], EDGE + step / 2)
    right, right_ends = _follow(profile[start:], EDGE + step / 2)
    first, last = float(across[start - left]), float(across[start + right])
    if left_ends and right_ends:
        middle = (first + last) / 2
    elif left_ends:
        middle = max(first + 1.0, 0.0)
    else:
        middle = min(last - 1.0, 0.0) if right_ends else 0.0
    return first, last, min(max(middle, -1.0), 1.0)


def _ends_above(profile: np.ndarray, down: np.ndarray, distance: float) -> bool:
    """Tell whether the surface in the middle ends above it, by the medians of the rows."""
    start = _start(profile, down, distance)
    return _follow(profile[:start + 1][::-1], EDGE + sensor_step(distance) / 2)[1]


def _start(profile: np.ndarray, places: np.ndarray, distance: float) -> int:
    """Return the number of the reading of the face that is nearest to its middle, place 0."""
    on_face = np.abs(profile - distance) < SLAB / 2 + sensor_step(distance)
    return int(np.argmin(np.abs(places) + np.where(on_face, 0.0, 10.0)))


def _around(z: np.ndarray, across: np.ndarray, down: np.ndarray, distance: float) -> float:
    """Return the share of the samples in the upper half of RING that lie as near as the face."""
    x, y = np.meshgrid(across, down[down < 0])
    away = np.hypot(x, y)
    ring = z[down < 0][(away >= RING[0]) & (away < RING[1])]
    near = (ring > 0) & (np.abs(ring - distance) < SLAB + 1.5 * sensor_step(distance))
    return float(near.mean()) if ring.size else 0.0


def _follow(profile: np.ndarray, edge: float) -> tuple[int, bool]:
    """Return how many samples a surface goes on, and whether it ends before the samples do.

    One missing sample is stepped over.
    """
    here = 0
    while here + 1 < len(profile):
        if abs(profile[here + 1] - profile[here]) <= edge:
            here += 1
        elif (np.isnan(profile[here + 1]) and here + 2 < len(profile)
              and abs(profile[here + 2] - profile[here]) < 2 * edge):
            here += 2
        else:
            return here, True
    return here, False


def _reliefs(z: np.ndarray, across: np.ndarray, down: np.ndarray,
             distance: float) -> tuple[float, float] | None:
    """Return how far the sides, and top and bottom, lie behind the middle, m."""
    x, y = np.meshgrid(across.astype(np.float32), down.astype(np.float32))
    disc = ((x / FITTED) ** 2 + y * y < 1.0) & (z > 0)
    inner = z[disc & (np.abs(x) < 0.5)]
    if inner.size < MIN_SAMPLES / 3:
        return None
    step = sensor_step(distance)
    face = disc & (np.abs(z - np.median(inner)) < SLAB + 1.5 * step)
    if np.count_nonzero(face) < MIN_SAMPLES:
        return None
    x, y, inverse = x[face], y[face], 1.0 / z[face].astype(float)
    terms = np.stack([np.ones_like(x), x, y, x * x, y * y, x * y], axis=1).astype(float)
    found = _least_squares(terms, inverse)
    off = np.abs(inverse - terms @ found)
    near = off < 2.5 * max(float(np.sqrt(np.mean(off * off))), 0.3 * SENSOR_STEP)
    if np.count_nonzero(near) >= MIN_SAMPLES:
        found = _least_squares(terms[near], inverse[near])
    return float(-found[3] * distance ** 2), float(-found[4] * distance ** 2)


def _least_squares(terms: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Return the coefficients of the terms that come nearest to the values."""
    return np.linalg.solve(terms.T @ terms + 1e-9 * np.eye(TERMS), terms.T @ values)
