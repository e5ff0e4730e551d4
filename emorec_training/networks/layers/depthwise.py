# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolution with fast gradients in bfloat16, in PyTorch on a CPU.

oneDNN 3.12 has slow paths for the gradients of a depthwise convolution in bfloat16: that of the
input with a stride, and that of a kernel of 5 x 5. Here the first is a plain convolution of the
gradient between zeros; the second is a matrix product for each channel on small maps, and is
worked out in float32 on larger ones. `benchmarks/small_maps.py` times both ways.
"""

from typing import Any

from emorec_training.networks.layers.small_maps import SMALL
import torch
from torch.nn import functional


def convolve_channels(
        x: torch.Tensor, weight: torch.Tensor, stride: int, padding: int) -> torch.Tensor:
    """Return what torch.nn.functional.conv2d does with a group for each channel.

    The gradients are the same up to rounding.

    Args:
        x: (N, C, H, W).
        weight: (C, 1, K, K), of the dtype of `x`.
        stride: in both directions.
        padding: on all sides.
    """
    return _Depthwise.apply(x, weight, stride, padding)


class _Depthwise(torch.autograd.Function):

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, stride: int,
                padding: int) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.how = stride, padding
        return functional.conv2d(x, weight, None, stride, padding, 1, len(weight))

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        stride, padding = ctx.how
        of_result = gradients[0]
        of_x = _of_input(of_result, weight, x, stride, padding)
        if max(of_result.shape[2:]) <= SMALL:
            of_weight = _of_kernel(of_result, x, weight.shape[-1], stride, padding)
        else:
            of_weight = torch.ops.aten.convolution_backward(
                of_result.float(), x.float(), weight.float(), None, [stride] * 2, [padding] * 2,
                [1, 1], False, [0, 0], len(weight), [False, True, False])[1]
        return of_x, of_weight.to(weight.dtype), None, None


def _of_input(of_result: torch.Tensor, weight: torch.Tensor, x: torch.Tensor, stride: int,
              padding: int) -> torch.Tensor:
    """Return the gradient of x: a convolution with the kernel turned round."""
    kernel = weight.shape[-1]
    if stride > 1:
        height, width = (side + 2 * padding - kernel + 1 for side in x.shape[2:])
        spread = of_result.new_zeros((len(x), height, width, len(weight))).permute(0, 3, 1, 2)
        spread[:, :, ::stride, ::stride] = of_result
        of_result = spread
    return functional.conv2d(
        of_result, weight.flip(2, 3), None, 1, kernel - 1 - padding, 1, len(weight))


def _of_kernel(of_result: torch.Tensor, x: torch.Tensor, kernel: int, stride: int,
               padding: int) -> torch.Tensor:
    """Return the gradient of a kernel from the products of all places with all places."""
    count, channels, height, width = x.shape
    rows, columns = of_result.shape[2:]
    products = torch.bmm(
        of_result.permute(1, 2, 3, 0).reshape(channels, rows * columns, count),
        x.permute(1, 0, 2, 3).reshape(channels, count, height * width)).float()
    placed = functional.pad(
        products.view(channels, rows, columns, height, width), (padding,) * 4)
    channel, row, column, down, right = placed.stride()
    taps = placed.as_strided(
        (channels, rows, columns, kernel, kernel),
        (channel, row + stride * down, column + stride * right, down, right))
    return taps.sum((1, 2))[:, None]
