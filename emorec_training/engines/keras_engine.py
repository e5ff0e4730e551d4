# SPDX-License-Identifier: Apache-2.0
"""Trains any network with Keras, on whichever backend Keras runs."""

from collections.abc import Iterable
import math

from emorec_training.config import Config
from emorec_training.config import OptimizerConfig
from emorec_training.engines.fused_batch_norm import fused_batch_normalization
from emorec_training.networks import build_network
import keras
import numpy as np

BATCH: int = 256


class KerasEngine:
    """An Engine on Keras.

    Args:
        config: the settings of the run.
        class_weights: float32 (C,), see make_engine.
    """

    def __init__(self, config: Config, class_weights: np.ndarray) -> None:
        """Build the network with the random weights of the seed."""
        self._class_weights = class_weights
        self.name = f'keras on {keras.backend.backend()}'
        keras.utils.set_random_seed(config.training.seed)
        before = keras.config.dtype_policy()
        if config.training.precision == 'bfloat16':
            keras.config.set_dtype_policy('mixed_bfloat16')
        try:
            self._model = build_network(config.network)
        finally:
            keras.config.set_dtype_policy(before)
        self._model.compile(
            optimizer=make_optimizer(config.optimizer),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True),
            metrics=['accuracy'], jit_compile=False)
        self._model.optimizer.build(self._model.trainable_variables)

    def step(self, images: np.ndarray, targets: np.ndarray, rate: float) -> tuple[float, int]:
        """Take one optimiser step."""
        self._model.optimizer.learning_rate = rate
        with fused_batch_normalization():
            logs = self._model.train_on_batch(
                _gray(images), targets, targets @ self._class_weights, return_dict=True)
        self._model.reset_metrics()
        return float(logs['loss']), round(float(logs['accuracy']) * len(images))

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return the logits, float32 (N, C)."""
        parts = np.array_split(images, max(1, math.ceil(len(images) / BATCH)))
        return np.concatenate([
            keras.ops.convert_to_numpy(self._model.predict_on_batch(_gray(part)))
            for part in parts])

    def update_batch_norm(self, batches: Iterable[np.ndarray]) -> None:
        """Replace the batch-norm statistics by those of these images."""
        update_batch_norm(self._model, batches)

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of the weights."""
        return [np.array(part) for part in self._model.get_weights()]

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Set the weights."""
        self._model.set_weights(weights)

    def state(self) -> dict[str, np.ndarray]:
        """Return weights, optimiser and the seeds of dropout."""
        return {name: np.array(keras.ops.convert_to_numpy(variable))
                for name, variable in self._variables()}

    def load_state(self, state: dict[str, np.ndarray]) -> None:
        """Set weights, optimiser and the seeds of dropout."""
        for name, variable in self._variables():
            variable.assign(state[name])

    def begin_epoch(self, epoch: int) -> None:
        """Do nothing: the seeds of dropout are part of the state."""

    def _variables(self) -> list[tuple[str, keras.Variable]]:
        return [(f'{kind}_{index}', variable)
                for kind, owner in (('model', self._model), ('optimizer', self._model.optimizer))
                for index, variable in enumerate(owner.variables)]


def update_batch_norm(model: keras.Model, batches: Iterable[np.ndarray]) -> None:
    """Replace the batch-norm statistics of a network by those of images.

    Args:
        model: the network.
        batches: uint8 (B, 48, 48) each.
    """
    norms = [layer for layer in model.layers
             if isinstance(layer, keras.layers.BatchNormalization)]
    before = [layer.momentum for layer in norms]
    for index, images in enumerate(batches):
        for layer in norms:
            layer.momentum = index / (index + 1)  # a plain mean over the batches
        model(_gray(images), training=True)
    for layer, momentum in zip(norms, before):
        layer.momentum = momentum


def _gray(images: np.ndarray) -> np.ndarray:
    return images[..., None].astype(np.float32)


def make_optimizer(config: OptimizerConfig) -> keras.optimizers.Optimizer:
    """Return the optimiser; weight decay is decoupled and spares biases and batch norm."""
    decay = config.weight_decay or None
    if config.name == 'sgd':
        optimizer = keras.optimizers.SGD(
            config.lr, momentum=config.momentum, nesterov=config.momentum > 0, weight_decay=decay)
    else:  # Keras' AdamW is its Adam, but that it refuses to go without decay
        optimizer = keras.optimizers.Adam(config.lr, weight_decay=decay)
    if decay:
        optimizer.exclude_from_weight_decay(var_names=['bias', 'gamma', 'beta'])
    return optimizer
