# SPDX-License-Identifier: Apache-2.0
"""Learn from a few frames each how one person looks at rest and in each expression."""

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass

from emorec_vision.emotion.expression_space import ExpressionSpace
from emorec_vision.emotion.rest import Rest
from emorec_vision.errors import InputError
import numpy as np

FEWEST = 6
"""Frames of an expression below which nothing is learnt of it."""
PRIOR = 4.0
"""Frames that the general place of an expression weighs against those of the person."""
ASKED = 30.0
"""Seconds of rest seen by chance that a rest which was asked for is worth."""
COST = 2.0
"""Held-back frames of an expression that one of the others is worth."""
MOVED = 0.5
"""Distance from rest, of the unit of the space, below which an expression is none."""
CLEAR = 1.0
"""How often the spread of the frames along its way an expression lies from rest at least."""


@dataclass(frozen=True)
class Shown:
    """Frames in which a person showed what was asked for.

    Attributes:
        probabilities: (N, C), as the network reads them.
        coordinates: (N, D), of the same frames.
    """

    probabilities: np.ndarray
    coordinates: np.ndarray

    def half(self, start: int) -> 'Shown':
        """Return every second frame, from `start` on."""
        return Shown(self.probabilities[start::2], self.coordinates[start::2])


@dataclass(frozen=True)
class Finding:
    """What was found of one expression.

    Attributes:
        label: its name.
        frames: that were held back.
        general: share of them that is read right with the general place, 0..1.
        own: share of them that is read right with the person's own.
        used: whether the person's own is used.
        skipped: why nothing was learnt of it; '' if something was.
    """

    label: str
    frames: int = 0
    general: float = 0.0
    own: float = 0.0
    used: bool = False
    skipped: str = ''

    def __str__(self) -> str:
        """Return it in words."""
        if self.skipped:
            return f'{self.label}: {self.skipped}; skipped'
        end = 'used' if self.used else 'not used, the general answer is as good or better'
        return (f'{self.label}: {self.general * 100:.0f} -> {self.own * 100:.0f} % of '
                f'{self.frames} held-back frames; {end}')


@dataclass(frozen=True)
class Learnt:
    """What was learnt of a person.

    Attributes:
        rest: the face at rest.
        expressions: offsets from it, float64 (D,), by label of those that are used.
        findings: one for each expression that was asked for, in their order.
    """

    rest: Rest
    expressions: Mapping[str, np.ndarray]
    findings: Sequence[Finding]


class ExpressionLearner:
    """Learns the offsets of a person's expressions from the person's rest.

    Each is the mean offset of its frames, shrunk towards the general one, which counts as PRIOR
    frames (an empirical Bayes estimate of a normal mean). Every second frame is held back, and
    an expression is used only if more of its held-back frames are read right with it, and if
    that is at least COST times the share that others, and the rest, lose by it. The place that is
    used is learnt from all of its frames.

    Args:
        space: of the model.
        labels: of its emotions.
    """

    def __init__(self, space: ExpressionSpace, labels: Sequence[str]) -> None:
        self._space = space
        self._labels = labels

    def learn(self, frames: Mapping[str, Shown]) -> Learnt:
        """Return what frames teach, by the label of what was asked for, Neutral for the rest.

        Raises:
            InputError: if there are too few frames of the rest.
        """
        neutral = self._labels[self._space.neutral]
        shown = frames.get(neutral)
        count = 0 if shown is None else len(shown.coordinates)
        if shown is None or count < FEWEST:
            raise InputError(f'the face at rest was seen in {count} frames, and {FEWEST} are '
                             'needed; nothing was learnt')
        findings = {label: self._look(label, each, shown)
                    for label, each in frames.items() if label != neutral}
        held = {label: each.half(1) for label, each in frames.items()
                if label == neutral or not findings[label].skipped}
        half = self._rest(shown.half(0))
        places = self._space.expressions
        for label in held:
            if label != neutral:
                own = self._with(places, label, frames[label].half(0), half)
                findings[label] = _judged(
                    label, len(held[label].coordinates), self._right(held, half, places),
                    self._right(held, half, own))
                places = own if findings[label].used else places
        rest = self._rest(shown)
        return Learnt(rest, {
            label: self._place(label, frames[label], rest)
            for label, finding in findings.items() if finding.used}, list(findings.values()))

    def _look(self, label: str, each: Shown, rest: Shown) -> Finding:
        """Return a finding that says whether there is anything to learn."""
        if len(each.coordinates) < FEWEST:
            return Finding(label, skipped=f'it was seen in {len(each.coordinates)} frames, and '
                                          f'{FEWEST} are needed')
        way = each.coordinates.mean(axis=0) - rest.coordinates.mean(axis=0)
        length = float(np.linalg.norm(way))
        spread = np.sqrt(np.mean([np.var(one.coordinates @ way) for one in (each, rest)]))
        if length < MOVED or length ** 2 < CLEAR * spread:
            return Finding(label, skipped='no difference from rest was seen')
        return Finding(label)

    def _rest(self, shown: Shown) -> Rest:
        return Rest(self._space, ASKED, shown.coordinates.mean(axis=0))

    def _place(self, label: str, shown: Shown, rest: Rest) -> np.ndarray:
        number = self._labels.index(label)
        return np.asarray(self._space.shrunk_expressions(
            shown.coordinates - rest.mean, np.full(len(shown.coordinates), number), PRIOR)[number])

    def _with(self, places: np.ndarray, label: str, shown: Shown, rest: Rest) -> np.ndarray:
        """Return the places with one of the person's own among them."""
        own = places.copy()
        own[self._labels.index(label)] = self._place(label, shown, rest)
        return own

    def _right(self, held: Mapping[str, Shown], rest: Rest,
               places: np.ndarray) -> dict[str, float]:
        """Return which share of the held-back frames is read right, by label, 0..1."""
        return {label: float(np.mean([
            rest.read(row, offset, places).probabilities.argmax() == self._labels.index(label)
            for row, offset in zip(each.probabilities, each.coordinates, strict=True)]))
            for label, each in held.items()}


def _judged(label: str, frames: int, before: Mapping[str, float],
            after: Mapping[str, float]) -> Finding:
    """Return a finding by the shares that are read right with the general place and the own."""
    gain = after[label] - before[label]
    lost = sum(max(0.0, before[other] - after[other]) for other in before)
    used = gain > 0 and gain >= COST * lost
    return Finding(label, frames, before[label], after[label], used)
