# SPDX-License-Identifier: Apache-2.0
"""Keep one confirmation window per person, through losses of the track and changes of name."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from emorec_vision.confirmation import Confirmation
from emorec_vision.confirmation import ConfirmationWindow
from emorec_vision.confirmation import WindowSettings
from emorec_vision.emotions import EMOTIONS
from emorec_vision.emotions import NEUTRAL
from emorec_vision.stamps import seconds_to_ns


@dataclass(frozen=True)
class Change:
    """What a newly confirmed emotion replaces.

    before: the last confirmed emotion of the same person, None for the first one.
    held: from the confirmation of that one to now, ns; 0 for the first one.
    """

    before: str | None
    held: int


@dataclass(frozen=True)
class PersonState:
    """What one track's window says.

    since: stamp at which the present pair of emotion and confirmed began, ns.
    change: in the one frame in which another emotion than the person's last confirmed one is
        confirmed; a time without confirmation in between is no change.
    """

    confirmation: Confirmation
    since: int
    change: Change | None = None


@dataclass
class _Window:
    """The window of one track, or of a person who left; all times are stamps in ns."""

    window: ConfirmationWindow
    born: int
    since: int
    last_seen: int
    last_measured: int | None = None
    name: str = ''
    said: tuple[str, bool] = (NEUTRAL, False)
    confirmed: str | None = None
    confirmed_at: int = 0


class PersonWindows:
    """Give every track a window, and a returning person the window they left.

    A window belongs to a track. A track that is recognised as a person who was away for less
    than `expiry` seconds, counted up to the track's first frame, continues that person's window;
    a track whose name changes to somebody else's starts an empty one; two unknown people never
    share one. A track that lost its name still counts as that person, until another track
    carries the name; if it was not measured since that other track appeared, the person is who
    went there, and the window goes along.
    """

    def __init__(
        self, settings: WindowSettings = WindowSettings(), expiry: float = 2.0
    ) -> None:
        self._settings = settings
        self._expiry = seconds_to_ns(expiry)
        self._labels: Sequence[str] = EMOTIONS
        self._tracks: dict[str, _Window] = {}
        self._away: dict[str, _Window] = {}

    def use(self, settings: WindowSettings, expiry: float) -> None:
        """Go on with other settings; nobody loses the window, see ConfirmationWindow.use."""
        self._settings = settings
        self._expiry = seconds_to_ns(expiry)
        for each in [*self._tracks.values(), *self._away.values()]:
            each.window.use(settings)

    def use_labels(self, labels: Sequence[str]) -> None:
        """Forget everybody: other emotions are measured from now on, of these names."""
        self._labels = labels
        self.clear()

    def clear(self) -> None:
        """Forget everybody (the stamps started again)."""
        self._tracks.clear()
        self._away.clear()

    def forget_tracks(self) -> None:
        """Forget the tracks (the detector restarted); named people may come back."""
        self._leave(set(self._tracks))

    def forget_person(self, name: str) -> None:
        """Empty the window of a person, in view or away (they are no longer enrolled)."""
        self._away.pop(name, None)
        self._tracks = {track_id: track for track_id, track in self._tracks.items()
                        if track.name != name}

    def rename_person(self, name: str, new_name: str) -> None:
        """Let a person keep the window under another name."""
        if name in self._away:
            self._away[new_name] = self._away.pop(name)
        for track in [*self._tracks.values(), *self._away.values()]:
            if track.name == name:
                track.name = new_name

    def update(
        self,
        stamp: int,
        names: Mapping[str, str],
        probabilities: Mapping[str, Sequence[float]],
    ) -> dict[str, PersonState]:
        """Add the measurements of one frame and say what each track's window confirms.

        Args:
            stamp: of the frame, ns.
            names: of every track in the frame by track_id, '' for an unknown person.
            probabilities: of the measured tracks by track_id, one for each label.

        Returns:
            a state for every track of `names`.
        """
        self._leave(set(self._tracks) - set(names))
        for track_id in names:
            if track_id not in self._tracks:
                self._tracks[track_id] = self._empty(stamp)
        self._forget_taken_names(names)
        self._forget_expired(stamp)
        return {track_id: self._update_track(stamp, track_id, name, probabilities.get(track_id))
                for track_id, name in names.items()}

    def _empty(self, stamp: int, name: str = '') -> _Window:
        window = ConfirmationWindow(self._settings, self._labels)
        return _Window(window, stamp, stamp, stamp, name=name)

    def _leave(self, track_ids: set[str]) -> None:
        for track_id in track_ids:
            left = self._tracks.pop(track_id)
            if left.name:
                self._away[left.name] = left

    def _forget_taken_names(self, names: Mapping[str, str]) -> None:
        """Take a name from the tracks that lost it to another, and the window with it."""
        carriers = {name: track_id for track_id, name in names.items() if name}
        for track_id, track in list(self._tracks.items()):
            taker = carriers.get(track.name)
            if taker is None or names[track_id]:
                continue
            if track.last_measured is None or track.last_measured < self._tracks[taker].born:
                self._away[track.name] = track
                self._tracks[track_id] = self._empty(track.last_seen)
            else:
                track.name = ''

    def _forget_expired(self, stamp: int) -> None:
        """Forget the people whom neither a track in view nor a new one can continue."""
        births = [track.born for track in self._tracks.values() if not track.name]
        self._away = {
            name: left for name, left in self._away.items()
            if any(born - left.last_seen < self._expiry for born in [stamp, *births])}

    def _update_track(
        self, stamp: int, track_id: str, name: str, probabilities: Sequence[float] | None
    ) -> PersonState:
        mine, left = self._tracks[track_id], None
        if name and mine.name and name != mine.name:
            mine = self._tracks[track_id] = self._empty(stamp, name)
            self._away.pop(name, None)
        elif name and not mine.name:
            mine.name = name
            left = self._away.pop(name, None)
            if left is not None and mine.born - left.last_seen >= self._expiry:
                left = None
        if left is not None:
            mine.window.continue_from(left.window)
        if probabilities is not None:
            mine.window.add(stamp, probabilities)
            mine.last_measured = stamp
        mine.last_seen = stamp
        return self._say(stamp, mine, left)

    @staticmethod
    def _say(stamp: int, mine: _Window, left: _Window | None) -> PersonState:
        confirmation = mine.window.confirmation(stamp)
        said = (confirmation.emotion, confirmation.confirmed)
        if left is not None:
            if said == left.said and mine.said in (left.said, (NEUTRAL, False)):
                mine.said, mine.since = left.said, left.since
            if left.confirmed is not None:
                mine.confirmed, mine.confirmed_at = left.confirmed, left.confirmed_at
        if said != mine.said:
            mine.said, mine.since = said, stamp
        change = None
        if confirmation.confirmed and confirmation.emotion != mine.confirmed:
            held = 0 if mine.confirmed is None else stamp - mine.confirmed_at
            change = Change(mine.confirmed, held)
            mine.confirmed, mine.confirmed_at = confirmation.emotion, stamp
        return PersonState(confirmation, mine.since, change)
