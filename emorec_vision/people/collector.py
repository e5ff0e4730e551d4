# SPDX-License-Identifier: Apache-2.0
"""Choose, from a stream of faces, the few that are worth keeping as photos of a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
import math

from emorec_vision.faces.crop import FaceCrop
from emorec_vision.people.photo_quality import complaint_of_light
from emorec_vision.people.photo_quality import complaint_of_place
from emorec_vision.people.photo_quality import FrontalCheck
from emorec_vision.people.photo_quality import photo_of
from emorec_vision.people.photo_quality import signature
from emorec_vision.stamps import ROUNDING_NS
from emorec_vision.stamps import seconds_to_ns
import numpy as np

MIN_INTERVAL = seconds_to_ns(0.2)
"""Time between two photos, ns."""
RETRY_INTERVAL = seconds_to_ns(0.06)
"""Time between two looks at faces that were not usable, ns; a look at the pose costs some ms."""
MAX_LIKENESS = 0.9
"""Likeness from which on two photos are the same. Successive frames of people who stand and move
their hands are 0.95 alike, frames 0.2 s apart 0.8 to 0.88 (medians of eight clips)."""


@dataclass(frozen=True)
class Offer:
    """What became of an image: the photo that was taken, or the hint what is missing.

    Attributes:
        photo: gray uint8 (150, 150), or None.
        hint: in plain words; '' when a photo was taken, and when all is well but the last one
            was a moment ago.
    """

    photo: np.ndarray | None
    hint: str


class PhotoCollector:
    """Take photos of one person from a stream of images: few, good ones that differ.

    Args:
        wanted: how many photos to take.
        track_id: whose; '' takes the only face in view.
        known: photos that there are already; new ones differ from them, too.
        frontal: may be shared by several collectors.

    Attributes:
        photos: those taken, gray uint8 (150, 150).
        waited: how many images each hint held up.
    """

    def __init__(self, wanted: int, track_id: str = '', known: Sequence[np.ndarray] = (),
                 frontal: FrontalCheck | None = None) -> None:
        """Start without photos."""
        self.wanted = wanted
        self.photos: list[np.ndarray] = []
        self.waited: Counter[str] = Counter()
        self._track_id = track_id
        self._frontal = frontal or FrontalCheck()
        self._signatures = [signature(photo) for photo in known]
        self._last = Offer(None, '')
        self._last_look = -math.inf
        self._last_photo = -math.inf

    @property
    def done(self) -> bool:
        """Tell whether all photos were taken."""
        return len(self.photos) >= self.wanted

    @property
    def hint(self) -> str:
        """Return what is waited for, as in the last offer that said so; '' if nothing is."""
        return self._last.hint

    def offer(self, faces: Sequence[FaceCrop], stamp: int, by_hand: bool = False) -> Offer:
        """Look at the faces of the next image; take a photo if it is worth it.

        Args:
            faces: all that are in view.
            stamp: of the image, ns; where it steps back, time starts anew.
            by_hand: take it now, whatever the light, the pose and the photos before.
        """
        if stamp < self._last_look:
            self._last_look = self._last_photo = -math.inf
        face, hint = self._choose(faces)
        if face is not None:
            hint = complaint_of_place(face)
        if face is None or hint:
            self._last = Offer(None, hint)
        elif by_hand:
            self._take(photo_of(face), stamp)
        elif stamp - self._last_photo < MIN_INTERVAL - ROUNDING_NS:
            return Offer(None, '')
        elif self._last.hint and stamp - self._last_look < RETRY_INTERVAL - ROUNDING_NS:
            pass
        else:
            self._look(face, stamp)
        self.waited.update([self._last.hint] if self._last.hint else [])
        return self._last

    def _choose(self, faces: Sequence[FaceCrop]) -> tuple[FaceCrop | None, str]:
        """Return the face to look at, or why there is none."""
        if self._track_id:
            faces = [face for face in faces if face.track_id == self._track_id]
        if not faces:
            return None, 'nobody in view'
        if len(faces) > 1:
            return None, 'two faces in view' if len(faces) == 2 else 'several faces in view'
        if not faces[0].detected:
            return None, 'look at the camera'
        return faces[0], ''

    def _look(self, face: FaceCrop, stamp: int) -> None:
        """Take a photo of a face if it is good and new; what is cheap to tell comes first."""
        self._last_look = stamp
        photo = photo_of(face)
        hint = (complaint_of_light(face) or self._complaint_of_likeness(photo)
                or self._frontal.complaint_of_pose(face))
        if hint:
            self._last = Offer(None, hint)
        else:
            self._take(photo, stamp)

    def _complaint_of_likeness(self, photo: np.ndarray) -> str:
        """Return what to do about a photo that there is already."""
        if not self._signatures:
            return ''
        likeness = np.stack(self._signatures) @ signature(photo)
        return 'move a little' if float(likeness.max()) > MAX_LIKENESS else ''

    def _take(self, photo: np.ndarray, stamp: int) -> None:
        """Keep a photo."""
        self.photos.append(photo)
        self._signatures.append(signature(photo))
        self._last_look = self._last_photo = stamp
        self._last = Offer(photo, '')
