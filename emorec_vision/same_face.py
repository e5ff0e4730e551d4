# SPDX-License-Identifier: Apache-2.0
"""Tell whether detections show one face, and keep the surest of them."""

from __future__ import annotations

from collections.abc import Iterable

from emorec_vision.faces.haar import Detection
from emorec_vision.geometry import Box


def same_face(box: Box, other: Box) -> bool:
    """Tell whether two boxes show one face: alike in size, half of the smaller in the other."""
    smaller, larger = sorted((box.area, other.area))
    return larger < 4 * smaller and box.intersection(other) > 0.5 * smaller


def seen(box: Box, faces: Iterable[Detection]) -> bool:
    """Tell whether one of the faces is that of the box."""
    return any(same_face(box, face.box) for face in faces)


def merged(faces: Iterable[Detection]) -> list[Detection]:
    """Return the faces, surest first, without those that show a surer one once more."""
    kept: list[Detection] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if not seen(face.box, kept):
            kept.append(face)
    return kept
