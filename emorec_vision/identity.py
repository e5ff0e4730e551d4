# SPDX-License-Identifier: Apache-2.0
"""Who a tracked face is: local binary patterns, and a decision per track."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
import math
import time

import cv2
from emorec_vision.errors import InputError
from emorec_vision.face_crop import face_input
from emorec_vision.geometry import Box
from emorec_vision.people import People
import numpy as np

FACE_SIZE = 150
"""Side in px to which the detector's box is brought, in enrolled pictures and in life."""
BACKGROUND = 0.1
"""Share of the box cut off on each side: what lies there is the room, not the person."""
INPUT_SIZE = 100
"""Side in px of what is left when it is compared."""
DEFAULT_THRESHOLD = 37.5
"""Distance up to which a look is a known person: 1 % of looks at strangers lie below it.

Measured with the default radius and grid on ORL through Haar boxes, 30 people enrolled with 5
pictures each and 10 strangers; test_identity_on_orl.py measures it again.
"""
HYSTERESIS = 1.1
"""How far beyond the threshold a track may look and still keep the name it has."""
TAKE_OVER = 0.9
"""A track takes a name from another if its distance is below this share of the other's."""
EAGER_LOOKS = 12
"""Looks at a track, one a picture, before an undecided one has to wait as unknown ones do."""
UNKNOWN_EVERY = 10
KNOWN_EVERY = 30
"""Pictures between looks at tracks that are settled."""
NEWEST_SHARE = 0.3
"""Weight of the newest look in the distance of a track (exponential average)."""


@dataclass(frozen=True)
class Match:
    """Hold the nearest enrolled person and the LBPH distance (chi-square, lower is nearer)."""

    person: str
    distance: float


class FaceRecognizer:
    """Recognise faces with OpenCV's LBPH recogniser, on evenly lit pictures.

    Ahonen, Hadid and Pietikainen 2006, doi:10.1109/TPAMI.2006.244, after the normalisation of
    Tan and Triggs 2010, doi:10.1109/TIP.2010.2042645.

    :param people: who is enrolled.
    :param radius: of the binary pattern, px at a side of `INPUT_SIZE`.
    :param neighbors: points of the pattern.
    :param grid: histograms per row and column of the face.
    :param templates_per_person: pictures used of each, evenly picked; bounds a look's time.
    :param threshold: largest distance at which a look counts as the person.
    :raises InputError: if OpenCV has no face module.
    """

    def __init__(self, people: People, radius: int = 2, neighbors: int = 8, grid: int = 6,
                 templates_per_person: int = 20, threshold: float = DEFAULT_THRESHOLD) -> None:
        """Enrol everybody."""
        if not hasattr(cv2, 'face'):
            raise InputError('this OpenCV has no face module; install python3-opencv (ROS) or '
                             'opencv-contrib-python (pip)')
        self.names = people.names
        self.threshold = threshold
        templates, labels = [], []
        for label, name in enumerate(self.names):
            for picture in _evenly(people.pictures[name], templates_per_person):
                templates.append(_prepared(picture))
                labels.append(label)
        self._lbph = cv2.face.LBPHFaceRecognizer_create(radius, neighbors, grid, grid)
        self._lbph.train(templates, np.array(labels, np.int32))

    def look(self, face: np.ndarray) -> Match:
        """Return the nearest person, however far; compare the distance with `threshold`.

        :param face: uint8 (H, W), cut to the detector's box.
        """
        label, distance = self._lbph.predict(_prepared(face))
        return Match(self.names[label], distance)


@dataclass(frozen=True)
class TrackCrop:
    """Hold what a look needs: the crop of a tracked face and where it lies in the picture.

    detected is false where the track had no face in this picture.
    """

    track_id: str
    crop: np.ndarray
    crop_box: Box
    box: Box
    detected: bool


@dataclass(frozen=True)
class TrackIdentity:
    """Hold who a track is: person is '' and known false while that is not sure.

    distance: of its looks, NaN before the first. confidence: 0..1, 0.5 at the threshold.
    """

    track_id: str
    person: str
    known: bool
    distance: float
    confidence: float


@dataclass
class _Track:
    """Hold what the looks at one track said; a run is of looks in a row that agree."""

    born: int
    person: str = ''
    run_person: str = ''
    run_length: int = 0
    distance: float = math.nan
    looks: int = 0
    looked_at: int = -KNOWN_EVERY


class TrackIdentities:
    """Give tracks names: after agreeing looks only, and no name to two tracks at once.

    A name, once given, stays until as many looks in a row agree on something else. New and
    contested tracks are looked at in every picture, newest first, settled ones rarely, and
    never for longer than the budget, except for one look.

    :param recognizer: who is known; None makes everybody unknown at no cost.
    :param look_budget: time for looks per picture, s.
    :param agreeing_looks: looks in a row that must agree.
    :param clock: a steady clock, s.
    """

    def __init__(self, recognizer: FaceRecognizer | None, look_budget: float = 0.008,
                 agreeing_looks: int = 3, clock: Callable[[], float] = time.monotonic) -> None:
        """Start without tracks."""
        self._recognizer = recognizer
        self._look_budget = look_budget
        self._agreeing_looks = agreeing_looks
        self._clock = clock
        self._look_time = 0.0
        self._session = ''
        self._updates = 0
        self._tracks: dict[str, _Track] = {}

    def update(self, session: str, faces: Sequence[TrackCrop]) -> list[TrackIdentity]:
        """Look at some of the faces of the next picture and tell who all of them are.

        :param session: of the detector; when it changes, all tracks are forgotten.
        :returns: one identity per face, in the same order.
        """
        if session != self._session:
            self._session = session
            self._tracks = {}
        self._updates += 1
        self._tracks = {face.track_id: self._tracks.get(face.track_id) or _Track(self._updates)
                        for face in faces}
        if self._recognizer is not None:
            self._look_within_budget(self._recognizer, self._due(faces))
        return [self._identity(face.track_id) for face in faces]

    def _due(self, faces: Sequence[TrackCrop]) -> list[TrackCrop]:
        """Return the faces worth a look now, the most urgent first."""
        due = [face for face in faces if face.detected and face.box.area > 0
               and self._interval(self._tracks[face.track_id])
               <= self._updates - self._tracks[face.track_id].looked_at]

        def urgency(face: TrackCrop) -> tuple[int, int, int]:
            """Sort by interval, then newest track first, then longest without a look."""
            track = self._tracks[face.track_id]
            return self._interval(track), -track.born, track.looked_at
        return sorted(due, key=urgency)

    def _interval(self, track: _Track) -> int:
        """Return the pictures from one look at a track to the next."""
        contested = track.person != track.run_person
        settled = track.run_length >= self._agreeing_looks
        if contested and track.person or not settled and track.looks < EAGER_LOOKS:
            return 1
        return KNOWN_EVERY if track.person else UNKNOWN_EVERY

    def _look_within_budget(self, recognizer: FaceRecognizer, faces: list[TrackCrop]) -> None:
        """Look at faces in order, as many as the time allows and one at least."""
        start = now = self._clock()
        for position, face in enumerate(faces):
            if position and now - start + self._look_time > self._look_budget:
                break
            pixels = face_input(face.crop, face.crop_box, face.box, FACE_SIZE)
            self._learn(self._tracks[face.track_id], recognizer.look(pixels),
                        recognizer.threshold)
            before, now = now, self._clock()
            self._look_time = max(now - before, 0.9 * self._look_time)

    def _learn(self, track: _Track, match: Match, threshold: float) -> None:
        """Add one look to a track, and give or take its name."""
        limit = threshold * (HYSTERESIS if match.person == track.person else 1.0)
        person = match.person if match.distance <= limit else ''
        track.looks += 1
        track.looked_at = self._updates
        if person != track.run_person or math.isnan(track.distance):
            track.run_person, track.run_length, track.distance = person, 0, match.distance
        track.run_length += 1
        track.distance += NEWEST_SHARE * (match.distance - track.distance)
        if track.run_length >= self._agreeing_looks and track.person != person:
            self._rename(track, person)

    def _rename(self, track: _Track, person: str) -> None:
        """Give a track a name, unless another track of that name is as near."""
        for other in self._tracks.values():
            if person and other is not track and other.person == person:
                if track.distance > TAKE_OVER * other.distance:
                    person = ''
                else:
                    other.person, other.run_length = '', 0
        track.person = person

    def _identity(self, track_id: str) -> TrackIdentity:
        """Return who a track is now."""
        track = self._tracks[track_id]
        confidence = 0.0
        if track.person and self._recognizer is not None:
            confidence = 1.0 - track.distance / (2.0 * self._recognizer.threshold)
        return TrackIdentity(track_id, track.person, bool(track.person), track.distance,
                             min(max(confidence, 0.0), 1.0))


def _evenly(pictures: Sequence[np.ndarray], count: int) -> list[np.ndarray]:
    """Return at most `count` pictures, evenly spread over all of them."""
    chosen = np.linspace(0, len(pictures) - 1, min(count, len(pictures))).round().astype(int)
    return [pictures[index] for index in chosen]


def _prepared(face: np.ndarray) -> np.ndarray:
    """Return a face as the recogniser compares it: uint8, its middle, one size, evenly lit.

    Tan and Triggs 2010 with their gamma, tau and alpha, and Gaussians of 1 and 2 px.
    """
    whole = Box(0, 0, face.shape[1], face.shape[0])
    levels = (np.arange(256, dtype=np.float32) + 1.0) ** 0.2
    light = cv2.LUT(face_input(face, whole, whole.expand(-BACKGROUND), INPUT_SIZE), levels)
    local = cv2.GaussianBlur(light, (0, 0), 1.0) - cv2.GaussianBlur(light, (0, 0), 2.0)
    local /= np.mean(np.abs(local) ** 0.1) ** 10 + 1e-6
    local /= np.mean(np.minimum(np.abs(local), 10.0) ** 0.1) ** 10 + 1e-6
    return np.clip(127.5 + 127.0 * np.tanh(local / 10.0), 0, 255).astype(np.uint8)
