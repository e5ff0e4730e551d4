# SPDX-License-Identifier: Apache-2.0
"""Depthwise convolution with fast gradients is depthwise convolution."""
import pytest

torch = pytest.importorskip('torch', reason='PyTorch is not installed')


@pytest.mark.parametrize('side, kernel, stride, padding', [
    (12, 3, 1, 1), (9, 5, 1, 2), (15, 3, 2, 0), (27, 5, 2, 0), (3, 5, 1, 2), (6, 5, 1, 2),
    (9, 5, 2, 0), (7, 3, 2, 0), (6, 3, 1, 1)])
def test_result_and_gradients_are_those_of_pytorch(
        side: int, kernel: int, stride: int, padding: int) -> None:
    """On small maps and on larger ones, with and without a stride, as the network has them."""
    from emorec_training.networks.layers.depthwise import convolve_channels
    torch.manual_seed(0)
    x = torch.randn(3, 4, side, side + 1, dtype=torch.float64, requires_grad=True)
    weight = torch.randn(4, 1, kernel, kernel, dtype=torch.float64, requires_grad=True)
    expected = torch.nn.functional.conv2d(x, weight, None, stride, padding, 1, 4)
    result = convolve_channels(x, weight, stride, padding)
    torch.testing.assert_close(result, expected)
    given = torch.randn_like(expected)
    exact = torch.autograd.grad(expected, (x, weight), given)
    for own, plain in zip(torch.autograd.grad(result, (x, weight), given), exact):
        torch.testing.assert_close(own, plain, rtol=1e-5, atol=1e-5)
    leaves = [part.detach().bfloat16().requires_grad_() for part in (x, weight)]
    rounded = torch.autograd.grad(
        convolve_channels(*leaves, stride, padding), leaves, given.bfloat16())
    for own, plain in zip(rounded, exact):
        assert own.dtype == torch.bfloat16
        assert (own.double() - plain).norm() < 0.02 * plain.norm()
