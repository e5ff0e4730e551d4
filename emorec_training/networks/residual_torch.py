# SPDX-License-Identifier: Apache-2.0
"""Our residual networks in plain PyTorch, which trains them several times as fast on a CPU.

`state_from_keras` and `state_to_keras` carry the weights over; equal outputs are tested.
"""

from emorec_training.config import NetworkConfig
from emorec_training.networks import SHAPES
from emorec_training.networks.blocks import EPSILON
from emorec_training.networks.small_maps import convolve
from emorec_training.networks.small_maps import SMALL
import numpy as np
import torch
from torch import nn
from torch.nn import functional


class ConvBn(nn.Module):
    """A convolution padded like Keras' padding='same', then batch normalisation.

    Args:
        inputs: channels.
        outputs: channels.
        kernel: side.
        stride: in both directions.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1) -> None:
        """Start from He-normal weights."""
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, bias=False)
        self.norm = nn.BatchNorm2d(outputs, eps=EPSILON, momentum=0.1)
        nn.init.kaiming_normal_(self.conv.weight, nonlinearity='relu')

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the normalised map of x, (N, C, H, W)."""
        kernel, stride = self.conv.kernel_size[0], self.conv.stride[0]
        result = -(-x.shape[2] // stride)
        wanted = [max((-(-side // stride) - 1) * stride + kernel - side, 0)
                  for side in x.shape[2:]]
        before = [total // 2 for total in wanted]
        if wanted != [2 * part for part in before]:
            x = functional.pad(x, (before[1], wanted[1] - before[1],
                                   before[0], wanted[0] - before[0]))
            before = [0, 0]
        if torch.is_autocast_enabled('cpu') and result <= SMALL:
            dtype = torch.get_autocast_dtype('cpu')
            x = convolve(x.to(dtype), self.conv.weight.to(dtype), stride, before[0])
        else:
            x = functional.conv2d(x, self.conv.weight, None, stride, before)
        return self.norm(x)


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
        self.logits = nn.Linear(inputs, config.classes)
        nn.init.xavier_uniform_(self.logits.weight)
        nn.init.zeros_(self.logits.bias)

    def forward(self, gray: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        x = functional.relu(self.stem(gray / 64 - 2.0))
        x = self.body(x).mean((2, 3))
        return self.logits(self.dropout(x)).float()


def state_to_keras(model: Residual) -> list[np.ndarray]:
    """Return the weights in the order and the axes of `keras.Model.get_weights`."""
    parts = []
    for layer in _layers(model):
        if isinstance(layer, ConvBn):
            norm = layer.norm
            parts += [layer.conv.weight.permute(2, 3, 1, 0), norm.weight, norm.bias,
                      norm.running_mean, norm.running_var]
        else:
            parts += [layer.weight.T, layer.bias]
    return [np.array(part.detach().float().numpy(), order='C') for part in parts]


def state_from_keras(model: Residual, weights: list[np.ndarray]) -> None:
    """Set weights that are in the order of `keras.Model.get_weights`."""
    with torch.no_grad():
        left = iter(weights)
        for layer in _layers(model):
            if isinstance(layer, ConvBn):
                norm = layer.norm
                layer.conv.weight.copy_(torch.from_numpy(next(left)).permute(3, 2, 0, 1))
                for part in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                    part.copy_(torch.from_numpy(next(left)))
            else:
                layer.weight.copy_(torch.from_numpy(next(left)).T)
                layer.bias.copy_(torch.from_numpy(next(left)))


def _layers(model: Residual) -> list[ConvBn | nn.Linear]:
    return [layer for layer in model.modules() if isinstance(layer, (ConvBn, nn.Linear))]
