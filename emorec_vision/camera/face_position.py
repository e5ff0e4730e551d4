# SPDX-License-Identifier: Apache-2.0
"""Tell from a face's box alone which way the face is, and from its width about how far."""

from __future__ import annotations

import math

from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
from emorec_vision.geometry import NOWHERE
from emorec_vision.geometry import Vector

FACE_WIDTH = 0.139
"""Mean breadth of an adult's face from cheekbone to cheekbone, m: 143.5 mm of men and 135.1 mm of
women, standard deviation 7 mm in each (bizygomatic breadth; Zhuang and Bradtmiller 2005, 3,997
people, doi:10.1080/15459620500324727)."""
BOX_TO_FACE = 1.23
"""Width of a Haar square, which all detectors give, over that: the square is 2.69 times as wide as
the eyes are apart (median of 55 people), and pupils are 63.4 mm apart on average (Dodgson 2004,
doi:10.1117/12.529999). On 16 recorded frontal faces of two other people, with depth, the error is
3.3 % (median); benchmarks/face_width.py prints all of this."""
BOX_WIDTH = BOX_TO_FACE * FACE_WIDTH
"""Width of the square on a frontal adult's face, m."""


def bearing_of(box: Box, intrinsics: Intrinsics | None) -> Vector:
    """Return the direction from the camera to the middle of a box.

    Args:
        box: px; may lie partly outside the image.
        intrinsics: of the image.

    Returns:
        a unit vector (x, y, z) in the optical frame (REP 103: x right, y down, z forward); NaN
        without intrinsics.
    """
    if intrinsics is None:
        return NOWHERE
    column, row = box.center
    return _direction(intrinsics, column - 0.5, row - 0.5)


def estimated_position(box: Box, intrinsics: Intrinsics | None) -> Vector:
    """Return about where a face is, from the angle that the width of its box fills.

    The face is taken for an adult's that looks at the camera, as the detectors find them. A child
    or a face half turned away is nearer than this says.

    Args:
        box: of the face, px.
        intrinsics: of the image.

    Returns:
        (x, y, z) of its middle in the optical frame, m; NaN without intrinsics.
    """
    if intrinsics is None:
        return NOWHERE
    row = box.center[1] - 0.5
    left = _direction(intrinsics, box.x - 0.5, row)
    right = _direction(intrinsics, box.right - 0.5, row)
    chord, twice_height = math.dist(left, right), math.hypot(*map(sum, zip(left, right)))
    if not chord:
        return NOWHERE
    distance = BOX_WIDTH / 2 * twice_height / chord
    x, y, z = bearing_of(box, intrinsics)
    return distance * x, distance * y, distance * z


def distance_text(distance: float, estimated: bool) -> str:
    """Return a known distance, m, as people read it: '1.42 m', or '~1.4 m' where estimated."""
    return f'~{distance:.1f} m' if estimated else f'{distance:.2f} m'


def _direction(intrinsics: Intrinsics, column: float, row: float) -> Vector:
    """Return the unit vector towards what a pixel shows."""
    x, y = intrinsics.ray(column, row)
    length = math.hypot(x, y, 1.0)
    return x / length, y / length, 1.0 / length
