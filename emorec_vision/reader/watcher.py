# SPDX-License-Identifier: Apache-2.0
"""Sum up a stream of images: who shows what, once in a while."""

from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass

from emorec_vision.reader.readings import PersonReading
from emorec_vision.reader.stream import PeopleStream
from emorec_vision.sources import Frame
import numpy as np


@dataclass(frozen=True)
class Sighting:
    """What one face showed: the emotion, its mean probability 0..1, and if confirmed.

    crop: uint8 (S, S), what the network saw of it first.
    """

    emotion: str
    probability: float
    confirmed: bool
    crop: np.ndarray

    @property
    def told(self) -> str:
        """Return the emotion, with a question mark while it is not confirmed."""
        return self.emotion if self.confirmed else f'{self.emotion}?'


class Watcher:
    """Sum up what the faces of a stream showed since the last summary.

    The emotion of a face is what its confirmation window confirms, as in the live graph, or
    the one of the highest mean probability while nothing is confirmed.

    Args:
        stream: follows and reads the faces.
        note: is told who is in each image.
    """

    def __init__(self, stream: PeopleStream,
                 note: Callable[[Sequence[PersonReading]], None] = lambda people: None) -> None:
        """Start without faces."""
        self._stream = stream
        self._note = note
        self._shown: dict[str, list[PersonReading]] = {}
        self._here: set[str] = set()

    def add(self, frame: Frame, stamp: int) -> None:
        """Look at the next image, taken at `stamp` (ns)."""
        people = self._stream.add(frame, stamp)
        self._note(people)
        self._here = {person.track_id for person in people}
        for person in people:
            if person.seen:
                self._shown.setdefault(person.track_id, []).append(person)

    def sum_up(self) -> list[Sighting]:
        """Return what was shown since the last call, the largest face first.

        By each face in view; where there is none, by those that were in view before.
        """
        shown, self._shown = self._shown, {}
        here = [readings for track, readings in shown.items() if track in self._here]
        faces = here or list(shown.values())
        faces.sort(key=lambda readings: -readings[-1].box.area)
        return [_sighting(readings) for readings in faces]


def _sighting(readings: list[PersonReading]) -> Sighting:
    newest = readings[-1]
    means = {emotion: float(np.mean([each.probabilities[emotion] for each in readings]))
             for emotion in newest.probabilities}
    emotion = newest.confirmed or max(means, key=means.__getitem__)
    return Sighting(emotion, means[emotion], bool(newest.confirmed), readings[0].crop)
