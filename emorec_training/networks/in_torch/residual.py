# SPDX-License-Identifier: Apache-2.0
"""Our residual networks in plain PyTorch, which trains them several times as fast on a CPU."""

from emorec_training.config import NetworkConfig
from emorec_training.networks import SHAPES
from emorec_training.networks.in_torch.layers import ConvBn
from emorec_training.networks.in_torch.layers import make_logits
import torch
from torch import nn
from torch.nn import functional


class Block(nn.Module):
    """A residual block: two convolutions beside a skip connection.

    Args:
        width: channels.
        kernel: side of the convolutions.
    """

    def __init__(self, width: int, kernel: int) -> None:
        """Build both convolutions."""
        super().__init__()
        self.first, self.second = ConvBn(width, width, kernel), ConvBn(width, width, kernel)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a map of the shape of x."""
        return functional.relu(x + self.second(functional.relu(self.first(x))))


class Residual(nn.Module):
    """A residual network: gray float 0..255 (N, 1, S, S) in, logits float32 (N, C) out.

    Args:
        config: name, kernel size, dropout and classes C.
    """

    def __init__(self, config: NetworkConfig) -> None:
        """Build the layers in the order in which Keras lists them."""
        super().__init__()
        shape, kernel = SHAPES[config.name], config.kernel_size
        self.stem = ConvBn(1, shape.stem, kernel)
        self.body = nn.Sequential()
        inputs = shape.stem
        for width, blocks in shape.stages:
            self.body.extend([ConvBn(inputs, width, kernel, 2), nn.ReLU()])
            self.body.extend([Block(width, kernel) for _ in range(blocks)])
            inputs = width
        self.dropout = nn.Dropout(config.dropout)
        self.logits = make_logits(inputs, config.classes)

    def forward(self, gray: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        x = functional.relu(self.stem(gray / 64 - 2.0))
        x = self.body(x).mean((2, 3))
        return self.logits(self.dropout(x)).float()
