# SPDX-License-Identifier: Apache-2.0
"""Ask a person for a resting face and for expressions, and collect the frames that show them."""

from collections.abc import Mapping
from collections.abc import Sequence

from emorec_vision.emotion.expression_space import NEUTRAL
from emorec_vision.emotion.learnt_expressions import Shown
from emorec_vision.emotion.person_rests import LONGEST_STEP
from emorec_vision.errors import InputError
from emorec_vision.stamps import NANOSECONDS
import numpy as np

PROMPTS: dict[str, str] = {
    NEUTRAL: 'look at the camera with a resting face', 'Happy': 'smile', 'Sad': 'look sad',
    'Angry': 'frown', 'Surprise': 'look surprised', 'Fear': 'look frightened',
    'Disgust': 'wrinkle your nose in disgust', 'Contempt': 'raise one corner of your mouth'}
"""What to tell a person, by the label of what is asked for."""
SECONDS = 3.0
"""For each of them: with all seven, twenty seconds."""
READY = 1.0
"""Seconds of them in which the face is still changing, and which do not count."""


class Lesson:
    """What one person is asked for, one after the other, and the frames of each.

    The time of each runs only while the person's face is measured: that of the given track, or
    of the track that carries the person's name, or of the only face in view while that one is
    unknown. Nobody else's frames get among them.

    Args:
        name: of the person.
        labels: of the model.
        wanted: expressions among them, () for all.
        seconds: for each.
        track_id: the track, '' for that of the person.

    Raises:
        InputError: if the model does not tell one that is wanted, or there is no time.

    Attributes:
        track_id: that is looked at, '' while none was chosen.
        hint: what is waited for, '' when all is well.
        stamp: of the newest image, ns.
        number: how many have been asked for before.
    """

    def __init__(self, name: str, labels: Sequence[str], wanted: Sequence[str] = (),
                 seconds: float = SECONDS, track_id: str = '') -> None:
        self.name = name
        self.track_id = track_id
        self.hint = ''
        self.stamp = 0
        self.number = 0
        unknown = [label for label in wanted if label not in labels]
        if unknown:
            raise InputError(f'{unknown[0]!r} is none of {", ".join(labels)}')
        if not READY < seconds <= 60:
            raise InputError(f'{seconds:g} s for each expression; give more than {READY:g}, and '
                             '60 at most')
        self._fixed = track_id
        self._seconds = seconds
        self._asked = [NEUTRAL, *(label for label in dict.fromkeys(wanted or labels)
                                  if label != NEUTRAL)]
        self._elapsed = 0.0
        self._rows: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {
            label: [] for label in self._asked}
        self._skipped: set[str] = set()

    @property
    def expression(self) -> str:
        """Return the label of what is asked for, '' at the end."""
        return '' if self.done else self._asked[self.number]

    @property
    def prompt(self) -> str:
        """Return what to tell the person, '' at the end."""
        return PROMPTS.get(self.expression, f'show {self.expression}') if self.expression else ''

    @property
    def frames(self) -> int:
        """Return how many frames there are of what is asked for."""
        return len(self._rows.get(self.expression, ()))

    @property
    def done(self) -> bool:
        """Tell whether everything was asked for."""
        return self.number >= len(self._asked)

    @property
    def count(self) -> int:
        """Return how many there are to be asked for."""
        return len(self._asked)

    @property
    def longest(self) -> float:
        """Return how long it takes with the face in view all the time, s."""
        return self._seconds * self.count

    @property
    def shown(self) -> dict[str, Shown]:
        """Return the frames of everything that was not skipped, by label."""
        return {label: Shown(np.array([row for row, _ in rows]),
                             np.array([place for _, place in rows]))
                for label, rows in self._rows.items() if label not in self._skipped}

    def skip(self) -> None:
        """Pass over what is asked for.

        Raises:
            InputError: if that is the resting face, without which nothing can be learnt.
        """
        if self.expression == NEUTRAL:
            raise InputError('the resting face cannot be skipped; the expressions are read '
                             'against it')
        self._skipped.add(self.expression)
        self._next()

    def add(self, stamp: int, names: Mapping[str, str], probabilities: Mapping[str, np.ndarray],
            coordinates: Mapping[str, np.ndarray]) -> bool:
        """Look at the faces of the next image and tell whether another thing is to be said.

        Args:
            stamp: of the image, ns.
            names: of the tracks in view by track_id, '' for an unknown person.
            probabilities: of the measured tracks by track_id, (C,).
            coordinates: of the same tracks, (D,).
        """
        before = (self.expression, self.hint)
        passed = min(max(stamp - self.stamp, 0) / NANOSECONDS, LONGEST_STEP)
        self.stamp = stamp
        self.track_id, self.hint = self._choose(names)
        if not self.done and self.track_id in probabilities:
            self._elapsed += passed
            if self._elapsed > READY:
                self._rows[self.expression].append(
                    (probabilities[self.track_id], coordinates[self.track_id]))
            if self._elapsed >= self._seconds:
                self._next()
        return before != (self.expression, self.hint)

    def _choose(self, names: Mapping[str, str]) -> tuple[str, str]:
        """Return the track to look at, and what is waited for."""
        if self._fixed:
            return self._fixed, '' if self._fixed in names else f'{self._fixed} is not in view'
        for track_id, name in names.items():
            if name == self.name:
                return track_id, ''
        if len(names) != 1:
            return '', f'{len(names)} faces in view' if names else 'no face in view'
        (track_id, name), = names.items()
        return ('', f'the face in view is that of {name}') if name else (track_id, '')

    def _next(self) -> None:
        self.number += 1
        self._elapsed = 0.0
