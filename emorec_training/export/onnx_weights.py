# SPDX-License-Identifier: Apache-2.0
"""Reads the weights of trained networks back from the ONNX file that they were exported to."""

from collections.abc import Sequence
import itertools
from pathlib import Path

from emorec_training.evaluation import predictor
from emorec_training.export.onnx_input import unpack_kernel
from emorec_training.export.onnx_metadata import read_network_metadata
from emorec_vision.emotion.model import open_session
from emorec_vision.errors import InputError
import keras
import numpy as np
import onnx
from onnx import numpy_helper

STATISTICS_IMAGES: int = 2048
"""Images from which batch-norm statistics are computed when training goes on from a file."""

BATCH: int = 128


def load_network(path: Path) -> keras.Model:
    """Return the first of the networks that `load_networks` gives."""
    return load_networks(path)[0]


def stored_labels(path: Path) -> tuple[str, ...]:
    """Return the labels of an exported file in the order of its networks' outputs.

    `predictor.open_predictor` gives those of the seven emotions in the order of EMOTIONS
    instead.

    Raises:
        InputError: if `emorec emotions export` did not write the file.
    """
    metadata = open_session(path).get_modelmeta().custom_metadata_map
    return read_network_metadata(path, metadata).labels


def load_networks(path: Path) -> list[keras.Model]:
    """Return the networks of a file that `emorec emotions export` wrote, with their weights.

    They map gray 0..255 (N, 48, 48, 1) to logits (N, C), columns as in `stored_labels`, before
    calibration. Only compact_resnet and wide_resnet can be read back. Batch normalisation was
    worked into the convolutions by the export, so what comes back has unit statistics and the
    same outputs; int8 weights come back rounded as they were stored.

    Raises:
        InputError: if the file is missing, was not exported, or does not hold all weights.
    """
    about = read_network_metadata(path, open_session(path).get_modelmeta().custom_metadata_map)
    networks = about.build()
    stored = onnx.load(path).graph
    try:
        for network, prefix in zip(networks, _prefixes(stored), strict=True):
            _set_weights(network, _StoredLayers(stored, prefix))
    except (ValueError, KeyError) as error:
        line = ' '.join(str(error).split())[:120]
        names = ', '.join(about.names)
        raise InputError(f'the weights of {names} cannot be taken back from {path} '
                         f'({line}); give the folder of the training run instead') from error
    return networks


def _prefixes(graph: onnx.GraphProto) -> list[str]:
    """Return what all names of each network begin with."""
    firsts = [node.input[0].split('/')[0] for node in graph.node if node.op_type == 'Conv']
    return [f'{first}/' for first in dict.fromkeys(firsts)]


def starting_weights(path: Path, images: np.ndarray, labels: Sequence[str]) -> list[np.ndarray]:
    """Return the weights to go on from, in the order of keras.Model.get_weights.

    Batch normalisation is worked into an exported file; it comes back as what normalises
    `images`, with the same outputs, so that training can go on. A label that the network does
    not know begins with zeros.

    Args:
        path: .keras file, folder of a run, or a file that `emorec emotions export` wrote, of
            which the first network is taken.
        images: to learn from, uint8 (N, 48, 48).
        labels: those of the outputs.

    Raises:
        InputError: if the file is missing, damaged, or of another kind.
    """
    if path.suffix == '.onnx':
        network, known = load_network(path), stored_labels(path)
        restore_batch_norm(network, images[:: -(-len(images) // STATISTICS_IMAGES)])
    else:
        network = predictor.load_keras(path)
        known = predictor.read_labels(predictor.keras_file(path), network.output_shape[1])
    parts = [layer.get_weights() for layer in network.layers]
    last = max(number for number, part in enumerate(parts) if part)
    parts[last] = [_select_outputs(part, known, labels) for part in parts[last]]
    return list(itertools.chain.from_iterable(parts))


def _select_outputs(part: np.ndarray, known: Sequence[str], labels: Sequence[str]) -> np.ndarray:
    """Return a kernel (..., known) or bias (known,) with the columns of `labels`."""
    chosen = np.zeros((*part.shape[:-1], len(labels)), part.dtype)
    for column, label in enumerate(labels):
        if label in known:
            chosen[..., column] = part[..., known.index(label)]
    return chosen


def restore_batch_norm(network: keras.Model, images: np.ndarray) -> None:
    """Set batch normalisation to the statistics of its inputs without changing the outputs.

    Args:
        network: as `load_network` returns it, changed in place.
        images: uint8 (N, 48, 48), for the statistics.
    """
    norms = [layer for layer in network.layers
             if isinstance(layer, keras.layers.BatchNormalization)]
    before = keras.Model(network.input, [norm.input for norm in norms])
    sums = [np.zeros((2, norm.gamma.shape[0])) for norm in norms]
    places = np.zeros(len(norms))
    for batch in np.array_split(images, -(-len(images) // BATCH)):
        maps = before.predict_on_batch(batch[..., None].astype(np.float32))
        for number, each in enumerate(maps):
            flat = np.asarray(each, np.float64).reshape(-1, each.shape[-1])
            sums[number] += flat.sum(axis=0), np.square(flat).sum(axis=0)
            places[number] += len(flat)
    for norm, (total, squares), count in zip(norms, sums, places):
        gamma, beta, old_mean, old_variance = norm.get_weights()
        mean = total / count
        variance = squares / count - mean ** 2
        slope = gamma / np.sqrt(old_variance + norm.epsilon)
        norm.set_weights([slope * np.sqrt(variance + norm.epsilon),
                          beta + slope * (mean - old_mean), mean, variance])


class _StoredLayers:
    """Kernels and biases of a graph, in the order in which one of its networks uses them."""

    def __init__(self, graph: onnx.GraphProto, prefix: str) -> None:
        self._constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}
        self._makers = {node.output[0]: node for node in graph.node}
        self._sums = {each: node for node in graph.node if node.op_type == 'Add'
                      for each in node.input}
        nodes = [node for node in graph.node if node.input and node.input[0].startswith(prefix)]
        self.convolutions = [self._parts(node) for node in nodes if node.op_type == 'Conv']
        self.dense = [self._parts(node) for node in nodes if node.op_type in ('Gemm', 'MatMul')]

    def _parts(self, node: onnx.NodeProto) -> tuple[np.ndarray, np.ndarray]:
        if len(node.input) > 2:
            bias = node.input[2]
        else:
            bias = next(each for each in self._sums[node.output[0]].input
                        if each != node.output[0])
        return self._value(node.input[1]), self._value(bias)

    def _value(self, name: str) -> np.ndarray:
        """Return a constant, float32, undoing its quantisation."""
        if name in self._constants:
            return self._constants[name].astype(np.float32)
        node = self._makers[name]
        if node.op_type != 'DequantizeLinear':
            raise KeyError(name)
        stored, scale, zero = (self._constants[each] for each in node.input)
        axis = next((each.i for each in node.attribute if each.name == 'axis'), 1)
        shape = [1] * stored.ndim
        if scale.ndim:
            shape[axis] = -1
        offset = stored.astype(np.float32) - zero.astype(np.float32).reshape(shape)
        return np.asarray(offset * scale.reshape(shape), np.float32)


def _set_weights(network: keras.Model, stored: _StoredLayers) -> None:
    convolutions = [layer for layer in network.layers if isinstance(layer, keras.layers.Conv2D)]
    norms = [layer for layer in network.layers
             if isinstance(layer, keras.layers.BatchNormalization)]
    dense = [layer for layer in network.layers if isinstance(layer, keras.layers.Dense)]
    if not len(convolutions) == len(norms) == len(stored.convolutions):
        raise ValueError(f'{len(stored.convolutions)} convolutions')
    for layer, norm, (kernel, bias) in zip(convolutions, norms, stored.convolutions):
        if kernel.shape[1] > layer.kernel.shape[2] == 1:
            kernel, bias = unpack_kernel(kernel), bias[:layer.filters]
        layer.set_weights([kernel.transpose(2, 3, 1, 0)])
        ones = np.ones_like(bias)
        norm.set_weights([ones, bias, 0 * ones, ones * (1 - norm.epsilon)])
    for each, parts in zip(dense, stored.dense, strict=True):
        each.set_weights(list(parts))
