# SPDX-License-Identifier: Apache-2.0
"""The networks, the weight average, and the fast path on PyTorch."""
import importlib.util
import os
from pathlib import Path
import subprocess
import sys

from emorec_training.config import NetworkConfig
import numpy as np
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('tensorflow', reason='the training extra (TensorFlow) is not installed')


@pytest.mark.parametrize('name, kernel, parameters, cost', [
    ('original', 2, 3_392_615, 43), ('original', 3, 2_346_247, 77),
    ('original', 5, 1_199_879, 143), ('compact_resnet', 3, 1_963_255, 53)])
def test_networks_have_their_published_size(
        name: str, kernel: int, parameters: int, cost: int) -> None:
    """Trainable parameters as published; multiply-adds in millions."""
    from emorec_training.networks import build_network
    from emorec_training.report import multiply_adds
    network = build_network(NetworkConfig(name, 0.3, kernel, 0.01))
    assert sum(int(np.prod(part.shape)) for part in network.trainable_weights) == parameters
    assert round(multiply_adds(network) / 1e6) == cost
    assert network.input_shape == (None, 48, 48, 1) and network.output_shape == (None, 7)


def test_the_average_follows_the_weights_and_lends_itself() -> None:
    """After many equal weights the average is those; in_place puts the own ones back."""
    from emorec_training.averaging import WeightAverage
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.set_weights([np.zeros((2, 1)), np.zeros(1)])
    average = WeightAverage(model, 0.99)
    model.set_weights([np.ones((2, 1)), np.ones(1)])
    average.update(8)
    assert 0.5 < average.weights[1][0] < 1
    early = average.weights[1][0]
    with average.in_place():
        assert model.get_weights()[1][0] == pytest.approx(early)
    assert model.get_weights()[1][0] == 1
    average.update(3000)
    assert average.weights[1][0] == pytest.approx(1)


def test_without_a_decay_the_average_is_the_last_weights() -> None:
    """A decay of 0 switches averaging off."""
    from emorec_training.averaging import WeightAverage
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    average = WeightAverage(model, 0.0)
    model.set_weights([np.full((2, 1), 3.0), np.full(1, 5.0)])
    average.update(1)
    assert np.concatenate([part.ravel() for part in average.weights]) == pytest.approx([3, 3, 5])


COMPARE = """
import keras, numpy as np, torch
from emorec_training.torch_speed import fused_batch_normalization
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
import contextlib
for fused, plain in zip(step(fused_batch_normalization()), step(contextlib.nullcontext())):
    np.testing.assert_allclose(fused, plain, rtol=1e-4, atol=1e-5)
"""


def test_fused_batch_normalization_computes_what_keras_does() -> None:
    """On PyTorch, weights and statistics after three steps are those of plain Keras."""
    if importlib.util.find_spec('torch') is None:
        pytest.skip('PyTorch is not installed')
    subprocess.run([sys.executable, '-c', COMPARE], check=True, cwd=Path(__file__).parents[2],
                   env=os.environ | {'KERAS_BACKEND': 'torch'})
