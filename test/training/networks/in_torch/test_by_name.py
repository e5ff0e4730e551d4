# SPDX-License-Identifier: Apache-2.0
"""Our networks in PyTorch are those that Keras builds."""
from emorec_training.config import NetworkConfig
import numpy as np
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
torch = pytest.importorskip('torch', reason='PyTorch is not installed')
pytestmark = pytest.mark.usefixtures('full_network')


def random_weights(config: NetworkConfig) -> list[np.ndarray]:
    """Return weights in Keras' order, with statistics that training could have left."""
    from emorec_training.networks import build_network
    rng = np.random.default_rng(0)
    keras.utils.set_random_seed(1)
    return [rng.uniform(0.5, 1.5, part.shape).astype(np.float32) if part.ndim == 1 else part
            for part in build_network(config).get_weights()]


@pytest.mark.parametrize('name, kernel, classes', [
    ('compact_resnet', 3, 7), ('compact_resnet', 2, 8), ('wide_resnet', 3, 7),
    ('efficientnet_lite0', 3, 8)])
def test_both_answer_the_same(name: str, kernel: int, classes: int) -> None:
    """With weights carried over, logits differ by rounding only; odd and even kernels."""
    from emorec_training.networks import build_network
    from emorec_training.networks.in_torch import layers as torch_layers
    from emorec_training.networks.in_torch.by_name import build_in_torch
    config = NetworkConfig(name, kernel_size=kernel, classes=classes)
    weights = random_weights(config)
    in_keras, in_torch = build_network(config), build_in_torch(config)
    in_keras.set_weights(weights)
    torch_layers.state_from_keras(in_torch, weights)
    gray = np.random.default_rng(1).uniform(0, 255, (3, 48, 48, 1)).astype(np.float32)
    expected = keras.ops.convert_to_numpy(in_keras(gray, training=False))
    with torch.no_grad():
        answer = in_torch.eval()(torch.from_numpy(gray.transpose(0, 3, 1, 2))).numpy()
    assert answer.shape == (3, classes) and np.ptp(expected) > 0.1
    np.testing.assert_allclose(answer, expected, rtol=1e-4, atol=1e-4 * np.abs(expected).max())


@pytest.mark.parametrize('name', ['compact_resnet', 'efficientnet_lite0'])
def test_weights_come_back_as_they_went(name: str) -> None:
    """To PyTorch and back changes no bit, in order, shape and kind."""
    from emorec_training.networks.in_torch import layers as torch_layers
    from emorec_training.networks.in_torch.by_name import build_in_torch
    config = NetworkConfig(name)
    weights = random_weights(config)
    network = build_in_torch(config)
    torch_layers.state_from_keras(network, weights)
    back = torch_layers.state_to_keras(network)
    assert len(back) == len(weights)
    for now, then in zip(back, weights):
        assert now.dtype == np.float32 and np.array_equal(now, then)
