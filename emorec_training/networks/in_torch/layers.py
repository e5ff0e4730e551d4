# SPDX-License-Identifier: Apache-2.0
"""What our networks in plain PyTorch are made of.

`state_from_keras` and `state_to_keras` carry the weights over; equal outputs are tested.
"""

from emorec_training.networks.layers.blocks import EPSILON
from emorec_training.networks.layers.depthwise import convolve_channels
from emorec_training.networks.layers.small_maps import convolve
from emorec_training.networks.layers.small_maps import SMALL
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
        groups: 1, or as many as channels: each is filtered alone.
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1,
                 groups: int = 1) -> None:
        """Start from He-normal weights."""
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, groups=groups, bias=False)
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
        return self.norm(self._convolve(x, result, before))

    def _convolve(self, x: torch.Tensor, result: int, padding: list[int]) -> torch.Tensor:
        weight, stride, groups = self.conv.weight, self.conv.stride[0], self.conv.groups
        if not torch.is_autocast_enabled('cpu') or groups == 1 and result > SMALL:
            return functional.conv2d(x, weight, None, stride, padding, 1, groups)
        dtype = torch.get_autocast_dtype('cpu')
        fast = convolve if groups == 1 else convolve_channels
        return fast(x.to(dtype), weight.to(dtype), stride, padding[0])


def make_logits(inputs: int, classes: int) -> nn.Linear:
    """Return the last layer, which starts as Keras' does."""
    layer = nn.Linear(inputs, classes)
    nn.init.xavier_uniform_(layer.weight)
    nn.init.zeros_(layer.bias)
    return layer


def state_to_keras(model: nn.Module) -> list[np.ndarray]:
    """Return the weights in the order and the axes of `keras.Model.get_weights`.

    Args:
        model: made of ConvBn and Linear, listed in the order in which Keras lists them.
    """
    parts = []
    for layer in _layers(model):
        if isinstance(layer, ConvBn):
            norm = layer.norm
            parts += [layer.conv.weight.permute(_kernel_axes(layer)), norm.weight, norm.bias,
                      norm.running_mean, norm.running_var]
        else:
            parts += [layer.weight.T, layer.bias]
    return [np.array(part.detach().float().numpy(), order='C') for part in parts]


def state_from_keras(model: nn.Module, weights: list[np.ndarray]) -> None:
    """Set weights that are in the order of `keras.Model.get_weights`."""
    with torch.no_grad():
        left = iter(weights)
        for layer in _layers(model):
            if isinstance(layer, ConvBn):
                norm = layer.norm
                layer.conv.weight.permute(_kernel_axes(layer)).copy_(
                    torch.from_numpy(next(left)))
                for part in (norm.weight, norm.bias, norm.running_mean, norm.running_var):
                    part.copy_(torch.from_numpy(next(left)))
            else:
                layer.weight.copy_(torch.from_numpy(next(left)).T)
                layer.bias.copy_(torch.from_numpy(next(left)))


def _layers(model: nn.Module) -> list[ConvBn | nn.Linear]:
    return [layer for layer in model.modules() if isinstance(layer, (ConvBn, nn.Linear))]


def _kernel_axes(layer: ConvBn) -> tuple[int, ...]:
    """Return the axes of a kernel in the order of Keras: a depthwise one ends with 1."""
    return (2, 3, 1, 0) if layer.conv.groups == 1 else (2, 3, 0, 1)
