# SPDX-License-Identifier: Apache-2.0
"""Frames of people played to PersonWindows."""

from emorec_vision.emotion.person_windows import Change
from emorec_vision.emotion.person_windows import PersonState
from emorec_vision.emotion.person_windows import PersonWindows
from emorec_vision.emotions import EMOTIONS

ANGRY, HAPPY, SAD, NEUTRAL = 'Angry', 'Happy', 'Sad', 'Neutral'
FRAME = 33_333_333


def measurement(emotion: str) -> list[float]:
    """Give probabilities with this emotion on top."""
    return [0.94 if name == emotion else 0.01 for name in EMOTIONS]


class Player:
    """Play frames of people to PersonWindows."""

    def __init__(self, expiry: float = 2.0) -> None:
        self.windows = PersonWindows(expiry=expiry)
        self.stamp = 1_800_000_000_000_000_001
        self.changes: list[tuple[str, str, Change]] = []

    def play(self, frames: int, **tracks: tuple[str, str | None]) -> dict[str, PersonState]:
        """Show tracks as track_id=(name, emotion or None) for some frames."""
        states = {}
        for _ in range(frames):
            self.stamp += FRAME
            states = self.windows.update(
                self.stamp, {track: name for track, (name, _) in tracks.items()},
                {track: measurement(emotion) for track, (_, emotion) in tracks.items()
                 if emotion is not None})
            self.changes += [
                (track, state.confirmation.emotion, state.change)
                for track, state in states.items() if state.change is not None]
        return states


def said(state: PersonState) -> tuple[str, bool]:
    """Give what a state says."""
    return state.confirmation.emotion, state.confirmation.confirmed
