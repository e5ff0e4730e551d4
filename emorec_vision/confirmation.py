# SPDX-License-Identifier: Apache-2.0
"""Confirm an emotion over the last measured ones, so that a stray frame changes nothing."""

from collections import Counter
from collections import deque
from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field

from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.stamps import seconds_to_ns

NEUTRAL = EMOTIONS.index('Neutral')


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
    min_share_of: Mapping[int, float] = field(default_factory=dict)
    """min_share of single emotions (index into EMOTIONS) that differ from the others"""


def shares_by_emotion(text: str) -> dict[int, float]:
    """Return the shares that a text such as 'Happy:0.5,Sad:0.7' gives, by index into EMOTIONS.

    Raises:
        InputError: if it is no such text; the message begins with what is wrong in it.
    """
    shares = {}
    for entry in filter(None, (part.strip() for part in text.split(','))):
        name, _, number = entry.partition(':')
        if name.strip() not in EMOTIONS:
            raise InputError(f'{name.strip()!r} is none of {", ".join(EMOTIONS)}; '
                             "give shares like 'Happy:0.5,Sad:0.7'")
        try:
            share = float(number)
        except ValueError:
            raise InputError(f'{entry!r} has no share; give shares like '
                             "'Happy:0.5,Sad:0.7'") from None
        if not 0.0 <= share <= 1.0:
            raise InputError(f'{number.strip()} of {name.strip()} is outside 0 to 1')
        shares[EMOTIONS.index(name.strip())] = share
    return shares


@dataclass(frozen=True)
class Confirmation:
    """What a window says: the emotion (index into EMOTIONS), whether confirmed, and its share."""

    emotion: int
    confirmed: bool
    share: float


class ConfirmationWindow:
    """Keep the last measured emotions of one person and say which one they agree on.

    The most frequent emotion is confirmed when it fills more than its share of all `length`
    places, empty places included: more than 60 % of 20 places needs 13 equal measurements, also
    while the window is filling. Otherwise the answer is Neutral, not confirmed.
    """

    def __init__(self, settings: WindowSettings = WindowSettings()) -> None:
        self._settings = settings
        self._places: deque[tuple[int, int | None]] = deque(maxlen=settings.length)

    def add(self, stamp: int, probabilities: Sequence[float]) -> None:
        """Add one measurement: seven probabilities in EMOTIONS order, taken at `stamp` (ns)."""
        emotion = max(range(len(EMOTIONS)), key=lambda index: probabilities[index])
        sure = probabilities[emotion] >= self._settings.min_probability
        self._places.append((stamp, emotion if sure else None))

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
        emotion, count = self._most_frequent(vote for _, vote in self._places)
        share = count / self._settings.length
        if share > self._settings.min_share_of.get(emotion, self._settings.min_share):
            return Confirmation(emotion, True, share)
        return Confirmation(NEUTRAL, False, share)

    @staticmethod
    def _most_frequent(votes: Iterable[int | None]) -> tuple[int, int]:
        counts = Counter(vote for vote in votes if vote is not None)
        return counts.most_common(1)[0] if counts else (NEUTRAL, 0)
