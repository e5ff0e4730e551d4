# SPDX-License-Identifier: Apache-2.0
"""PyTorch's own batch normalisation for Keras on PyTorch, which is faster on a CPU."""

from collections.abc import Iterator
import contextlib
import importlib
from typing import Any

import keras


@contextlib.contextmanager
def fused_batch_normalization() -> Iterator[None]:
    """Use PyTorch's own batch normalisation in training steps while this context is open.

    On other backends nothing changes. Keras works out mean and variance in a dozen separate
    passes over each feature map, which takes most of a training step on a CPU. Values, gradients
    and moving averages are the same.
    """
    if keras.backend.backend() != 'torch':
        yield
        return
    plain = keras.layers.BatchNormalization.call
    keras.layers.BatchNormalization.call = _fused(plain)
    try:
        yield
    finally:
        keras.layers.BatchNormalization.call = plain


def _fused(plain: Any) -> Any:
    torch = importlib.import_module('torch')

    def call(self: Any, inputs: Any, training: bool | None = None, mask: Any = None) -> Any:
        last = self.axis in (-1, inputs.ndim - 1)
        if not training or not self.trainable or mask is not None or not last or not (
                self.scale and self.center):
            return plain(self, inputs, training=training, mask=mask)
        outputs, mean, inverse_std = torch.native_batch_norm(
            inputs.movedim(-1, 1), self.gamma.value, self.beta.value, None, None, True, 0.0,
            self.epsilon)
        with torch.no_grad():
            variance = inverse_std.detach().float().pow(-2) - self.epsilon
            for average, value in ((self.moving_mean, mean.detach().float()),
                                   (self.moving_variance, variance)):
                average.assign(average * self.momentum + value * (1 - self.momentum))
        return outputs.movedim(1, -1)

    return call
