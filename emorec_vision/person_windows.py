# SPDX-License-Identifier: Apache-2.0
"""Keep one confirmation window per person, through losses of the track and changes of name."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from emorec_vision.confirmation import Confirmation
from emorec_vision.confirmation import ConfirmationWindow
from emorec_vision.confirmation import NEUTRAL
from emorec_vision.confirmation import WindowSettings


@dataclass(frozen=True)
class PersonState:
    """Hold the confirmed emotion of one track and since when (s) it has been this one."""

    confirmation: Confirmation
    since: float


@dataclass
class _Window:
    window: ConfirmationWindow
    since: float
    last_seen: float
    name: str = ''
    said: tuple[int, bool] = field(default=(NEUTRAL, False))


class PersonWindows:
    """
    Give every track a window, and a returning person the window they left.

    A window belongs to a track. A track that is recognised as a person who was away for less
    than `expiry` seconds continues that person's window; a track whose name changes to somebody
    else's starts an empty one; two unknown people never share one. A track that lost its name
    still counts as that person, until another track carries the name.
    """

    def __init__(
        self, settings: WindowSettings = WindowSettings(), expiry: float = 2.0
    ) -> None:
        self._settings = settings
        self._expiry = expiry
        self._tracks: dict[str, _Window] = {}
        self._away: dict[str, _Window] = {}

    def clear(self) -> None:
        """Forget everybody (the stamps started again)."""
        self._tracks.clear()
        self._away.clear()

    def forget_tracks(self) -> None:
        """Forget the tracks (the detector restarted); named people may come back."""
        self._leave(set(self._tracks))

    def update(
        self,
        stamp: float,
        names: Mapping[str, str],
        probabilities: Mapping[str, Sequence[float]],
    ) -> dict[str, PersonState]:
        """
        Add the measurements of one frame and say what each track's window confirms.

        :param stamp: of the frame, in seconds.
        :param names: of every track in the frame by track_id, '' for an unknown person.
        :param probabilities: of the measured tracks by track_id, seven each in EMOTIONS order.
        :returns: a state for every track of `names`.
        """
        self._leave(set(self._tracks) - set(names))
        self._away = {name: left for name, left in self._away.items()
                      if stamp - left.last_seen < self._expiry}
        self._forget_taken_names(names)
        return {track_id: self._update_track(stamp, track_id, name, probabilities.get(track_id))
                for track_id, name in names.items()}

    def _leave(self, track_ids: set[str]) -> None:
        for track_id in track_ids:
            left = self._tracks.pop(track_id)
            if left.name:
                self._away[left.name] = left

    def _forget_taken_names(self, names: Mapping[str, str]) -> None:
        carried = set(names.values())
        for track_id, track in self._tracks.items():
            if track.name in carried and names[track_id] != track.name:
                track.name = ''

    def _update_track(
        self, stamp: float, track_id: str, name: str, probabilities: Sequence[float] | None
    ) -> PersonState:
        mine = self._tracks.get(track_id)
        if mine is None or (name and mine.name and name != mine.name):
            mine = _Window(ConfirmationWindow(self._settings), stamp, stamp)
            mine.name = name if track_id in self._tracks else ''
            self._tracks[track_id] = mine
        if name and not mine.name:
            mine.name = name
            self._continue(mine, self._away.pop(name, None))
        if probabilities is not None:
            mine.window.add(stamp, probabilities)
        mine.last_seen = stamp
        confirmation = mine.window.confirmation(stamp)
        said = (confirmation.emotion, confirmation.confirmed)
        if said != mine.said:
            mine.said, mine.since = said, stamp
        return PersonState(confirmation, mine.since)

    @staticmethod
    def _continue(mine: _Window, left: _Window | None) -> None:
        if left is not None:
            mine.window.continue_from(left.window)
            if mine.said in ((NEUTRAL, False), left.said):
                mine.said, mine.since = left.said, left.since
