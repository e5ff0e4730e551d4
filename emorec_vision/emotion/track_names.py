# SPDX-License-Identifier: Apache-2.0
"""The names of the tracks, through changes of names that are on their way."""

from collections.abc import Iterable
from collections.abc import Mapping

CORRECTED_FOR = 1.0
"""Time for which identities that were on their way may still carry a name that changed, s."""


class TrackNames:
    """The last known name of every track.

    For CORRECTED_FOR seconds after a person was renamed or forgotten, results that were on their
    way may still carry the old name; it is replaced by the new one, or by none.
    """

    def __init__(self) -> None:
        self._names: Mapping[str, str] = {}
        self._corrections: dict[str, tuple[str, float]] = {}

    def update(self, names: Mapping[str, str]) -> None:
        """Take the last known names by track_id, '' of unknown people, instead of the earlier."""
        self._names = names

    def enrolled(self, name: str) -> None:
        """Take note that a person has this name from now on."""
        self._corrections.pop(name, None)

    def replace(self, name: str, new_name: str, now: float) -> None:
        """Replace a name, and those that it replaced itself a moment ago.

        Args:
            name: of the person until now.
            new_name: '' if the person is forgotten.
            now: steady clock, s.
        """
        self._corrections = {earlier: (new_name if correct == name else correct, until)
                             for earlier, (correct, until) in self._corrections.items()}
        self._corrections[name] = (new_name, now + CORRECTED_FOR)
        self._corrections.pop(new_name, None)

    def of(self, track_ids: Iterable[str], now: float,
           names: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the names of tracks by track_id, '' of unknown people.

        Args:
            track_ids: of the tracks.
            now: steady clock, s.
            names: by track_id, where these are to count instead of the last known ones.
        """
        self._corrections = {name: (correct, until) for name, (correct, until)
                             in self._corrections.items() if now < until}
        given = self._names if names is None else names
        return {track_id: self._corrections.get(name, (name,))[0]
                for track_id in track_ids for name in (given.get(track_id, ''),)}
