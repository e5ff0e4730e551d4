# SPDX-License-Identifier: Apache-2.0
"""What is read of a face."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
import math
from typing import Any

from emorec_vision.emotions import SURE_FROM
from emorec_vision.faces.detector import Landmarks
from emorec_vision.faces.head_pose import HeadPose
from emorec_vision.geometry import Box
import numpy as np


@dataclass(frozen=True)
class FaceReading:
    """A face in an image.

    Attributes:
        box: where, px.
        crop: uint8 (S, S), gray, exactly what the network saw.
        probabilities: 0..1 by the name of each emotion; they sum to 1.
        person: the name of an enrolled person, '' for somebody unknown.
        score: of the detector, on its own scale, higher is surer; NaN where it is not known.
        landmarks: right eye, left eye, tip of the nose, right and left corner of the mouth as the
            person has them, px; None with a detector that gives none.
        pose: yaw, pitch and roll of the head in degrees, from the landmarks; None without them.
    """

    box: Box
    crop: np.ndarray = field(repr=False)
    probabilities: dict[str, float]
    person: str = ''
    score: float = math.nan
    landmarks: Landmarks | None = None
    pose: HeadPose | None = None

    @property
    def emotion(self) -> str:
        """Return the most probable emotion."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def probability(self) -> float:
        """Return the probability of that emotion, 0..1."""
        return self.probabilities[self.emotion]

    @property
    def sure(self) -> bool:
        """Tell whether it is high enough to be believed (docs/model-card.md)."""
        return self.probability >= SURE_FROM

    def to_dict(self) -> dict[str, Any]:
        """Return plain numbers and strings, fit for JSON and for a row of a table.

        Returns:
            'person', 'x', 'y', 'width', 'height' (px), 'emotion', 'probability', 'sure', 'score'
            (None where it is not known), and each emotion's probability under its name.
        """
        return {
            'person': self.person, 'x': self.box.x, 'y': self.box.y, 'width': self.box.width,
            'height': self.box.height, 'emotion': self.emotion,
            'probability': self.probability, 'sure': self.sure, 'score': _known(self.score),
            **self.probabilities}


@dataclass(frozen=True, kw_only=True)
class PersonReading(FaceReading):
    """A person in an image of a stream.

    Attributes:
        probabilities: as they are read against what is known of this person at rest; those of the
            last image that showed the face where `seen` is false.
        track_id: the same while the face is in view, and never that of another face.
        time: of the image, s.
        seen: whether this image showed the face; else the box is where it is expected.
        confirmed: the emotion that most of the last measurements agree on; '' while there is none.
        share: of the confirmation window that agrees on one emotion, 0..1.
        held: how long the present state, confirmed or not, has lasted, s.
        raw_probabilities: of the network alone.
        adapted: weight of what is known of the person in `probabilities`, 0..1.
        distance: from the camera along its axis, m; NaN while unknown.
        position: (x, y, z) in the camera's optical frame, m; NaN while unknown.
        distance_estimated: whether both were worked out from the width of the face, for want of
            depth.
    """

    track_id: str
    time: float
    seen: bool
    confirmed: str
    share: float
    held: float
    raw_probabilities: dict[str, float]
    adapted: float
    distance: float = math.nan
    position: tuple[float, float, float] = (math.nan, math.nan, math.nan)
    distance_estimated: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Return what FaceReading.to_dict does, after 'time' and 'track_id', and before the rest.

        The rest are 'seen', 'confirmed', 'held', 'adapted' and 'distance' (m, None while unknown).
        """
        return {
            'time': self.time, 'track_id': self.track_id, **super().to_dict(), 'seen': self.seen,
            'confirmed': self.confirmed, 'held': self.held, 'adapted': self.adapted,
            'distance': _known(self.distance)}


def _known(number: float) -> float | None:
    return number if math.isfinite(number) else None
