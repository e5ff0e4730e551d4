# SPDX-License-Identifier: Apache-2.0
"""Confirm an emotion over the last measured ones, so that a stray frame changes nothing."""

from collections import Counter
from collections import deque
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from emorec_vision.emotions import EMOTIONS
from emorec_vision.emotions import NEUTRAL
from emorec_vision.errors import InputError
from emorec_vision.stamps import seconds_to_ns


@dataclass(frozen=True)
class WindowSettings:
    """The length of a confirmation window, and when it confirms."""

    length: int = 20
    """places in the window, in measured emotions (the original's 20)"""
    min_share: float = 0.6
    """an emotion is confirmed when it fills more than this part of all places (0..1)"""
    max_age: float = 0.0
    """seconds after which a measurement leaves the window; 0 switches this off"""
    min_probability: float = 0.0
    """a measurement below this probability fills a place but votes for nobody; 0 = off"""
    min_share_of: Mapping[str, float] = field(default_factory=dict)
    """min_share of single emotions, by name, that differ from the others"""


def shares_by_emotion(text: str, labels: Sequence[str] | None = EMOTIONS) -> dict[str, float]:
    """Return the shares that a text such as 'Happy:0.5,Sad:0.7' gives, by name.

    Args:
        text: '' for none.
        labels: the names that may be given; None: they are not known yet, and any may.

    Raises:
        InputError: if it is no such text; the message begins with what is wrong in it.
    """
    shares = {}
    for entry in filter(None, (part.strip() for part in text.split(','))):
        name, _, number = entry.rpartition(':') if ':' in entry else (entry, '', '')
        if labels is not None and name.strip() not in labels:
            raise InputError(f'{name.strip()!r} is none of {", ".join(labels)}; '
                             "give shares like 'Happy:0.5,Sad:0.7'")
        try:
            share = float(number)
        except ValueError:
            raise InputError(f'{entry!r} has no share; give shares like '
                             "'Happy:0.5,Sad:0.7'") from None
        if not 0.0 <= share <= 1.0:
            raise InputError(f'{number.strip()} of {name.strip()} is outside 0 to 1')
        shares[name.strip()] = share
    return shares


@dataclass(frozen=True)
class Confirmation:
    """What a window says.

    Attributes:
        emotion: its name; Neutral where none is confirmed.
        confirmed: whether one is.
        share: count of the most frequent emotion / length of the window (0..1).
        probability: mean probability of a confirmed emotion over all measurements in the window
            (0..1), 0 where none is confirmed.
    """

    emotion: str
    confirmed: bool
    share: float
    probability: float = field(default=0.0, compare=False)


class ConfirmationWindow:
    """Keep the last measured emotions of one person and say which one they agree on.

    The most frequent emotion is confirmed when it fills more than its share of all `length`
    places, empty places included: more than 60 % of 20 places needs 13 equal measurements, also
    while the window is filling. Otherwise the answer is Neutral, not confirmed.

    Args:
        settings: its length, and when it confirms.
        labels: names of the emotions that are measured.
    """

    def __init__(self, settings: WindowSettings = WindowSettings(),
                 labels: Sequence[str] = EMOTIONS) -> None:
        self._settings = settings
        self._labels = labels
        self._places: deque[tuple[int, int | None, Sequence[float]]] = deque(
            maxlen=settings.length)

    def add(self, stamp: int, probabilities: Sequence[float]) -> None:
        """Add one measurement: a probability for each label, taken at `stamp` (ns)."""
        top = max(range(len(self._labels)), key=lambda index: probabilities[index])
        sure = probabilities[top] >= self._settings.min_probability
        self._places.append((stamp, top if sure else None, probabilities))

    def use(self, settings: WindowSettings) -> None:
        """Go on with other settings; a shorter window keeps its newest measurements."""
        self._settings = settings
        self._places = deque(self._places, maxlen=settings.length)

    def continue_from(self, earlier: 'ConfirmationWindow') -> None:
        """Put the measurements of an earlier window of the same person before the own ones."""
        self._places = deque([*earlier._places, *self._places], maxlen=self._settings.length)

    def confirmation(self, stamp: int) -> Confirmation:
        """Say what the window confirms at `stamp` (ns)."""
        if self._settings.max_age > 0:
            max_age = seconds_to_ns(self._settings.max_age)
            while self._places and stamp - self._places[0][0] > max_age:
                self._places.popleft()
        counts = Counter(vote for _, vote, _ in self._places if vote is not None)
        if not counts:
            return Confirmation(NEUTRAL, False, 0.0)
        (top, count), = counts.most_common(1)
        emotion, share = self._labels[top], count / self._settings.length
        if share > self._settings.min_share_of.get(emotion, self._settings.min_share):
            return Confirmation(emotion, True, share, self._mean(top))
        return Confirmation(NEUTRAL, False, share)

    def _mean(self, label: int) -> float:
        return float(sum(row[label] for _, _, row in self._places)) / len(self._places)
