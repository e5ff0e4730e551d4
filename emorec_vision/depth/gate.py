# SPDX-License-Identifier: Apache-2.0
"""Ask the depth image whether a box that looks like a face can be one."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
import math

from emorec_vision.depth.shape import measure_shape
from emorec_vision.depth.shape import metres
from emorec_vision.depth.shape import sensor_step
from emorec_vision.depth.shape import Shape
from emorec_vision.errors import InputError
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
from emorec_vision.geometry import NOWHERE
from emorec_vision.geometry import Vector
import numpy as np

INNER = -0.25
"""Growth of a face box to its inner half, where a face box shows skin and little background."""
FRONT_SHARE = 0.35
"""A surface that fills this part of the inner half hides what lies behind it: half of the box on
a face that is turned away shows background."""
FRONT_SPAN = 0.15
"""How far behind that surface's front readings still belong to it, m."""
RELIEF_NOISE = 0.0016
"""What the least relief of a face loses with the square of its distance, 1/m: the noise of the
measured relief, which grows like that; beyond 3.1 m nothing that stands free is too flat."""
EXTRA_RELIEF = 0.45
"""What it gains with each metre that the outline is wider than PLAIN_OUTLINE: a cushion is as
round as a head only where it is as narrow."""
PLAIN_OUTLINE = 0.176
AROUND_RELIEF = 0.045
"""What it gains, m, where all that is above and beside it lies as near as it does: a head stands
free above its shoulders, a bump on a chest or a cloth does not."""
ENDLESS_RELIEF = 0.015
"""What it gains, m, where the surface goes on above the face."""
UPRIGHT_MARGIN = 0.027
"""How much rounder a head may be from top to bottom than from side to side, m; with the square
of the distance that grows by RELIEF_NOISE."""


class DepthVerdict(Enum):
    """The three answers: a real face, a false one, or no way to tell."""

    REAL = 'real'
    FALSE = 'false'
    UNKNOWN = 'unknown'


@dataclass(frozen=True)
class DepthAnswer:
    """A verdict, and where the face is.

    Attributes:
        verdict: real, false or unknown.
        distance: z of the face in the optical frame, m; NaN when unknown.
        position: (x, y, z) of its middle in the optical frame (REP 103: x right, y down,
            z forward), m; NaN when the distance or the intrinsics are unknown.
        reason: '' for a real face, else 'no depth', 'outside the image', 'too few readings',
            'too near', 'too far', 'too wide', 'too narrow', 'goes on beside it', 'flat' or 'bent
            the other way'.
        shape: of the surface, where it was measured.
    """

    verdict: DepthVerdict
    distance: float = math.nan
    position: Vector = NOWHERE
    reason: str = ''
    shape: Shape | None = None


@dataclass(frozen=True)
class DepthGate:
    """Judge faces by their distance, their true width and their shape.

    A box on a real face was 0.12 m (turned away) to 0.19 m wide in the recordings the limits were
    set on, with either detector, a false one 0.42 m; they leave room for children and for large
    boxes. The limits of the shape were set by benchmarks/depth_gate.py --tuning; docs/depth.md.

    Attributes:
        near: smallest distance of a face, m.
        far: largest distance of a face, m.
        min_valid: share of readings needed in the inner half of the box, 0..1; with fewer the
            answer is unknown (nearer than the sensor's minimum, sunlight).
        min_width: smallest width of a face box, m.
        max_width: largest width of a face box, m.
        min_relief: how far the sides of a face must lie behind its middle, m (a face's: about
            0.05, half of that where the head is turned to the side), near the camera;
            RELIEF_NOISE and EXTRA_RELIEF say what it is elsewhere.
        max_outline: largest width of a head with its hair, m.
        check_shape: also judge width and shape; without it distance alone counts.
        require_depth: call faces that cannot be checked false.

    Raises:
        InputError: when a limit is out of range.
    """

    near: float = 0.3
    far: float = 4.0
    min_valid: float = 0.3
    min_width: float = 0.08
    max_width: float = 0.30
    min_relief: float = 0.016
    max_outline: float = 0.34
    check_shape: bool = True
    require_depth: bool = False

    def __post_init__(self) -> None:
        """Refuse limits that no face can meet."""
        if not 0 <= self.near < self.far:
            raise InputError(f'depth limits near {self.near} m, far {self.far} m: give '
                             '0 <= near < far')
        if not 0 < self.min_valid <= 1:
            raise InputError(f'min_valid is {self.min_valid}: give a share above 0, at most 1')
        if not 0 <= self.min_width < self.max_width:
            raise InputError(f'face width from {self.min_width} m to {self.max_width} m: give '
                             '0 <= min_width < max_width')

    def check(self, depth: np.ndarray | None, box: Box, intrinsics: Intrinsics | None = None,
              shape: bool = True) -> DepthAnswer:
        """Return what depth says about a face box.

        Args:
            depth: of the same size as the colour image and aligned to it: uint16 (H, W) mm,
                0 for no reading, or float32 (H, W) m, 0, NaN or infinite for no reading; None
                when there is no depth.
            box: the face, px.
            intrinsics: of the colour camera; without them width and position are unknown.
            shape: whether to judge the shape too, which costs most of the time; without it,
                distance and width alone.

        Raises:
            InputError: when depth is of another type.
        """
        if depth is None:
            return self._unknown('no depth')
        check_depth(depth)
        inner = box.expand(INNER).clip(depth.shape[1], depth.shape[0])
        if not inner.area:
            return self._unknown('outside the image')
        patch = metres(depth[inner.y:inner.bottom, inner.x:inner.right])
        readings = patch[patch > 0]
        if readings.size < self.min_valid * inner.area:
            return self._unknown('too few readings')
        return self._judge(depth, box, _nearest_surface(readings), intrinsics, shape)

    def _judge(self, depth: np.ndarray, box: Box, distance: float,
               intrinsics: Intrinsics | None, with_shape: bool) -> DepthAnswer:
        """Return the answer for a face at a distance."""
        focal = None if intrinsics is None else intrinsics.fx
        reason, shape = self._objection_to_place(distance, box.width, focal), None
        if not reason and self.check_shape and with_shape:
            shape = measure_shape(depth, box, distance, focal)
            if shape is None:
                return self._unknown('too few readings')
            reason = self._objection_to_shape(distance, shape)
        verdict = DepthVerdict.FALSE if reason else DepthVerdict.REAL
        return DepthAnswer(verdict, distance, position_of(box, distance, intrinsics), reason,
                           shape)

    def least_relief(self, distance: float, outline: float = PLAIN_OUTLINE,
                     around: float = 0.0, ends_above: bool = True) -> float:
        """Return the relief, m, that a face of a Shape must have at a distance, m."""
        return (self.min_relief - RELIEF_NOISE * distance ** 2
                + EXTRA_RELIEF * max(outline - PLAIN_OUTLINE, 0.0)
                + AROUND_RELIEF * around
                + (0.0 if ends_above else ENDLESS_RELIEF))

    def _objection_to_place(self, distance: float, width: int, focal: float | None) -> str:
        """Return what speaks against a face of a width in px at a distance, or ''."""
        if distance < self.near:
            return 'too near'
        if distance > self.far:
            return 'too far'
        if focal is None or not self.check_shape:
            return ''
        if width * distance / focal > self.max_width:
            return 'too wide'
        return 'too narrow' if width * distance / focal < self.min_width else ''

    def _objection_to_shape(self, distance: float, shape: Shape) -> str:
        """Return what speaks against a face of a shape, or ''."""
        if shape.relief < self.least_relief(distance, shape.outline, shape.around,
                                            shape.ends_above):
            return 'flat'
        if shape.outline > self.max_outline:
            return 'goes on beside it'
        margin = UPRIGHT_MARGIN + RELIEF_NOISE * distance ** 2
        return 'bent the other way' if shape.upright > shape.relief + margin else ''

    def _unknown(self, reason: str) -> DepthAnswer:
        """Return the answer for a face that cannot be checked."""
        verdict = DepthVerdict.FALSE if self.require_depth else DepthVerdict.UNKNOWN
        return DepthAnswer(verdict, reason=reason)


def position_of(box: Box, distance: float, intrinsics: Intrinsics | None) -> Vector:
    """Return where the middle of a box at a distance (m) is, (x, y, z) in the optical frame, m.

    Without intrinsics all three are NaN.
    """
    if intrinsics is None:
        return NOWHERE
    column, row = box.center
    x, y = intrinsics.ray(column - 0.5, row - 0.5)
    return x * distance, y * distance, distance


def check_depth(depth: np.ndarray, shape: tuple[int, ...] | None = None) -> None:
    """Raise InputError unless depth is uint16 or float32 (H, W), of a shape if one is given."""
    if not isinstance(depth, np.ndarray) or depth.ndim != 2 or \
            depth.dtype not in (np.uint16, np.float32):
        kind = (f'{depth.dtype} {depth.shape}' if isinstance(depth, np.ndarray)
                else type(depth).__name__)
        raise InputError('a depth image must be uint16 mm or float32 m (height, width), '
                         f'not {kind}')
    if shape is not None and depth.shape != shape:
        raise InputError(f'the depth image is {depth.shape[1]}x{depth.shape[0]} px, the colour '
                         f'image {shape[1]}x{shape[0]} px: register depth to colour')


def _nearest_surface(readings: np.ndarray) -> float:
    """Return the median distance of the nearest surface that fills enough of a face box, m."""
    front = float(np.quantile(readings, FRONT_SHARE))
    return float(np.median(readings[readings < front + FRONT_SPAN + sensor_step(front)]))
