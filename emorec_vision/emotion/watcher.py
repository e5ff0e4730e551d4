# SPDX-License-Identifier: Apache-2.0
"""Sum up a stream of images: who shows what, once in a while."""

from dataclasses import dataclass

import cv2
from emorec_vision.confirmation import ConfirmationWindow
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotions import EMOTIONS
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.sources import Frame
import numpy as np


@dataclass(frozen=True)
class Sighting:
    """What one face showed: the emotion, its mean probability 0..1, and if confirmed."""

    emotion: str
    probability: float
    confirmed: bool


class Watcher:
    """Follow the faces of a stream and sum up what they showed since the last summary.

    The emotion of a face is what its confirmation window confirms, as in the live graph, or
    the one of the highest mean probability while nothing is confirmed.

    Args:
        finder: finds and follows the faces.
        model: tells the emotions.
    """

    def __init__(self, finder: FaceFinder, model: EmotionModel) -> None:
        """Start without faces."""
        self._finder = finder
        self._model = model
        self._windows: dict[str, ConfirmationWindow] = {}
        self._measured: dict[str, list[np.ndarray]] = {}
        self._faces: list[TrackedFace] = []
        self._stamp = 0

    def add(self, frame: Frame, stamp: int) -> None:
        """Look at the next image, taken at `stamp` (ns)."""
        gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
        self._stamp = stamp
        self._faces = self._finder.process(gray, stamp, frame.depth, frame.intrinsics).faces
        here = {face.track_id for face in self._faces}
        self._windows = {track: window for track, window in self._windows.items()
                         if track in here}
        seen = [face for face in self._faces if face.detected]
        if not seen:
            return
        inputs = np.stack([face.pixels(self._model.input_size) for face in seen])
        for face, probabilities in zip(seen, self._model.predict(inputs), strict=True):
            self._windows.setdefault(face.track_id, ConfirmationWindow()).add(
                stamp, probabilities.tolist())
            self._measured.setdefault(face.track_id, []).append(probabilities)

    def sum_up(self) -> list[Sighting]:
        """Return what each face in view showed since the last call, the largest face first."""
        measured, self._measured = self._measured, {}
        faces = sorted(self._faces, key=lambda face: -face.box.area)
        return [self._sighting(face.track_id, measured[face.track_id])
                for face in faces if face.track_id in measured]

    def _sighting(self, track_id: str, measured: list[np.ndarray]) -> Sighting:
        mean = np.mean(measured, axis=0)
        said = self._windows[track_id].confirmation(self._stamp)
        emotion = said.emotion if said.confirmed else int(mean.argmax())
        return Sighting(EMOTIONS[emotion], float(mean[emotion]), said.confirmed)
