# SPDX-License-Identifier: Apache-2.0
"""Who a tracked face is: a decision per track, from several looks."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
import math
import time

from emorec_vision.faces.crop import FaceCrop
from emorec_vision.identity.look_worker import LookWorker
from emorec_vision.identity.recognizer import Match
from emorec_vision.identity.recognizer import Recognizer

HYSTERESIS = 1.1
"""How far beyond the threshold a track may look and still keep the name it has."""
TAKE_OVER = 0.9
"""A track takes a name from another if its distance is below this share of the other's."""
EAGER_LOOKS = 12
"""Looks at a track, one an image, before an undecided one has to wait as unknown ones do."""
UNKNOWN_EVERY = 10
KNOWN_EVERY = 30
"""Images between looks at tracks that are settled."""
NEWEST_SHARE = 0.3
"""Weight of the newest look in the distance of a track (exponential average)."""


@dataclass(frozen=True)
class TrackIdentity:
    """Who a track is.

    Attributes:
        person: '' while that is not sure.
        known: whether it is.
        distance: of its looks, NaN before the first.
        confidence: 0..1, 0.5 at the threshold of the score, 0 while unknown.
    """

    track_id: str
    person: str
    known: bool
    distance: float
    confidence: float


@dataclass
class _Looks:
    """What the looks at one track said.

    Attributes:
        born: number of the update that showed the track first.
        run_person: whom the latest looks agree on, '' for a stranger.
        run_length: how many looks in a row.
        looked_at: number of the update of the latest look.
    """

    born: int
    person: str = ''
    run_person: str = ''
    run_length: int = 0
    distance: float = math.nan
    score: float = math.nan
    looks: int = 0
    looked_at: int = -KNOWN_EVERY


class TrackIdentities:
    """Give tracks names: after agreeing looks only, and no name to two tracks at once.

    A look names somebody when its score, which holds the margin to the second-best person, is
    within the threshold. A name, once given, stays until as many looks in a row agree on
    something else. New and contested tracks are looked at in every image, newest first, settled
    ones rarely, and never for longer than the budget, except for one look.

    Args:
        recognizer: who is known; None makes everybody unknown at no cost.
        look_budget: time for looks per image, s.
        agreeing_looks: looks in a row that must agree.
        clock: a steady clock, s.
        worker: takes the looks over: what it found counts in the next update. It keeps within the
            budget on average. None: `update` looks itself.

    Attributes:
        look_budget: as given; may be changed between two updates.
        agreeing_looks: as given; may be changed between two updates.
    """

    def __init__(self, recognizer: Recognizer | None, look_budget: float = 0.008,
                 agreeing_looks: int = 3, clock: Callable[[], float] = time.monotonic,
                 worker: LookWorker | None = None) -> None:
        """Start without tracks."""
        self._recognizer = recognizer
        self.look_budget = look_budget
        self.agreeing_looks = agreeing_looks
        self._clock = clock
        self._worker = worker
        self._look_time = 0.0
        self._session = ''
        self._updates = 0
        self._tracks: dict[str, _Looks] = {}

    def update(self, session: str, faces: Sequence[FaceCrop]) -> list[TrackIdentity]:
        """Look at some of the faces of the next image and tell who all of them are.

        Args:
            session: of the detector; when it changes, all tracks are forgotten.

        Returns:
            one identity per face, in the same order.
        """
        if session != self._session:
            self._session = session
            self._tracks = {}
        self._updates += 1
        self._tracks = {face.track_id: self._tracks.get(face.track_id) or _Looks(self._updates)
                        for face in faces}
        if self._recognizer is not None and self._worker is not None:
            self._look_meanwhile(self._worker, self._recognizer, faces)
        elif self._recognizer is not None:
            self._look_within_budget(self._recognizer, self._due(faces))
        return [self._identity(face.track_id) for face in faces]

    def set_recognizer(self, recognizer: Recognizer | None) -> None:
        """Change who is known; all tracks are undecided again, as if they were new."""
        self._recognizer = recognizer
        self._look_time = 0.0
        self._tracks = {track_id: _Looks(track.born) for track_id, track in self._tracks.items()}

    def _due(self, faces: Sequence[FaceCrop]) -> list[FaceCrop]:
        """Return the faces worth a look now, the most urgent first."""
        due = [face for face in faces if face.detected and face.box.area > 0
               and self._interval(self._tracks[face.track_id])
               <= self._updates - self._tracks[face.track_id].looked_at]

        def urgency(face: FaceCrop) -> tuple[int, int, int, int]:
            """Sort by interval, newest track first, nearest to a name, longest without a look."""
            track = self._tracks[face.track_id]
            agreed = 0 if track.person else track.run_length
            return self._interval(track), -track.born, -agreed, track.looked_at
        return sorted(due, key=urgency)

    def _interval(self, track: _Looks) -> int:
        """Return the images from one look at a track to the next."""
        contested = track.person != track.run_person
        settled = track.run_length >= self.agreeing_looks
        if contested and track.person or not settled and track.looks < EAGER_LOOKS:
            return 1
        return KNOWN_EVERY if track.person else UNKNOWN_EVERY

    def _look_within_budget(self, recognizer: Recognizer, faces: list[FaceCrop]) -> None:
        """Look at faces in order, as many as the time allows and one at least."""
        start = now = self._clock()
        for position, face in enumerate(faces):
            if position and now - start + self._look_time > self.look_budget:
                break
            self._learn(self._tracks[face.track_id], recognizer.look(face), recognizer.threshold)
            before, now = now, self._clock()
            self._look_time = max(now - before, 0.9 * self._look_time)

    def _look_meanwhile(self, worker: LookWorker, recognizer: Recognizer,
                        faces: Sequence[FaceCrop]) -> None:
        """Learn from what the worker found, and give it the faces that are due now."""
        for look in worker.take():
            if look.recognizer is recognizer and look.face.track_id in self._tracks:
                self._learn(self._tracks[look.face.track_id], look.match, recognizer.threshold)
        worker.offer(recognizer, self._due(faces), self.look_budget)

    def _learn(self, track: _Looks, match: Match, threshold: float) -> None:
        """Add one look to a track, and give or take its name."""
        limit = threshold * (HYSTERESIS if match.person == track.person else 1.0)
        person = match.person if match.score <= limit else ''
        track.looks += 1
        track.looked_at = self._updates
        if person != track.run_person or math.isnan(track.distance):
            track.run_person, track.run_length = person, 0
            track.distance, track.score = match.distance, match.score
        track.run_length += 1
        track.distance += NEWEST_SHARE * (match.distance - track.distance)
        track.score += NEWEST_SHARE * (match.score - track.score)
        if track.run_length >= self.agreeing_looks and track.person != person:
            self._rename(track, person)

    def _rename(self, track: _Looks, person: str) -> None:
        """Give a track a name, unless another track of that name is as near."""
        for other in self._tracks.values():
            if person and other is not track and other.person == person:
                if track.distance >= TAKE_OVER * other.distance:
                    person = ''
                else:
                    other.person, other.run_length = '', 0
        track.person = person

    def _identity(self, track_id: str) -> TrackIdentity:
        """Return who a track is now."""
        track = self._tracks[track_id]
        confidence = 0.0
        if track.person and self._recognizer is not None:
            confidence = 1.0 - track.score / max(2.0 * self._recognizer.threshold, 1e-9)
        return TrackIdentity(track_id, track.person, bool(track.person), track.distance,
                             min(max(confidence, 0.0), 1.0))
