# SPDX-License-Identifier: Apache-2.0
"""Convolution of small feature maps."""
import numpy as np
import pytest

torch = pytest.importorskip('torch', reason='PyTorch is not installed')


@pytest.mark.parametrize('kernel, stride, padding, side', [
    (3, 1, 1, 3), (3, 1, 1, 6), (3, 2, 0, 13), (2, 1, 0, 5), (5, 2, 2, 11)])
def test_a_small_map_learns_as_any(kernel: int, stride: int, padding: int, side: int) -> None:
    """The product has the result and both gradients of PyTorch's own convolution."""
    from emorec_training.networks.layers.small_maps import convolve
    torch.manual_seed(0)
    leaves = [torch.randn(*shape, dtype=torch.float64, requires_grad=True)
              for shape in ((2, 3, side, side), (4, 3, kernel, kernel))]
    expected = torch.nn.functional.conv2d(*leaves, None, stride, padding)
    answer = convolve(*leaves, stride, padding)
    np.testing.assert_array_equal(answer.detach(), expected.detach())
    given = torch.randn_like(expected)
    for one, two in zip(torch.autograd.grad(answer, leaves, given),
                        torch.autograd.grad(expected, leaves, given)):
        np.testing.assert_allclose(one, two, rtol=1e-9, atol=1e-9)
