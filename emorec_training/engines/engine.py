# SPDX-License-Identifier: Apache-2.0
"""What the training loop asks of whatever computes the steps."""

from collections.abc import Iterable
from typing import Protocol

from emorec_training.config import Config
from emorec_vision.errors import InputError
import numpy as np


class Engine(Protocol):
    """A network with its optimiser. Images are uint8 (N, S, S), targets float32 (N, C)."""

    name: str

    def step(self, images: np.ndarray, targets: np.ndarray, rate: float) -> tuple[float, int]:
        """Take one optimiser step; return the mean loss and how many answers were right."""

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return float32 (N, C)."""

    def measure_statistics(self, batches: Iterable[np.ndarray]) -> None:
        """Replace the batch-norm statistics by those of these images.

        Averaged weights have other statistics than the weights they were averaged from
        (Izmailov et al. 2018, arXiv 1803.05407).
        """

    def get_weights(self) -> list[np.ndarray]:
        """Return copies in the order of keras.Model.get_weights."""

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Take over weights in the order of keras.Model.get_weights."""

    def state(self) -> dict[str, np.ndarray]:
        """Return all that an exact continuation needs."""

    def load_state(self, state: dict[str, np.ndarray]) -> None:
        """Take over a state; raise ValueError or KeyError where it is of another network."""

    def begin_epoch(self, epoch: int) -> None:
        """Make what is random in this epoch depend on the seed and its number alone."""


def make_engine(config: Config, class_weights: np.ndarray) -> Engine:
    """Return the engine that `training.engine` names.

    An image weighs in the loss what its targets give of class_weights, float32 (C,).
    """
    if config.training.engine == 'keras':
        from emorec_training.engines.keras_engine import KerasEngine
        return KerasEngine(config, class_weights)
    from emorec_training.networks import SHAPES
    if config.network.name not in SHAPES:
        raise InputError(f'training.engine: torch knows {", ".join(SHAPES)} only, not '
                         f'{config.network.name}; use --engine keras')
    if config.network.l2:
        raise InputError('network.l2: --engine torch has no L2 penalty; give --weight-decay, or '
                         '--engine keras')
    try:
        from emorec_training.engines.torch_engine import TorchEngine
    except ImportError as error:
        raise InputError(f'training.engine: PyTorch cannot be imported ({error}); '
                         'pip install torch, or use --engine keras') from error
    return TorchEngine(config, class_weights)
