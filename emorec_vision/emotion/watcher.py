# SPDX-License-Identifier: Apache-2.0
"""Sum up a stream of images: who shows what, once in a while."""

from dataclasses import dataclass
from dataclasses import field

import cv2
from emorec_vision.confirmation import ConfirmationWindow
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.person_rests import PersonRests
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.sources import Frame
import numpy as np


@dataclass(frozen=True)
class Sighting:
    """What one face showed: the emotion, its mean probability 0..1, and if confirmed.

    crop: uint8 (S, S), what the network saw of it first.
    """

    emotion: str
    probability: float
    confirmed: bool
    crop: np.ndarray

    @property
    def told(self) -> str:
        """Return the emotion, with a question mark while it is not confirmed."""
        return self.emotion if self.confirmed else f'{self.emotion}?'


@dataclass
class _Shown:
    """What one track showed since the last summary; area of its newest box in px."""

    crop: np.ndarray
    area: int = 0
    rows: list[np.ndarray] = field(default_factory=list)


class Watcher:
    """Follow the faces of a stream and sum up what they showed since the last summary.

    The emotion of a face is what its confirmation window confirms, as in the live graph, or
    the one of the highest mean probability while nothing is confirmed. Each track is read against
    its own rest, where the model has a space for that.

    Args:
        finder: finds and follows the faces.
        model: tells the emotions.
        adapt: whether that is done.
    """

    def __init__(self, finder: FaceFinder, model: EmotionModel, adapt: bool = True) -> None:
        """Start without faces."""
        self._rests = PersonRests(model.space) if adapt and model.space is not None else None
        self._finder = finder
        self._model = model
        self._windows: dict[str, ConfirmationWindow] = {}
        self._shown: dict[str, _Shown] = {}
        self._faces: list[TrackedFace] = []
        self._stamp = 0

    def add(self, frame: Frame, stamp: int) -> None:
        """Look at the next image, taken at `stamp` (ns)."""
        gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
        self._stamp = stamp
        self._faces = self._finder.process(gray, stamp, frame.depth, frame.intrinsics).faces
        kept = {face.track_id for face in self._faces} | self._shown.keys()
        self._windows = {track: window for track, window in self._windows.items()
                         if track in kept}
        seen = [face for face in self._faces if face.detected]
        if not seen:
            return
        inputs = np.stack([face.pixels(self._model.input_size) for face in seen])
        rows = self._read(inputs, [face.track_id for face in seen])
        for face, crop, row in zip(seen, inputs, rows, strict=True):
            window = self._windows.get(face.track_id)
            if window is None:
                window = self._windows[face.track_id] = ConfirmationWindow(
                    labels=self._model.labels)
            window.add(stamp, row.tolist())
            shown = self._shown.setdefault(face.track_id, _Shown(crop))
            shown.area = face.box.area
            shown.rows.append(row)

    def sum_up(self) -> list[Sighting]:
        """Return what was shown since the last call, the largest face first.

        By each face in view; where there is none, by those that were in view before.
        """
        shown, self._shown = self._shown, {}
        here = {face.track_id for face in self._faces}
        tracks = [track for track in shown if track in here] or list(shown)
        tracks.sort(key=lambda track: -shown[track].area)
        return [self._sighting(self._windows[track], shown[track]) for track in tracks]

    def _read(self, inputs: np.ndarray, tracks: list[str]) -> list[np.ndarray]:
        """Return the probabilities of each face, read against the track's rest if that is done."""
        if self._rests is None:
            return list(self._model.predict(inputs))
        rows, places = self._model.read(inputs)
        assert places is not None
        adapted = self._rests.read(self._stamp, {}, dict(zip(tracks, rows)),
                                   dict(zip(tracks, places)))
        return [adapted[track].probabilities for track in tracks]

    def _sighting(self, window: ConfirmationWindow, shown: _Shown) -> Sighting:
        mean = np.mean(shown.rows, axis=0)
        said, labels = window.confirmation(self._stamp), self._model.labels
        top = labels.index(said.emotion) if said.confirmed else int(mean.argmax())
        return Sighting(labels[top], float(mean[top]), said.confirmed, shown.crop)
