# SPDX-License-Identifier: Apache-2.0
"""Which networks an exported file holds, as its metadata says it."""

from collections.abc import Mapping
from collections.abc import Sequence
import dataclasses
import json
from pathlib import Path

from emorec_training.config import load_config
from emorec_training.config import NetworkConfig
from emorec_training.networks import build_network
from emorec_training.presets import PRESETS
from emorec_vision.errors import InputError
from emorec_vision.files.json_text import parse_json
import keras


@dataclasses.dataclass(frozen=True)
class NetworkMetadata:
    """The networks of a file by name, and what their sizes depend on beside that.

    Attributes:
        names: of the networks.
        labels: in the order of their outputs.
        kernel_sizes: sides of the convolutions, one for each network.
        mirrored: whether each also sees the mirror image.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    kernel_sizes: tuple[int, ...]
    mirrored: bool

    def build(self) -> list[keras.Model]:
        """Return the networks with random weights."""
        return [build_network(load_config(None, {
            'network.name': name, 'network.kernel_size': side,
            'network.classes': len(self.labels)}).network)
            for name, side in zip(self.names, self.kernel_sizes)]


def describe_networks(networks: Sequence[keras.Model], labels: Sequence[str],
                      mirrored: bool) -> dict[str, str]:
    """Return the metadata of a file that holds these networks.

    Args:
        networks: the networks.
        labels: in the order of their outputs.
        mirrored: whether each also sees the mirror image.
    """
    return {'networks': json.dumps([network.name for network in networks]),
            'kernel_sizes': json.dumps([_kernel_size(network) for network in networks]),
            'labels': json.dumps(labels), 'mirrored': json.dumps(mirrored)}


def read_network_metadata(path: Path, metadata: Mapping[str, str]) -> NetworkMetadata:
    """Return what `describe_networks` wrote; older files have the kernel sizes of the presets.

    Args:
        path: of the file, for the error.
        metadata: what the file says of itself.

    Raises:
        InputError: if that names no networks that there are.
    """
    try:
        names = tuple(map(str, parse_json(metadata['networks'])))
        labels = tuple(map(str, parse_json(metadata['labels'])))
        usual = [load_config(None, {'network.name': name}).network.kernel_size for name in names
                 if name in PRESETS]
        sides = tuple(parse_json(metadata.get('kernel_sizes', json.dumps(usual))))
        mirrored = bool(parse_json(metadata.get('mirrored', 'false')))
    except (KeyError, ValueError, TypeError):
        names, labels, sides, mirrored = (), (), (), False
    if not names or not set(names) <= set(PRESETS) or len(sides) != len(names) or not labels:
        raise InputError(f'{path} was not written by "emorec emotions export", or by an old one')
    return NetworkMetadata(names, labels, sides, mirrored)


def _kernel_size(network: keras.Model) -> int:
    """Return the side of the first convolution, which has that of the settings in all of them.

    Networks without one, such as support vector machines, have the usual number.
    """
    return next((int(layer.kernel_size[0]) for layer in network.layers
                 if isinstance(layer, keras.layers.Conv2D)), NetworkConfig().kernel_size)
