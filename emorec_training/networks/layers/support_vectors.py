# SPDX-License-Identifier: Apache-2.0
"""A support vector machine's kernel and its votes as layers."""

from typing import Any

import keras
from keras import layers
from keras import ops
import numpy as np


@keras.saving.register_keras_serializable('emorec')
class Standardised(layers.Layer):
    """(x - mean) / deviation of each value: (N, D) to float32 (N, D).

    Its weights are both, (D,) each. Keras' own Normalization cannot be exported to ONNX.
    """

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make room for both."""
        self.mean = self.add_weight((shape[-1],), trainable=False, name='mean')
        self.deviation = self.add_weight((shape[-1],), trainable=False, name='deviation',
                                         initializer='ones')
        super().build(shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return the values."""
        return (inputs - self.mean) / self.deviation


@keras.saving.register_keras_serializable('emorec')
class RbfKernel(layers.Layer):
    """exp(-gamma * |x - s|^2) for each support vector s: (N, D) to float32 (N, S).

    Args:
        gamma: of the kernel.
        vectors: S.
        settings: of Layer.
    """

    def __init__(self, gamma: float, vectors: int, **settings: Any) -> None:
        """Hold the vectors once the size of x is known."""
        super().__init__(trainable=False, **{
            key: value for key, value in settings.items() if key != 'trainable'})
        self.gamma = gamma
        self.vectors = vectors

    def build(self, shape: tuple[int | None, ...]) -> None:
        """Make room for the vectors (S, D)."""
        self.support = self.add_weight((self.vectors, shape[-1]), trainable=False, name='support')
        super().build(shape)

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return the kernel."""
        squares = (ops.sum(inputs * inputs, axis=1, keepdims=True)
                   + ops.sum(self.support * self.support, axis=1)
                   - 2 * ops.matmul(inputs, ops.transpose(self.support)))
        return ops.exp(-self.gamma * ops.maximum(squares, 0.0))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, int]:
        """Return (N, S)."""
        return shape[0], self.vectors

    def get_config(self) -> dict[str, Any]:
        """Return what makes it again."""
        return {**super().get_config(), 'gamma': self.gamma, 'vectors': self.vectors}


@keras.saving.register_keras_serializable('emorec')
class PairVotes(layers.Layer):
    """From the decisions of all pairs of classes (N, P) to a score for each class (N, C).

    As scikit-learn's decision_function of shape ovr: a vote for each pair that a class wins, and
    the sum of its decisions, squeezed below a third of a vote, between equals.

    Args:
        classes: C.
        settings: of Layer.
    """

    def __init__(self, classes: int, **settings: Any) -> None:
        """Work out which class stands on which side of each pair."""
        super().__init__(trainable=False, **{
            key: value for key, value in settings.items() if key != 'trainable'})
        self.classes = classes
        pairs = [(i, j) for i in range(classes) for j in range(i + 1, classes)]
        self._sides = np.zeros((len(pairs), classes), np.float32)
        for row, (first, second) in enumerate(pairs):
            self._sides[row, first], self._sides[row, second] = 1.0, -1.0

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return the scores."""
        won = ops.where(inputs >= 0, 0.5, -0.5)
        sides = ops.convert_to_tensor(self._sides)
        votes = ops.matmul(won, sides) + (self.classes - 1) / 2
        sums = ops.matmul(inputs, sides)
        return votes + sums / (3 * (ops.abs(sums) + 1))

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, int]:
        """Return (N, C)."""
        return shape[0], self.classes

    def get_config(self) -> dict[str, Any]:
        """Return what makes it again."""
        return {**super().get_config(), 'classes': self.classes}
