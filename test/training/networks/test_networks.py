# SPDX-License-Identifier: Apache-2.0
"""The networks and what they cost."""
from pathlib import Path

from emorec_training.config import load_config
from emorec_training.config import NetworkConfig
from emorec_training.presets import PRESETS
from emorec_vision.errors import InputError
import numpy as np
import pytest

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytestmark = pytest.mark.usefixtures('full_network')


def randomize(network: 'keras.Model') -> None:
    """Give biases and batch normalisation values that training could have left."""
    rng = np.random.default_rng(0)
    network.set_weights([rng.uniform(0.5, 1.5, part.shape) if part.ndim == 1 else part
                         for part in network.get_weights()])


@pytest.mark.parametrize('name, kernel, parameters, cost', [
    ('original', 2, 3_392_615, 43), ('original', 3, 2_346_247, 77),
    ('original', 5, 1_199_879, 143), ('compact_resnet', 3, 1_963_255, 53),
    ('wide_resnet', 3, 4_596_967, 287), ('efficientnet_lite0', 3, 3_379_399, 69),
    ('custom_net', 3, 1_642_935, 202),
    ('vgg13', 3, 8_756_679, 876),
    ('mini_xception', 3, 56_951, 10), ('horseman_a', 3, 19_118_407, 100),
    ('horseman_b', 3, 42_325_895, 128)])
def test_networks_have_their_published_size(
        name: str, kernel: int, parameters: int, cost: int) -> None:
    """Trainable parameters as published; multiply-adds in millions."""
    from emorec_training.networks import build_network
    from emorec_training.networks.architecture import multiply_adds
    from emorec_training.networks.architecture import trainable_parameters
    network = build_network(NetworkConfig(name, 0.3, kernel, 0.01))
    assert trainable_parameters(network) == parameters
    assert round(multiply_adds(network) / 1e6) == cost
    assert network.input_shape == (None, 48, 48, 1) and network.output_shape == (None, 7)


def test_multiply_adds_of_a_case_worked_by_hand() -> None:
    """Each kernel counts once per place of the output it makes."""
    from emorec_training.networks.architecture import multiply_adds
    layers = keras.layers
    network = keras.Sequential([
        keras.Input((8, 8, 2)), layers.Conv2D(4, 3), layers.DepthwiseConv2D(3, padding='same'),
        layers.BatchNormalization(), layers.SeparableConv2D(6, 3, strides=2, padding='same'),
        layers.Conv2D(6, 1, groups=3), layers.Flatten(), layers.Dense(5)])
    conv, depthwise = 36 * 9 * 2 * 4, 36 * 9 * 4
    separable, grouped, dense = 9 * (9 * 4 + 4 * 6), 9 * 2 * 6, 54 * 5
    assert multiply_adds(network) == conv + depthwise + separable + grouped + dense


@pytest.mark.parametrize('name', PRESETS)
def test_each_network_learns_any_number_of_labels(name: str) -> None:
    """One step with its own recipe changes every weight."""
    from emorec_training.engines.keras_engine import make_optimizer
    from emorec_training.networks import build_network
    config = load_config(None, {'network.name': name, 'network.classes': 5})
    network = build_network(config.network)
    network.compile(make_optimizer(config.optimizer), run_eagerly=True,
                    loss=keras.losses.CategoricalCrossentropy(from_logits=True))
    images = np.random.default_rng(0).uniform(0, 255, (4, 48, 48, 1)).astype(np.float32)
    before = network.get_weights()
    loss = float(network.train_on_batch(images, np.eye(5, dtype=np.float32)[:4]))
    assert np.isfinite(loss) and network.output_shape == (None, 5)
    assert all(np.any(now != then) for now, then in zip(network.get_weights(), before))


@pytest.mark.parametrize('name', PRESETS)
def test_inference_is_the_same_unasked_and_from_the_file(name: str, tmp_path: Path) -> None:
    """Keras' own resizing layer would switch what follows to training, in exports as well."""
    from emorec_training.evaluation.predictor import load_keras
    from emorec_training.networks import build_network
    network = build_network(NetworkConfig(name, 0.5))
    randomize(network)
    network.save(tmp_path / 'model.keras')
    images = np.random.default_rng(1).uniform(0, 255, (2, 48, 48, 1)).astype(np.float32)
    expected, unasked, loaded = map(keras.ops.convert_to_numpy, (
        network(images, training=False), network(images), load_keras(tmp_path)(images)))
    assert np.array_equal(unasked, expected) and np.array_equal(loaded, expected)


def test_the_architecture_is_written_with_its_cost_and_reasons(tmp_path: Path) -> None:
    """As `train` leaves it beside the weights."""
    from emorec_training.networks import build_network
    from emorec_training.networks.architecture import write_architecture
    config = load_config(None, {'network.name': 'custom_net'})
    write_architecture(build_network(config.network), config, tmp_path / 'architecture.txt')
    text = (tmp_path / 'architecture.txt').read_text()
    assert 'max_pooling2d' in text and 'Face_Emotion_CNN' in text
    assert '1,642,935 trainable parameters, 201.9 million multiply-adds' in text


def test_a_kernel_that_leaves_no_image_is_refused() -> None:
    """The line names the setting, its value and what is possible."""
    from emorec_training.networks import build_network
    with pytest.raises(InputError, match='network.kernel_size: 5 .* use 2, 3 or 4'):
        build_network(NetworkConfig('custom_net', kernel_size=5))
    with pytest.raises(InputError, match='network.kernel_size: efficientnet_lite0 .* not of 5;'):
        build_network(NetworkConfig('efficientnet_lite0', kernel_size=5))


def test_an_unknown_network_is_named_with_those_there_are() -> None:
    """Config files are checked earlier; this is for programs."""
    from emorec_training.networks import build_network
    from emorec_training.networks import NETWORKS
    assert set(NETWORKS) == set(PRESETS)
    with pytest.raises(InputError, match="'alexnet' is none of compact_resnet, custom_net"):
        build_network(NetworkConfig('alexnet'))
