# SPDX-License-Identifier: Apache-2.0
"""Put names and measured emotions of the tracks together, image by image."""

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from emorec_vision.emotion.person_windows import PersonState
from emorec_vision.emotion.person_windows import PersonWindows
from emorec_vision.emotion.track_names import TrackNames
from emorec_vision.emotions import EMOTIONS
from emorec_vision.stamps import TimeLine


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

    The last known name of a track counts (see TrackNames), not that of the very image, unless it
    is given. A new session of the detector forgets the tracks, and stamps that begin anew forget
    everybody.

    Args:
        windows: one per person, still empty.

    Attributes:
        labels: names of the emotions that are measured.
    """

    def __init__(self, windows: PersonWindows) -> None:
        self._windows = windows
        self.labels: tuple[str, ...] = EMOTIONS
        self._names = TrackNames()
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
        self._names.update(names)

    def enrolled(self, name: str) -> None:
        """Take note that a person has this name from now on."""
        self._names.enrolled(name)

    def forgotten(self, name: str, now: float) -> None:
        """Empty the window of a person who is not known any more; `now` is steady, s."""
        self._windows.forget_person(name)
        self._names.replace(name, '', now)

    def renamed(self, name: str, new_name: str, now: float) -> None:
        """Keep the window of a person under the new name; `now` is steady, s."""
        self._windows.rename_person(name, new_name)
        self._names.replace(name, new_name, now)

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
        known = self._names.of(track_ids, now, names)
        states = self._windows.update(stamp, known, measured)
        return {track_id: PersonInView(known[track_id], state, measured.get(track_id), self.labels)
                for track_id, state in states.items()}
