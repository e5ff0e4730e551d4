# SPDX-License-Identifier: Apache-2.0
"""Put names and measured emotions of the tracks together, image by image."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from emorec_vision.emotion.person_windows import PersonState
from emorec_vision.emotion.person_windows import PersonWindows
from emorec_vision.emotions import EMOTIONS
from emorec_vision.stamps import TimeLine

CORRECTED_FOR = 1.0
"""Time for which identities that were on their way may still carry a name that changed, s."""


@dataclass(frozen=True)
class PersonInView:
    """What is known of the person of one track in one image.

    Attributes:
        name: '' while unknown.
        state: what the person's confirmation window says.
        probabilities: measured in this image, one for each label; None if there are none.
        labels: names of the emotions that are measured.
    """

    name: str
    state: PersonState
    probabilities: Sequence[float] | None
    labels: tuple[str, ...] = EMOTIONS


class Aggregation:
    """The people in view: their names, kept up to date, and their confirmed emotions.

    The last known name of a track counts, not that of the very image, unless it is given. For
    CORRECTED_FOR seconds after a person was renamed or forgotten, results that were on their way
    may still carry the old name; it is replaced by the new one, or by none. A new session of the
    detector forgets the tracks, and stamps that begin anew forget everybody.

    Args:
        windows: one per person, still empty.

    Attributes:
        labels: names of the emotions that are measured.
    """

    def __init__(self, windows: PersonWindows) -> None:
        self._windows = windows
        self.labels: tuple[str, ...] = EMOTIONS
        self._names: Mapping[str, str] = {}
        self._corrections: dict[str, tuple[str, float]] = {}
        self._session = ''
        self._time = TimeLine()

    def begin_session(self, session: str) -> bool:
        """Take note of the detector's session and tell whether it is another than the last one."""
        if session == self._session:
            return False
        self._session = session
        self._windows.forget_tracks()
        return True

    def use_labels(self, labels: tuple[str, ...]) -> None:
        """Go on with the labels of another model; the windows start anew."""
        self.labels = labels
        self._windows.use_labels(labels)

    def set_names(self, names: Mapping[str, str]) -> None:
        """Take the last known names by track_id, '' of unknown people, instead of the earlier."""
        self._names = names

    def enrolled(self, name: str) -> None:
        """Take note that a person has this name from now on."""
        self._corrections.pop(name, None)

    def forgotten(self, name: str, now: float) -> None:
        """Empty the window of a person who is not known any more; `now` is steady, s."""
        self._windows.forget_person(name)
        self._correct(name, '', now)

    def renamed(self, name: str, new_name: str, now: float) -> None:
        """Keep the window of a person under the new name; `now` is steady, s."""
        self._windows.rename_person(name, new_name)
        self._correct(name, new_name, now)

    def update(
        self,
        stamp: int,
        track_ids: Iterable[str],
        probabilities: Mapping[str, Sequence[float]],
        now: float,
        names: Mapping[str, str] | None = None,
    ) -> dict[str, PersonInView]:
        """Add one image.

        Args:
            stamp: of the image, ns.
            track_ids: of the faces in it.
            probabilities: by track_id, one for each label; rows of another length and those
                that are no numbers are no measurement.
            now: steady clock, s.
            names: by track_id, where those of this very image are to count.

        Returns:
            the person of every track.
        """
        if self._time.add(stamp):
            self._windows.clear()
        measured = {track_id: row for track_id, row in probabilities.items()
                    if len(row) == len(self.labels) and all(map(isfinite, row))}
        known = self._corrected(self._names if names is None else names, track_ids, now)
        states = self._windows.update(stamp, known, measured)
        return {track_id: PersonInView(known[track_id], state, measured.get(track_id), self.labels)
                for track_id, state in states.items()}

    def _correct(self, name: str, new_name: str, now: float) -> None:
        """Replace a name, and those that it replaced itself a moment ago."""
        self._corrections = {earlier: (new_name if correct == name else correct, until)
                             for earlier, (correct, until) in self._corrections.items()}
        self._corrections[name] = (new_name, now + CORRECTED_FOR)
        self._corrections.pop(new_name, None)

    def _corrected(
        self, names: Mapping[str, str], track_ids: Iterable[str], now: float
    ) -> dict[str, str]:
        self._corrections = {name: (correct, until) for name, (correct, until)
                             in self._corrections.items() if now < until}
        given = {track_id: names.get(track_id, '') for track_id in track_ids}
        return {track_id: self._corrections.get(name, (name,))[0]
                for track_id, name in given.items()}
