# SPDX-License-Identifier: Apache-2.0
"""Convolution of small feature maps with a fast gradient, in PyTorch on a CPU.

On feature maps of 6 x 6 and less, oneDNN 3.12 leaves a processor's bfloat16 tiles (AMX) nearly
idle while it works out the gradient of a kernel, which is one matrix product here;
`benchmarks/small_maps.py` times both ways.
"""

from typing import Any

import torch
from torch.nn import functional

SMALL: int = 6
"""The largest side of a result for which the product is faster."""


def convolve(x: torch.Tensor, weight: torch.Tensor, stride: int, padding: int) -> torch.Tensor:
    """Return what torch.nn.functional.conv2d does, with the same gradients up to rounding.

    Args:
        x: (N, C, H, W).
        weight: (O, C, K, K), of the dtype of `x`.
        stride: in both directions.
        padding: on all sides.
    """
    return _Convolution.apply(x, weight, stride, padding)


class _Convolution(torch.autograd.Function):

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, weight: torch.Tensor, stride: int,
                padding: int) -> torch.Tensor:
        ctx.save_for_backward(x, weight)
        ctx.how = [stride] * 2, [padding] * 2
        return functional.conv2d(x, weight, None, stride, padding)

    @staticmethod
    def backward(ctx: Any, *gradients: torch.Tensor) -> tuple[torch.Tensor | None, ...]:
        x, weight = ctx.saved_tensors
        stride, padding = ctx.how
        of_x = torch.ops.aten.convolution_backward(
            gradients[0], x, weight, None, stride, padding, [1, 1], False, [0, 0], 1,
            [ctx.needs_input_grad[0], False, False])[0]
        outputs, inputs, kernel, _ = weight.shape
        given = gradients[0].permute(0, 2, 3, 1).reshape(-1, outputs)
        of_weight = given.T @ _patches(x, kernel, stride[0], padding[0])
        of_weight = of_weight.view(outputs, kernel, kernel, inputs).permute(0, 3, 1, 2)
        return of_x, of_weight, None, None


def _patches(x: torch.Tensor, kernel: int, stride: int, padding: int) -> torch.Tensor:
    """Return what the kernel sees at each place, (places, K * K * C)."""
    padded = functional.pad(x.permute(0, 2, 3, 1), (0, 0) + (padding,) * 4).contiguous()
    count, height, width, channels = padded.shape
    step, row, column, _ = padded.stride()
    rows, columns = ((side - kernel) // stride + 1 for side in (height, width))
    return padded.as_strided(
        (count, rows, columns, kernel, kernel * channels),
        (step, row * stride, column * stride, row, 1)).reshape(count * rows * columns, -1)
