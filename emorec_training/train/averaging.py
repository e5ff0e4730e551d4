# SPDX-License-Identifier: Apache-2.0
"""A running average of a network's weights, which is better than its last weights."""

import numpy as np

UPDATE_INTERVAL: int = 8
"""Steps between two updates: averaging each step costs time and changes nothing visible."""


class WeightAverage:
    """Exponential moving average of all weights.

    In the first steps it forgets faster, so that the random start does not linger.

    Args:
        weights: to start from.
        decay: per step, 0..1; with 0 it follows the weights exactly.

    Attributes:
        step: steps of the optimiser that were taken in.
        weights: float32, the average.
    """

    def __init__(self, weights: list[np.ndarray], decay: float) -> None:
        """Start from these weights."""
        self.decay = decay
        self.step = 0
        self.weights = [np.array(part, np.float32) for part in weights]

    def update(self, weights: list[np.ndarray], steps: int) -> None:
        """Take in the weights after `steps` more steps of the optimiser."""
        self.step += steps
        decay = min(self.decay, (1 + self.step) / (10 + self.step)) if self.decay else 0.0
        share = 1 - decay ** steps
        for average, now in zip(self.weights, weights):
            average += share * (now - average)
