# SPDX-License-Identifier: Apache-2.0
"""The people in a stream of images: tracks, names, each face against itself, confirmation."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
import math

import cv2
from emorec_vision.confirmation import WindowSettings
from emorec_vision.emotion.aggregation import Aggregation
from emorec_vision.emotion.aggregation import PersonInView
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.person_rests import Known
from emorec_vision.emotion.person_rests import PersonRests
from emorec_vision.emotion.person_windows import PersonWindows
from emorec_vision.emotion.rest import Adapted
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.identity.recognizer import Recognizer
from emorec_vision.identity.tracks import TrackIdentities
from emorec_vision.reader.readings import PersonReading
from emorec_vision.sources import Frame
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import TimeLine
import numpy as np


class PeopleStream:
    """What the nodes of the live graph do with the images of one camera, in one object.

    Every image is answered whole, with all looks that are due, whatever they take: the same
    images give the same answers. Stamps that go back by more than a second begin anew. It must
    not be used by two threads at once.

    Args:
        finder: finds and follows the faces.
        model: tells the emotions.
        recognizer: tells who they are; None: everybody is unknown.
        adapt: whether each person is read against their own face at rest, where the model has a
            space for that.
        load: returns what is stored of a person by name, None if nothing is.
        window: when an emotion is confirmed.
    """

    def __init__(self, finder: FaceFinder, model: EmotionModel,
                 recognizer: Recognizer | None = None, adapt: bool = True,
                 load: Callable[[str], Known | None] = lambda name: None,
                 window: WindowSettings = WindowSettings()) -> None:
        self._finder = finder
        self._model = model
        self._tracks = TrackIdentities(recognizer, look_budget=math.inf)
        self._rests = PersonRests(model.space, load) if adapt and model.space else None
        self._people = Aggregation(PersonWindows(window))
        self._people.use_labels(model.labels)
        self._time = TimeLine()
        self._last: dict[str, PersonReading] = {}

    def add(self, frame: Frame, stamp: int) -> list[PersonReading]:
        """Look at the next image, taken at `stamp` (ns), and return who is there.

        Returns:
            the people in view in the order of their tracks, the oldest first; a face that was
            never measured is none.
        """
        if self._time.add(stamp):
            self._finder.reset()
        if self._people.begin_session(self._finder.session):
            self._last = {}
            if self._rests is not None:
                self._rests.forget_tracks()
        gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
        faces = self._finder.process(gray, stamp, frame.depth, frame.intrinsics).faces
        names = {each.track_id: each.person
                 for each in self._tracks.update(self._finder.session, faces)}
        seen = {face.track_id: face for face in faces if face.detected}
        inputs = (np.stack([face.pixels(self._model.input_size) for face in seen.values()])
                  if seen else np.zeros((0, *[self._model.input_size] * 2), np.uint8))
        rows, places = self._model.read(inputs)
        raw = dict(zip(seen, rows))
        adapted = self._adapted(stamp, names, raw, places)
        people = self._people.update(stamp, names, {
            track: each.probabilities.tolist() for track, each in adapted.items()},
            stamp / NANOSECONDS, names)
        crops = dict(zip(seen, inputs))
        self._last = {
            face.track_id: self._reading(face, people[face.track_id], stamp,
                                         crops.get(face.track_id), raw.get(face.track_id),
                                         adapted.get(face.track_id))
            for face in faces if face.track_id in seen or face.track_id in self._last}
        return list(self._last.values())

    def _adapted(self, stamp: int, names: Mapping[str, str], raw: Mapping[str, np.ndarray],
                 places: np.ndarray | None) -> Mapping[str, Adapted]:
        """Return the measured faces by track, read against the people at rest."""
        if self._rests is None or places is None:
            return {track: Adapted(row, 0.0) for track, row in raw.items()}
        return self._rests.read(stamp, names, raw, dict(zip(raw, places)))

    def _reading(self, face: TrackedFace, person: PersonInView, stamp: int,
                 crop: np.ndarray | None, raw: np.ndarray | None,
                 adapted: Adapted | None) -> PersonReading:
        """Return a person, with what was measured before where this image shows no face."""
        said = person.state.confirmation
        if crop is not None and raw is not None and adapted is not None:
            numbers = (crop, self._named(adapted.probabilities), self._named(raw), adapted.weight)
        else:
            last = self._last[face.track_id]
            numbers = (last.crop, last.probabilities, last.raw_probabilities, last.adapted)
        return PersonReading(
            face.box, *numbers[:2], person.name, face.score, face.landmarks, face.pose,
            track_id=face.track_id, time=stamp / NANOSECONDS, seen=face.detected,
            confirmed=said.emotion if said.confirmed else '', share=said.share,
            held=max(stamp - person.state.since, 0) / NANOSECONDS, raw_probabilities=numbers[2],
            adapted=numbers[3], distance=face.distance, position=face.position,
            distance_estimated=face.estimated)

    def _named(self, row: np.ndarray) -> dict[str, float]:
        return dict(zip(self._model.labels, map(float, row), strict=True))
