# SPDX-License-Identifier: Apache-2.0
"""A made-up space of expressions, and faces in it."""

from emorec_vision.emotion.expression_space import ExpressionSpace
from emorec_vision.emotion.expression_space import STRENGTH
from emorec_vision.emotions import EMOTIONS
import numpy as np

FRAME_S = 0.1
FRAME_NS = 100_000_000


def space() -> ExpressionSpace:
    """Return a space in which the seven lie equally far from each other."""
    return ExpressionSpace.measured(3 * np.eye(7), np.eye(7), np.full(7, 1 / 7), EMOTIONS)


def place(emotion: str, strength: float = STRENGTH) -> np.ndarray:
    """Return the coordinates of an emotion of somebody whose rest is Neutral."""
    return space().expressions[EMOTIONS.index(emotion)] * (strength / STRENGTH)


def raw(coordinates: np.ndarray) -> np.ndarray:
    """Return the probabilities of a network that takes everybody's rest for Neutral."""
    places = space().expressions / STRENGTH
    shares = np.exp(-((coordinates - places) ** 2).sum(axis=1) / 2)
    return shares / shares.sum()
