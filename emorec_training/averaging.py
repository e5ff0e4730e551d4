# SPDX-License-Identifier: Apache-2.0
"""A running average of a network's weights, which is better than its last weights."""

from collections.abc import Iterator
import contextlib

import keras
import numpy as np

EVERY: int = 8
"""Steps between two updates: averaging each step costs time and changes nothing visible."""


class WeightAverage:
    """Exponential moving average of all weights, batch-norm statistics included.

    The statistics belong to the weights they were measured with, so both are averaged alike
    (as timm's ModelEma does). In the first steps the average forgets faster, so that the
    random start does not linger.
    """

    def __init__(self, model: keras.Model, decay: float) -> None:
        """Start from the present weights; a `decay` of 0 makes it follow them exactly."""
        self.model = model
        self.decay = decay
        self.step = 0
        self.weights: list[np.ndarray] = [np.array(part) for part in model.get_weights()]

    def update(self, step: int) -> None:
        """Take in the weights after optimiser step number `step`, counted from 1."""
        decay = min(self.decay, (1 + step) / (10 + step)) if self.decay else 0.0
        share = 1 - decay ** (step - self.step)
        self.step = step
        for average, now in zip(self.weights, self.model.get_weights()):
            average += share * (now - average)

    @contextlib.contextmanager
    def in_place(self) -> Iterator[None]:
        """Let the model use the averaged weights while this context is open."""
        own = [np.array(part) for part in self.model.get_weights()]
        self.model.set_weights(self.weights)
        try:
            yield
        finally:
            self.model.set_weights(own)
