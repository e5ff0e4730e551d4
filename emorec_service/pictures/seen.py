# SPDX-License-Identifier: Apache-2.0
"""What a worker process saw in a picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from emorec_vision.geometry import Box


@dataclass(frozen=True)
class SeenFace:
    """A face: its box in px, the probability of each emotion by name, and who it is, or ''."""

    box: Box
    probabilities: dict[str, float]
    person: str = ''


@dataclass(frozen=True)
class SeenPicture:
    """A picture as it was sent, its media type, its size in px upright, and its faces."""

    data: bytes
    media_type: str
    width: int
    height: int
    faces: Sequence[SeenFace]


def seen_picture(data: bytes, told: dict[str, Any]) -> SeenPicture:
    """Return what a worker process told of the picture in these bytes."""
    faces = [SeenFace(Box(*box), shares, person) for box, shares, person in told['faces']]
    return SeenPicture(data, told['media_type'], told['width'], told['height'], faces)
