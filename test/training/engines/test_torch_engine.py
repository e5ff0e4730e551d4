# SPDX-License-Identifier: Apache-2.0
"""Our residual networks in plain PyTorch are those that Keras builds."""
import os
from pathlib import Path
import subprocess
import sys

from emorec_training.config import Config
from emorec_training.config import load_config
from emorec_training.config import NetworkConfig
import numpy as np
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
torch = pytest.importorskip('torch', reason='PyTorch is not installed')

WEIGHTS = np.linspace(0.5, 1.5, 7, dtype=np.float32)
"""Of the classes in the loss."""


def random_weights(config: NetworkConfig) -> list[np.ndarray]:
    """Return weights in Keras' order, with statistics that training could have left."""
    from emorec_training.networks import build_network
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(1)
    return [rng.uniform(0.5, 1.5, part.shape).astype(np.float32) if part.ndim == 1 else part
            for part in build_network(config).get_weights()]


def make_config(engine: str, **settings: object) -> Config:
    """Return settings without dropout."""
    return load_config(None, {
        'network.dropout': 0.0, 'training.engine': engine,
        **{name.replace('__', '.'): value for name, value in settings.items()}})


@pytest.mark.parametrize('name, kernel, classes', [
    ('compact_resnet', 3, 7), ('compact_resnet', 2, 8), ('wide_resnet', 3, 7)])
def test_both_answer_the_same(name: str, kernel: int, classes: int) -> None:
    """With weights carried over, logits differ by rounding only; odd and even kernels."""
    from emorec_training.networks import build_network
    from emorec_training.networks import residual_torch
    config = NetworkConfig(name, kernel_size=kernel, classes=classes)
    weights = random_weights(config)
    in_keras, in_torch = build_network(config), residual_torch.Residual(config)
    in_keras.set_weights(weights)
    residual_torch.state_from_keras(in_torch, weights)
    gray = np.random.default_rng(1).uniform(0, 255, (3, 48, 48, 1)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(in_keras(gray, training=False))
    with torch.no_grad():
        answer = in_torch.eval()(torch.from_numpy(gray.transpose(0, 3, 1, 2))).numpy()
    assert answer.shape == (3, classes) and np.ptp(expected) > 0.1
    np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


def test_weights_come_back_as_they_went() -> None:
    """To PyTorch and back changes no bit, in order, shape and kind."""
    from emorec_training.networks import residual_torch
    config = NetworkConfig()
    weights = random_weights(config)
    network = residual_torch.Residual(config)
    residual_torch.state_from_keras(network, weights)
    back = residual_torch.state_to_keras(network)
    assert len(back) == len(weights)
    for now, then in zip(back, weights):
        assert now.dtype == np.float32 and np.array_equal(now, then)


@pytest.mark.parametrize('optimizer, rate', [('sgd', 1e-3), ('adamw', 1e-4)])
def test_both_engines_take_the_same_first_steps(optimizer: str, rate: float) -> None:
    """From the same weights, with weight decay, the losses stay together.

    Adam divides gradients by their size and so enlarges rounding: a smaller rate for it.
    """
    from emorec_training.engines.engine import make_engine
    rng = np.random.default_rng(2)
    images = rng.integers(0, 256, (4, 8, 48, 48)).astype(np.uint8)
    targets = np.eye(7, dtype=np.float32)[rng.integers(0, 7, (4, 8))]
    losses, start = [], None
    for name in ('keras', 'torch'):
        engine = make_engine(make_config(
            name, optimizer__name=optimizer, optimizer__weight_decay=0.01), WEIGHTS)
        start = start or engine.get_weights()
        engine.set_weights(start)
        losses.append([engine.step(*batch, rate)[0] for batch in zip(images, targets)])
    assert losses[1] == pytest.approx(losses[0], abs=1e-3)
    assert losses[0][0] != pytest.approx(losses[0][-1], abs=1e-2)


def test_both_engines_measure_the_same_statistics() -> None:
    """What batch normalisation finds again is a plain mean over the batches in both."""
    from emorec_training.engines.engine import make_engine
    images = np.random.default_rng(3).integers(0, 256, (2, 8, 48, 48)).astype(np.uint8)
    answers, start = [], None
    for name in ('keras', 'torch'):
        engine = make_engine(make_config(name), WEIGHTS)
        start = start or engine.get_weights()
        engine.set_weights(start)
        engine.measure_statistics(images)
        answers.append(engine.logits(images[0]))
    np.testing.assert_allclose(answers[1], answers[0], atol=0.05 * np.abs(answers[0]).max())


COMPARE = """
import contextlib, keras, numpy as np
from emorec_training.engines.torch_speed import fused_batch_normalization
def step(context):
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((8, 8, 3)), keras.layers.Conv2D(4, 3),
                              keras.layers.BatchNormalization(), keras.layers.Flatten(),
                              keras.layers.Dense(1)])
    model.compile('sgd', 'mse', jit_compile=False)
    images = np.random.default_rng(0).normal(1, 2, (16, 8, 8, 3)).astype('float32')
    with context:
        for _ in range(3):
            model.train_on_batch(images, images.mean(axis=(1, 2, 3)))
    return model.get_weights()
for fused, plain in zip(step(fused_batch_normalization()), step(contextlib.nullcontext())):
    np.testing.assert_allclose(fused, plain, rtol=1e-4, atol=1e-5)
"""


def test_fused_batch_normalization_computes_what_keras_does() -> None:
    """On PyTorch, weights and statistics after three steps are those of plain Keras."""
    subprocess.run([sys.executable, '-c', COMPARE], check=True, cwd=Path(__file__).parents[3],
                   env=os.environ | {'KERAS_BACKEND': 'torch'})


@pytest.mark.parametrize('kernel, stride, padding, side', [
    (3, 1, 1, 3), (3, 1, 1, 6), (3, 2, 0, 13), (2, 1, 0, 5), (5, 2, 2, 11)])
def test_a_small_map_learns_as_any(kernel: int, stride: int, padding: int, side: int) -> None:
    """The product has the result and both gradients of PyTorch's own convolution."""
    from emorec_training.networks.small_maps import convolve
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
