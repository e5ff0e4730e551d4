# SPDX-License-Identifier: Apache-2.0
"""Remember what the faces of tracks look like."""

from __future__ import annotations

from collections.abc import Collection
from collections.abc import Sequence

from emorec_vision.faces.tracking.appearance import look_of
from emorec_vision.geometry import Box
from emorec_vision.stamps import NANOSECONDS
import numpy as np

REFRESHED = NANOSECONDS // 5
"""Time after which the look of a track is taken anew, ns."""


class FaceLooks:
    """The looks of the tracks, and of the faces of the newest image, taken when asked for."""

    def __init__(self) -> None:
        self._tracks: dict[str, tuple[int, np.ndarray]] = {}
        self.next_image(None, ())

    def next_image(self, gray: np.ndarray | None, faces: Sequence[Box]) -> None:
        """Go on to an image, uint8 (H, W) or None where it is not known, and its faces, px."""
        self._gray = gray
        self._boxes = faces
        self._faces: dict[int, np.ndarray] = {}

    def likeness(self, track_id: str, face: int) -> float | None:
        """Return the correlation, -1..1, of a track and a face of the image, by index.

        None where one of them has no look.
        """
        if track_id not in self._tracks or self._gray is None:
            return None
        return float(self._tracks[track_id][1] @ self._of_face(self._gray, face))

    def is_due(self, track_id: str, now: int) -> bool:
        """Tell whether a track should learn its look anew, at a stamp (ns)."""
        known = self._tracks.get(track_id)
        return self._gray is not None and (known is None or now - known[0] >= REFRESHED)

    def learn(self, track_id: str, face: int, now: int, is_clear: bool) -> None:
        """Give a track the look of a face, unless it has one and others hide parts of the face."""
        if self._gray is not None and (is_clear or track_id not in self._tracks):
            self._tracks[track_id] = now, self._of_face(self._gray, face)

    def keep_only(self, track_ids: Collection[str]) -> None:
        """Forget all other tracks."""
        self._tracks = {name: look for name, look in self._tracks.items() if name in track_ids}

    def _of_face(self, gray: np.ndarray, face: int) -> np.ndarray:
        """Return the look of a face of the image, float32 (N,)."""
        if face not in self._faces:
            self._faces[face] = look_of(gray, self._boxes[face])
        return self._faces[face]
