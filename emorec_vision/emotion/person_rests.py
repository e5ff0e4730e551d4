# SPDX-License-Identifier: Apache-2.0
"""Reads every track against the person's face at rest, through changes of track and name."""

from collections.abc import Callable
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field

from emorec_vision.emotion.expression_space import ExpressionSpace
from emorec_vision.emotion.rest import Adapted
from emorec_vision.emotion.rest import Rest
from emorec_vision.stamps import NANOSECONDS
import numpy as np

LONGEST_STEP = 0.2
"""Most seconds that one frame stands for, however long ago the one before it was."""
KEPT = 2.0
"""Seconds for which the rest of a track out of view is kept, as its confirmation window is."""
SETTLED = 3.0
"""Seconds that a track carries a name before it learns under it: a wrong one teaches nothing."""


@dataclass
class Known:
    """What is kept of a person by name.

    Attributes:
        rest: of all tracks that carried the name.
        expressions: float64 (C, D), the person's own offsets from rest; None if none were learnt.
    """

    rest: Rest
    expressions: np.ndarray | None = None


@dataclass
class _Track:
    rest: Rest
    last_seen: int
    name: str = ''
    named_since: int = 0
    settled: bool = False


@dataclass
class PersonRests:
    """A Rest for each track and for each person.

    - A track that nobody knows has a rest of its own, forgotten KEPT seconds after it was seen.
    - A track that has a name is read against that person's rest at once, if more of it is known
      than of the track's own. Once it has carried the name for SETTLED seconds, the person takes
      over what it learnt, and it learns for the person from then on.
    - A track whose name becomes another one goes on with the other person, or with its own rest
      if the first name had not settled. What was learnt under a settled name stays with it.
    - A track that loses its name goes on as that person, until another track carries the name.
    - A forgotten person is forgotten here too, and their track starts anew; a renamed one keeps
      all under the new name.

    Args:
        space: of the model.
        load: returns what is stored of a person by name, None if nothing is.
    """

    space: ExpressionSpace
    load: Callable[[str], Known | None] = lambda name: None
    people: dict[str, Known] = field(default_factory=dict)
    _tracks: dict[str, _Track] = field(default_factory=dict)

    @property
    def settled(self) -> set[str]:
        """Return the names under which tracks learn that are, or were a moment ago, in view."""
        return {track.name for track in self._tracks.values() if track.settled}

    def forget_tracks(self) -> None:
        """Forget the tracks (the detector restarted, or time began anew)."""
        self._tracks.clear()

    def forget_person(self, name: str) -> None:
        """Forget a person, and what their tracks learnt."""
        self.people.pop(name, None)
        self._tracks = {track_id: track for track_id, track in self._tracks.items()
                        if track.name != name}

    def rename_person(self, name: str, new_name: str) -> None:
        """Keep what is known of a person under another name."""
        if name in self.people:
            self.people[new_name] = self.people.pop(name)
        for track in self._tracks.values():
            if track.name == name:
                track.name = new_name

    def read(self, stamp: int, names: Mapping[str, str], probabilities: Mapping[str, np.ndarray],
             coordinates: Mapping[str, np.ndarray]) -> dict[str, Adapted]:
        """Read the measured faces of one frame, and learn from them.

        Args:
            stamp: of the frame, ns.
            names: last known of the tracks in it by track_id, '' for an unknown person.
            probabilities: of the measured tracks by track_id, (C,).
            coordinates: of the same tracks, (D,).
        """
        taken = {name for name in names.values() if name}
        answers = {}
        for track_id, row in probabilities.items():
            track = self._track_of(track_id, stamp)
            self._take_name(track, names.get(track_id, ''), taken, stamp)
            known = self.people.get(track.name)
            learning = known.rest if known and track.settled else track.rest
            best = known.rest if known and known.rest.seconds > learning.seconds else learning
            answers[track_id] = best.read(
                row, coordinates[track_id], known.expressions if known else None)
            passed = (stamp - track.last_seen) / NANOSECONDS
            learning.add(row, coordinates[track_id],
                         min(max(passed, 0.0), LONGEST_STEP))
            track.last_seen = stamp
        self._tracks = {
            track_id: track for track_id, track in self._tracks.items()
            if abs(stamp - track.last_seen) <= KEPT * NANOSECONDS}
        return answers

    def _track_of(self, track_id: str, stamp: int) -> _Track:
        if track_id not in self._tracks:
            self._tracks[track_id] = _Track(Rest(self.space), stamp)
        return self._tracks[track_id]

    def _take_name(self, track: _Track, name: str, taken: set[str], stamp: int) -> None:
        if not name and track.name in taken:
            self._start_anew(track, '', stamp)
        elif name and name != track.name:
            self._start_anew(track, name, stamp)
            if name not in self.people:
                self.people[name] = self.load(name) or Known(Rest(self.space))
        elif not track.settled and track.name in self.people:
            if not name:
                track.named_since = stamp
            elif stamp - track.named_since >= SETTLED * NANOSECONDS:
                self.people[name].rest.join(track.rest)
                track.settled = True

    def _start_anew(self, track: _Track, name: str, stamp: int) -> None:
        """Give a track another name; what it learnt is its own unless the last one had settled."""
        if track.settled:
            track.rest = Rest(self.space)
        track.name, track.named_since, track.settled = name, stamp, False
