# SPDX-License-Identifier: Apache-2.0
"""Tell which detection belongs to which track."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
import math

from emorec_vision.geometry import Box

LOOK_WEIGHT = 3.0
"""Of the correlation of two looks against nearness, where boxes are ambiguous."""


def assign(tracks: Sequence[Box], faces: Sequence[Box],
           likeness: Callable[[int, int], float]) -> dict[int, int]:
    """Return which face belongs to which track, by index: the best matching pairs first.

    Boxes decide. Where a track could have several faces, or a face several tracks, looks count
    too.

    Args:
        tracks: expected boxes, px.
        faces: boxes found, px.
        likeness: gives the correlation of the looks of a track and a face, by index.
    """
    near = {(track, face): _nearness(box, other) for track, box in enumerate(tracks)
            for face, other in enumerate(faces)}
    near = {pair: value for pair, value in near.items() if value > 0}
    rivals = Counter(track for track, _ in near), Counter(face for _, face in near)
    pairs = []
    for (track, face), value in near.items():
        if rivals[0][track] > 1 or rivals[1][face] > 1:
            value += LOOK_WEIGHT * likeness(track, face)
        pairs.append((value, track, face))
    chosen: dict[int, int] = {}
    for _, track, face in sorted(pairs, reverse=True):
        if track not in chosen and face not in chosen.values():
            chosen[track] = face
    return chosen


def _nearness(track: Box, face: Box) -> float:
    """Return 0..2 for two boxes of one face: IoU plus nearness; 0 when too far or unlike in size.

    Faces that moved by up to a box side between two looks still match.
    """
    side = max(track.width, face.width, 1)
    if min(track.width, face.width) < 0.5 * side:
        return 0.0
    away = math.dist(track.center, face.center) / side
    return track.iou(face) + 1.0 - away if away < 1.0 else 0.0
