# SPDX-License-Identifier: Apache-2.0
"""Projected gradient descent: the smallest change of an image that changes a prediction."""

from collections.abc import Callable
import dataclasses
import sys

from emorec_training.data.dataset import SIDE
import keras
import numpy as np
import tqdm

Predict = Callable[[np.ndarray], np.ndarray]

CHECK_INTERVAL: int = 5
"""Steps between two predictions of the attacked model."""


@dataclasses.dataclass(frozen=True)
class Attack:
    """The result for N images.

    Attributes:
        images: uint8 (N, 48, 48), as they were where the attack failed.
        budgets: int64 (N,), the smallest budget with which it succeeded, in gray levels, 0
            where none did.
    """

    images: np.ndarray
    budgets: np.ndarray


class Attacker:
    """Projected gradient descent within a box of so many gray levels around each pixel.

    Madry et al. 2018, arXiv 1706.06083, with steps along the sign of the gradient and of its
    running mean (Dong et al. 2018, arXiv 1710.06081), which Keras' optimiser Lion does on any
    backend: the perturbation is a weight, everything else is frozen. The gradient is that of
    `network`; an attack succeeds by the prediction of the exported model for whole gray levels.

    Args:
        network: keras.Model from gray (N, 48, 48, 1) to logits (N, C).
        predict: the exported model, from uint8 (N, 48, 48) to probabilities (N, C) in the same
            order.
        count: N, fixed, since the graph is compiled for it.
        steps: of one attempt.
    """

    def __init__(self, network: keras.Model, predict: Predict, count: int,
                 steps: int = 20) -> None:
        """Put the perturbation before the network."""
        self._predict = predict
        self._steps = steps
        network.trainable = False
        images = keras.Input((SIDE, SIDE, 1), batch_size=count)
        budgets = keras.Input((1, 1, 1), batch_size=count)
        self._perturbation = _Perturbation(count)
        logits = network(self._perturbation([images, budgets]), training=False)
        self._model = keras.Model([images, budgets], logits)
        self._model.compile(
            optimizer=keras.optimizers.Lion(2.5 / steps, beta_1=0.9, beta_2=0.9),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, reduction='sum'))

    def find_smallest(self, images: np.ndarray, targets: np.ndarray,
                      largest: int = 32) -> Attack:
        """Find the smallest budget that succeeds for each image, by bisection.

        Args:
            images: uint8 (N, 48, 48).
            targets: int (N,), the wanted predictions.
            largest: budget that is tried first, in gray levels.
        """
        changed = images.copy()
        fails, works = np.zeros(len(images), int), np.full(len(images), largest)
        found = np.zeros(len(images), bool)
        rounds = int(np.ceil(np.log2(largest))) + 1
        for number in tqdm.trange(rounds, desc='budgets', leave=False, disable=None,
                                  file=sys.stderr):
            budgets = (fails + works + 1) // 2 if number else works.copy()
            perturbed, succeeded = self._attempt(images, targets, budgets)
            changed[succeeded] = perturbed[succeeded]
            works = np.where(succeeded, budgets, works)
            fails = np.where(succeeded, fails, budgets)
            found |= succeeded
            works = np.where(found, works, largest)
            fails = np.where(found, np.minimum(fails, works - 1), largest - 1)
        return Attack(changed, np.where(found, works, 0))

    def _attempt(self, images: np.ndarray, targets: np.ndarray,
                 budgets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return perturbed images within the budgets, and for which the attack succeeded."""
        self._perturbation.reset()
        for weight in self._model.optimizer.variables:
            if len(weight.shape) == 4:
                weight.assign(np.zeros(weight.shape, np.float32))
        gray = images[..., None].astype(np.float32)
        scale = budgets.reshape(-1, 1, 1, 1).astype(np.float32)
        wanted = np.eye(self._model.output_shape[1], dtype=np.float32)[targets]
        perturbed, succeeded = images.copy(), np.zeros(len(images), bool)
        for step in range(1, self._steps + 1):
            self._model.train_on_batch([gray, scale], wanted)
            if step % CHECK_INTERVAL and step < self._steps:
                continue
            now = self._perturbation.apply(images, budgets)
            is_new = (self._predict(now).argmax(axis=1) == targets) & ~succeeded
            perturbed[is_new] = now[is_new]
            succeeded |= is_new
            if succeeded.all():
                break
        return perturbed, succeeded


class _Perturbation(keras.layers.Layer):
    """A change of each image within its budget, as a layer."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._shares = self.add_weight(
            shape=(count, SIDE, SIDE, 1), initializer='zeros', name='shares',
            constraint=lambda shares: keras.ops.clip(shares, -1.0, 1.0))

    def call(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        """Return the perturbed images, gray 0..255."""
        images, budgets = inputs
        return keras.ops.clip(images + budgets * self._shares, 0.0, 255.0)

    def reset(self) -> None:
        """Set the change to zero."""
        self._shares.assign(np.zeros(self._shares.shape, np.float32))

    def apply(self, images: np.ndarray, budgets: np.ndarray) -> np.ndarray:
        """Return the perturbed images in whole gray levels, uint8 (N, 48, 48)."""
        shares = keras.ops.convert_to_numpy(self._shares)[..., 0]
        perturbed = np.rint(images + budgets.reshape(-1, 1, 1) * shares)
        return np.asarray(np.clip(perturbed, 0, 255), np.uint8)
