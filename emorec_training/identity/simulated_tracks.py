# SPDX-License-Identifier: Apache-2.0
"""Tracks made up of still images, to measure decisions per track."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from emorec_vision.faces.crop import FaceCrop
from emorec_vision.geometry import Box
from emorec_vision.identity.gallery import Nearest
from emorec_vision.identity.recognizer import Match
from emorec_vision.identity.tracks import TrackIdentities
import numpy as np

REPEATS = 2
"""Looks in a row that show one image, because the next frame shows almost the same."""
UPDATES = 60
"""Frames of a track: two seconds."""
BLANK = FaceCrop('track', np.zeros((2, 2), np.uint8), Box(0, 0, 2, 2), Box(0, 0, 2, 2), True)


@dataclass(frozen=True)
class TrackNames:
    """The names of one track.

    Attributes:
        carried: those it had at any time.
        last: the one at its end, '' for none.
    """

    carried: frozenset[str]
    last: str


class _Replay:
    """Answer looks with matches that are known."""

    def __init__(self, matches: Sequence[Match], threshold: float) -> None:
        """Start with the first match, and go round."""
        self.threshold = threshold
        self._matches = matches
        self._looks = 0

    def look(self, face: FaceCrop) -> Match:
        """Return the next match; each comes `REPEATS` times in a row."""
        match = self._matches[self._looks // REPEATS % len(self._matches)]
        self._looks += 1
        return match


def simulate_track(looks: Sequence[Nearest], threshold: float,
                   random: np.random.Generator) -> TrackNames:
    """Return what a track of two seconds is called that shows one person's images.

    The images come in random order, each for `REPEATS` looks, so that looks agree as easily as
    neighbouring frames do; names are labels as text.
    """
    order = random.permutation(len(looks))
    matches = [Match(str(looks[index].label), looks[index].distance, looks[index].second_distance)
               for index in order]
    tracks = TrackIdentities(_Replay(matches, threshold), look_budget=1.0, clock=lambda: 0.0)
    names = [tracks.update('', [BLANK])[0].person for _ in range(UPDATES)]
    return TrackNames(frozenset(names) - {''}, names[-1])
