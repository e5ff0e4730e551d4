# SPDX-License-Identifier: Apache-2.0
"""The networks by name, each in its own file with `build(config)` and `WHY`."""

from types import ModuleType

from emorec_training.config import NetworkConfig
from emorec_training.networks import compact_resnet
from emorec_training.networks import custom_net
from emorec_training.networks import efficientnet_lite0
from emorec_training.networks import horseman_a
from emorec_training.networks import horseman_b
from emorec_training.networks import mini_xception
from emorec_training.networks import original
from emorec_training.networks import vgg13
from emorec_training.networks import wide_resnet
from emorec_training.networks.residual import Shape
from emorec_vision.errors import InputError
import keras

NETWORKS: dict[str, ModuleType] = {
    'compact_resnet': compact_resnet,
    'wide_resnet': wide_resnet,
    'efficientnet_lite0': efficientnet_lite0,
    'original': original,
    'custom_net': custom_net,
    'vgg13': vgg13,
    'mini_xception': mini_xception,
    'horseman_a': horseman_a,
    'horseman_b': horseman_b,
}

SHAPES: dict[str, Shape] = {
    shape.name: shape for shape in (compact_resnet.SHAPE, wide_resnet.SHAPE)}
"""The residual networks."""

IN_TORCH: tuple[str, ...] = (*SHAPES, 'efficientnet_lite0')
"""The networks that PyTorch trains as well."""

WITH_FEATURES: tuple[str, ...] = ('horseman_a', 'horseman_b')
"""The networks that `features` and `norm` change."""


def build_network(config: NetworkConfig) -> keras.Model:
    """Return the named network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out.

    Args:
        config: its name and sizes; C is `config.classes`.

    Raises:
        InputError: if the name is unknown, or the network cannot have that size.
    """
    if config.name not in NETWORKS:
        raise InputError(
            f'network.name: {config.name!r} is none of {", ".join(sorted(NETWORKS))}')
    if config.name not in WITH_FEATURES and (config.features, config.norm) != ('none', 'batch'):
        raise InputError('network.features and network.norm are for '
                         f'{" and ".join(WITH_FEATURES)}, not for {config.name}')
    return NETWORKS[config.name].build(config)
