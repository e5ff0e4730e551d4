# SPDX-License-Identifier: Apache-2.0
"""The interface of what computes the training steps: Keras or PyTorch."""

from collections.abc import Iterable
from typing import Protocol

from emorec_training.config import Config
from emorec_vision.errors import InputError
import numpy as np


class Engine(Protocol):
    """A network with its optimiser.

    Images are uint8 (N, 48, 48), targets float32 (N, C). Weights are in the order of
    keras.Model.get_weights.

    Attributes:
        name: of the library that computes, for people.
    """

    name: str

    def step(self, images: np.ndarray, targets: np.ndarray, rate: float) -> tuple[float, int]:
        """Take one optimiser step; return the mean loss and how many images were right."""

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return the logits, float32 (N, C)."""

    def update_batch_norm(self, batches: Iterable[np.ndarray]) -> None:
        """Replace the batch-norm statistics by those of these images.

        Averaged weights have other statistics than the weights they were averaged from
        (Izmailov et al. 2018, arXiv 1803.05407).
        """

    def get_weights(self) -> list[np.ndarray]:
        """Return copies of the weights."""

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Set the weights."""

    def state(self) -> dict[str, np.ndarray]:
        """Return all that an exact continuation needs."""

    def load_state(self, state: dict[str, np.ndarray]) -> None:
        """Set the state.

        Raises:
            ValueError: if it is of another network.
            KeyError: if it is of another network.
        """

    def begin_epoch(self, epoch: int) -> None:
        """Let what is random in this epoch depend on the seed and its number alone."""


def make_engine(config: Config, class_weights: np.ndarray) -> Engine:
    """Return the engine that `training.engine` names.

    Args:
        config: the settings of the run.
        class_weights: float32 (C,); an image weighs in the loss what its targets give of them.

    Raises:
        InputError: if the engine does not know the network or is not installed.
    """
    if config.training.engine == 'keras':
        from emorec_training.engines.keras_engine import KerasEngine
        return KerasEngine(config, class_weights)
    from emorec_training.networks import IN_TORCH
    if config.network.name not in IN_TORCH:
        raise InputError(f'training.engine: torch knows {", ".join(IN_TORCH)} only, not '
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
