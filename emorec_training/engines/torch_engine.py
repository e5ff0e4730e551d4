# SPDX-License-Identifier: Apache-2.0
"""Trains networks in plain PyTorch."""

from collections.abc import Iterable
import contextlib
import math
from typing import Any

from emorec_training.config import Config
from emorec_training.config import OptimizerConfig
from emorec_training.networks.in_torch.by_name import build_in_torch
from emorec_training.networks.in_torch.layers import state_from_keras
from emorec_training.networks.in_torch.layers import state_to_keras
import numpy as np
import torch
from torch import nn

BATCH: int = 256


class TorchEngine:
    """An Engine on PyTorch; feature maps lie channels-last, which is faster on a CPU.

    Args:
        config: the settings of the run.
        class_weights: float32 (C,), see make_engine.
    """

    name = 'torch'

    def __init__(self, config: Config, class_weights: np.ndarray) -> None:
        """Build the network with the random weights of the seed."""
        self._class_weights = torch.from_numpy(class_weights)
        torch.manual_seed(config.training.seed)
        self._seed = config.training.seed
        self._decay = config.optimizer.weight_decay
        self._model = build_in_torch(config.network)
        self._model.to(memory_format=torch.channels_last)
        self._mixed = config.training.precision == 'bfloat16'
        self._optimizer = _make_optimizer(self._model, config.optimizer)

    def step(self, images: np.ndarray, targets: np.ndarray, rate: float) -> tuple[float, int]:
        """Take one optimiser step."""
        self._model.train()
        target = torch.from_numpy(targets)
        with self._precision():
            logits = self._model(_gray(images))
        losses = nn.functional.cross_entropy(logits, target, reduction='none')
        loss = (losses * (target @ self._class_weights)).mean()
        self._optimizer.zero_grad(set_to_none=True)
        loss.backward()
        with torch.no_grad():
            for group in self._optimizer.param_groups:
                group['lr'] = rate
                if self._decay and group['decays']:
                    torch._foreach_mul_(group['params'], 1 - rate * self._decay)
        self._optimizer.step()
        hits = (logits.detach().argmax(1) == target.argmax(1)).sum()
        return float(loss.detach()), int(hits)

    def logits(self, images: np.ndarray) -> np.ndarray:
        """Return the logits, float32 (N, C)."""
        self._model.eval()
        parts = np.array_split(images, max(1, math.ceil(len(images) / BATCH)))
        with torch.inference_mode(), self._precision():
            return np.concatenate([self._model(_gray(part)).numpy() for part in parts])

    def update_batch_norm(self, batches: Iterable[np.ndarray]) -> None:
        """Replace the batch-norm statistics by those of these images."""
        norms = [part for part in self._model.modules() if isinstance(part, nn.BatchNorm2d)]
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # a plain mean over the batches
        self._model.train()
        with torch.no_grad(), self._precision():
            for images in batches:
                self._model(_gray(images))
        for norm in norms:
            norm.momentum = 0.1

    def get_weights(self) -> list[np.ndarray]:
        """Return copies in the order of keras.Model.get_weights."""
        return state_to_keras(self._model)

    def set_weights(self, weights: list[np.ndarray]) -> None:
        """Set the weights, in the order of keras.Model.get_weights."""
        state_from_keras(self._model, weights)

    def state(self) -> dict[str, np.ndarray]:
        """Return weights and optimiser."""
        state = {f'weight_{index}': part for index, part in enumerate(self.get_weights())}
        for number, values in self._optimizer.state_dict()['state'].items():
            for name, value in values.items():
                if value is not None:
                    state[f'optimizer_{number}_{name}'] = torch.as_tensor(value).numpy().copy()
        return state

    def load_state(self, state: dict[str, np.ndarray]) -> None:
        """Set weights and optimiser."""
        count = len(self.get_weights())
        self.set_weights([state[f'weight_{index}'] for index in range(count)])
        moments: dict[int, dict[str, Any]] = {}
        for key, value in state.items():
            if key.startswith('optimizer_'):
                number, name = key.removeprefix('optimizer_').split('_', 1)
                moments.setdefault(int(number), {})[name] = torch.from_numpy(value)
        whole = self._optimizer.state_dict()
        self._optimizer.load_state_dict(whole | {'state': moments})

    def begin_epoch(self, epoch: int) -> None:
        """Seed the dropout."""
        torch.manual_seed(self._seed * 100003 + epoch)

    def _precision(self) -> contextlib.AbstractContextManager[Any]:
        autocast: contextlib.AbstractContextManager[Any] = torch.autocast(
            'cpu', torch.bfloat16, enabled=self._mixed)
        return autocast


def _gray(images: np.ndarray) -> torch.Tensor:
    tensor = torch.from_numpy(np.ascontiguousarray(images))[:, None].float()
    return tensor.to(memory_format=torch.channels_last)


def _make_optimizer(model: nn.Module, config: OptimizerConfig) -> torch.optim.Optimizer:
    """Return the optimiser; kernels alone decay, which `step` does itself."""
    kernels = [part for part in model.parameters() if part.ndim > 1]
    others = [part for part in model.parameters() if part.ndim == 1]
    groups = [{'params': kernels, 'decays': True}, {'params': others, 'decays': False}]
    if config.name == 'sgd':
        return torch.optim.SGD(
            groups, config.lr, momentum=config.momentum, nesterov=config.momentum > 0)
    return torch.optim.Adam(groups, config.lr)
