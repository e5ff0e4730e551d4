# SPDX-License-Identifier: Apache-2.0
"""Choose, from a stream of faces, the few that are worth keeping as photos of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from emorec_vision.face_crop import face_input
from emorec_vision.identity import FACE_SIZE
from emorec_vision.identity import TrackCrop
import numpy as np

MIN_INTERVAL = 0.2
"""Time between two photos, s."""


@dataclass(frozen=True)
class Offer:
    """Hold what became of a picture: the photo that was taken, or the hint what is missing.

    photo: gray uint8 (150, 150), or None. hint: in plain words, '' when a photo was taken.
    """

    photo: np.ndarray | None
    hint: str


class PhotoCollector:
    """Take photos of one person from a stream of pictures.

    :param wanted: how many photos to take.
    :param track_id: whose; '' takes the only face in view.
    """

    def __init__(self, wanted: int, track_id: str = '') -> None:
        """Start without photos."""
        self.wanted = wanted
        self.photos: list[np.ndarray] = []
        self.hints: Counter[str] = Counter()
        self._track_id = track_id
        self._stamp: float | None = None

    @property
    def done(self) -> bool:
        """Tell whether all photos were taken."""
        return len(self.photos) >= self.wanted

    def offer(self, faces: Sequence[TrackCrop], stamp: float) -> Offer:
        """Look at the faces of the next picture; take a photo if it is worth it.

        :param stamp: of the picture, s.
        """
        face, hint = self._choose(faces)
        if face is None:
            return self._wait(hint)
        if self._stamp is not None and 0 <= stamp - self._stamp < MIN_INTERVAL:
            return Offer(None, '')
        photo = face_input(face.crop, face.crop_box, face.box, FACE_SIZE)
        self.photos.append(photo)
        self._stamp = stamp
        return Offer(photo, '')

    def _choose(self, faces: Sequence[TrackCrop]) -> tuple[TrackCrop | None, str]:
        """Return the face to look at, or why there is none."""
        if self._track_id:
            faces = [face for face in faces if face.track_id == self._track_id]
        if len(faces) > 1:
            return None, 'two faces in view'
        if not faces or not faces[0].detected:
            return None, 'nobody in view'
        return faces[0], ''

    def _wait(self, hint: str) -> Offer:
        """Return that nothing was taken, and count why."""
        self.hints[hint] += 1
        return Offer(None, hint)
