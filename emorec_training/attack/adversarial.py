# SPDX-License-Identifier: Apache-2.0
"""Changes images as little as possible so that a network calls them something else."""

from collections.abc import Callable
import dataclasses
import sys

from emorec_training.data.dataset import SIDE
import keras
import numpy as np
import tqdm

Predict = Callable[[np.ndarray], np.ndarray]

CHECK_EVERY: int = 5
"""Steps between two looks at what the attacked model says."""


@dataclasses.dataclass(frozen=True)
class Attack:
    """What came out for N images.

    images: uint8 (N, 48, 48), changed where it worked and as they were where not;
    budgets: int64 (N,), the smallest budget that worked, in gray levels, 0 where none did.
    """

    images: np.ndarray
    budgets: np.ndarray


class Attacker:
    """Projected gradient descent within a box of so many gray levels around each pixel.

    Madry et al. 2018, arXiv 1706.06083, with steps along the sign of the gradient and of its
    running mean (Dong et al. 2018, arXiv 1710.06081), which Keras' optimiser Lion does on any
    backend: the change is a weight, everything else is frozen. The gradient is that of
    `network`; what counts is the answer of `predict`, the exported model, to whole gray levels.

    network: keras.Model from gray (N, 48, 48, 1) to logits (N, C); predict: from uint8
    (N, 48, 48) to probabilities (N, C) in the same order; count: N, fixed, since the graph is
    compiled for it; steps: of one attempt.
    """

    def __init__(self, network: keras.Model, predict: Predict, count: int,
                 steps: int = 20) -> None:
        self._predict = predict
        self._steps = steps
        network.trainable = False
        images = keras.Input((SIDE, SIDE, 1), batch_size=count)
        budgets = keras.Input((1, 1, 1), batch_size=count)
        self._change = _Change(count)
        logits = network(self._change([images, budgets]), training=False)
        self._model = keras.Model([images, budgets], logits)
        self._model.compile(
            optimizer=keras.optimizers.Lion(2.5 / steps, beta_1=0.9, beta_2=0.9),
            loss=keras.losses.CategoricalCrossentropy(from_logits=True, reduction='sum'))

    def smallest(self, images: np.ndarray, targets: np.ndarray, largest: int = 32) -> Attack:
        """Return, for each image, the change of the smallest budget that works, by bisection.

        images: uint8 (N, 48, 48); targets: int (N,), wanted answers; largest: budget that is
        tried first, in gray levels.
        """
        changed = images.copy()
        fails, works = np.zeros(len(images), int), np.full(len(images), largest)
        found = np.zeros(len(images), bool)
        rounds = int(np.ceil(np.log2(largest))) + 1
        for number in tqdm.trange(rounds, desc='budgets', leave=False, disable=None,
                                  file=sys.stderr):
            budgets = (fails + works + 1) // 2 if number else works.copy()
            hacked, hit = self._attempt(images, targets, budgets)
            changed[hit] = hacked[hit]
            works, fails = np.where(hit, budgets, works), np.where(hit, fails, budgets)
            found |= hit
            works = np.where(found, works, largest)
            fails = np.where(found, np.minimum(fails, works - 1), largest - 1)
        return Attack(changed, np.where(found, works, 0))

    def _attempt(self, images: np.ndarray, targets: np.ndarray,
                 budgets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return changed images within the budgets, and for which the answer is as wanted."""
        self._change.start_again()
        for weight in self._model.optimizer.variables:
            if len(weight.shape) == 4:
                weight.assign(np.zeros(weight.shape, np.float32))
        gray = images[..., None].astype(np.float32)
        scale = budgets.reshape(-1, 1, 1, 1).astype(np.float32)
        wanted = np.eye(self._model.output_shape[1], dtype=np.float32)[targets]
        hacked, hit = images.copy(), np.zeros(len(images), bool)
        for step in range(1, self._steps + 1):
            self._model.train_on_batch([gray, scale], wanted)
            if step % CHECK_EVERY and step < self._steps:
                continue
            now = self._change.applied(images, budgets)
            fresh = (self._predict(now).argmax(axis=1) == targets) & ~hit
            hacked[fresh] = now[fresh]
            hit |= fresh
            if hit.all():
                break
        return hacked, hit


class _Change(keras.layers.Layer):
    """Adds to each image its own change, within its budget."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self._shares = self.add_weight(
            shape=(count, SIDE, SIDE, 1), initializer='zeros', name='shares',
            constraint=lambda shares: keras.ops.clip(shares, -1.0, 1.0))

    def call(self, inputs: list[keras.KerasTensor]) -> keras.KerasTensor:
        """Return the changed images, gray 0..255."""
        images, budgets = inputs
        return keras.ops.clip(images + budgets * self._shares, 0.0, 255.0)

    def start_again(self) -> None:
        """Change nothing."""
        self._shares.assign(np.zeros(self._shares.shape, np.float32))

    def applied(self, images: np.ndarray, budgets: np.ndarray) -> np.ndarray:
        """Return the changed images in whole gray levels, uint8 (N, 48, 48)."""
        shares = keras.ops.convert_to_numpy(self._shares)[..., 0]
        changed = np.rint(images + budgets.reshape(-1, 1, 1) * shares)
        return np.clip(changed, 0, 255).astype(np.uint8)
