# SPDX-License-Identifier: Apache-2.0
"""What is known of one person's face at rest, and how a face is read against it."""

from dataclasses import dataclass
from math import exp
from math import isfinite

from emorec_vision.emotion.expression_space import ExpressionSpace
import numpy as np

HALF_KNOWN = 6.0
"""Seconds of rest after which raw and adapted answer weigh the same."""
PRIOR = 4.0
"""Seconds of rest that FER2013's mean Neutral stands for when it is judged what rest is."""
LONGEST = 60.0
"""Seconds of rest that are remembered; older ones fade."""
USUAL = 6.0
"""Squared distance from the expected rest at which half of a face counts as rest: the mean of
chi-square with six degrees of freedom."""
SOFTNESS = 1.0
"""How quickly that falls off with the squared distance."""
UNUSUAL = 0.003
"""What is left of it far away: an unusual rest is learnt in minutes if the network takes it for
Neutral, and a smile is not."""


@dataclass(frozen=True)
class Adapted:
    """A face read against the same person at rest.

    Attributes:
        probabilities: float64 (C,).
        weight: of what is known of the person in them, 0..1; the rest is the network's.
    """

    probabilities: np.ndarray
    weight: float


class Rest:
    """A running mean of a face at rest, in the coordinates of an ExpressionSpace.

    A frame counts by the time since the frame before it, by how probable the network alone finds
    Neutral, and by how near it is to where rest is expected: at FER2013's mean Neutral first, at
    the mean found so far later. A lasting smile lies far from both and hardly counts. The adapted
    answer has no say, as a smile that is taken for rest would confirm itself.

    Attributes:
        seconds: of rest seen, at most LONGEST.
        mean: float64 (D,), zeros while nothing is known.
    """

    def __init__(self, space: ExpressionSpace, seconds: float = 0.0,
                 mean: np.ndarray | None = None) -> None:
        self.seconds = seconds
        self.mean = np.zeros(len(space.whitening)) if mean is None else mean
        self._space = space

    @property
    def weight(self) -> float:
        """Return how much of an answer comes from what is known, 0..1."""
        return self.seconds / (self.seconds + HALF_KNOWN)

    def read(self, probabilities: np.ndarray, coordinates: np.ndarray,
             expressions: np.ndarray | None = None) -> Adapted:
        """Return a face, read as the network reads it and against rest, in their weights.

        Both are averaged as logarithms (a logarithmic opinion pool, Genest and Zidek 1986).

        Args:
            probabilities: (C,), of the network.
            coordinates: (D,), of the same face.
            expressions: (C, D), the person's own if they are known.
        """
        weight = self.weight
        own = self._space.log_probabilities((coordinates - self.mean)[None], expressions)[0]
        logs = (1 - weight) * np.log(np.maximum(probabilities, 1e-7)) + weight * own
        shares = np.exp(logs - logs.max())
        return Adapted(shares / shares.sum(), weight)

    def add(self, probabilities: np.ndarray, coordinates: np.ndarray, seconds: float) -> None:
        """Learn from a face.

        Args:
            probabilities: (C,), of the network.
            coordinates: (D,), of the same face.
            seconds: time that it stands for.
        """
        expected = self.mean * (self.seconds / (self.seconds + PRIOR))
        distance = float(((coordinates - expected) ** 2).sum())
        usual = 1 / (1 + exp(min((distance - USUAL) / SOFTNESS, 50.0)))
        neutral = float(probabilities[self._space.neutral])
        self._count(seconds * neutral * (UNUSUAL + (1 - UNUSUAL) * usual), coordinates)

    def join(self, other: 'Rest') -> None:
        """Take over what another one of the same person has learnt."""
        if other.seconds > 0:
            self._count(other.seconds, other.mean)

    def _count(self, seconds: float, mean: np.ndarray) -> None:
        total = self.seconds + seconds
        if total > 0 and isfinite(total):
            self.mean = self.mean + (mean - self.mean) * (seconds / total)
            self.seconds = min(total, LONGEST)
