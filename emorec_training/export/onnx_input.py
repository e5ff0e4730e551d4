# SPDX-License-Identifier: Apache-2.0
"""The input of a network in ONNX, rewritten so that quantised convolutions read the pixels.

A quantised number is (byte - zero) * scale, and so is a scaled pixel: scaling costs nothing once
it is written as such. Of one channel, ONNX Runtime gathers pixels for a convolution byte by byte,
which costs more than the sums; with PACKED neighbours of a row as channels they come together.
"""

import numpy as np
import onnx
from onnx import helper
from onnx import numpy_helper

PACKED: int = 4
"""Neighbouring pixels of a row that the first convolution takes as channels."""

_MOVES: tuple[str, ...] = ('Identity', 'Reshape', 'Transpose', 'Unsqueeze')


def rewrite_input(network: onnx.ModelProto) -> onnx.ModelProto:
    """Return the network, of the same outputs, with its beginning ready to be quantised.

    Cast, Mul and Add before the first other operator become one DequantizeLinear, unless 0.0 is
    no whole gray level; a first convolution of 3x3 pixels then takes PACKED of them at once,
    unless the width is no multiple of it.

    Args:
        network: its input is uint8 (N, H, W).
    """
    made = onnx.ModelProto()
    made.CopyFrom(network)
    graph = _Graph(made.graph)
    scaled = _scale_by_quantisation(graph)
    if scaled and _can_be_packed(graph, scaled):
        _pack(graph, scaled)
    graph.drop_unused()
    return made


class _Graph:
    """Finds and changes the parts of a graph of one input."""

    def __init__(self, graph: onnx.GraphProto) -> None:
        self._graph = graph
        self.input = graph.input[0].name
        self.height, self.width = (
            each.dim_value for each in graph.input[0].type.tensor_type.shape.dim[1:])
        self.constants = {each.name: numpy_helper.to_array(each) for each in graph.initializer}

    def users(self, name: str) -> list[onnx.NodeProto]:
        """Return the operators that take `name`."""
        return [node for node in self._graph.node if name in node.input]

    def numbers(self, node: onnx.NodeProto) -> list[float]:
        """Return the single constant numbers among the inputs."""
        return [float(self.constants[name].item()) for name in node.input
                if name in self.constants and self.constants[name].size == 1]

    def constant(self, name: str, value: object, kind: type) -> str:
        """Add a constant and return its name."""
        self._graph.initializer.append(numpy_helper.from_array(np.asarray(value, kind), name))
        return name

    def replace(self, old: list[onnx.NodeProto], new: list[onnx.NodeProto]) -> None:
        """Put operators in the place of the first of `old`."""
        place = list(self._graph.node).index(old[0])
        for node in old:
            self._graph.node.remove(node)
        for node in reversed(new):
            self._graph.node.insert(place, node)

    def drop_unused(self) -> None:
        """Remove the constants that nothing takes."""
        used = {name for node in self._graph.node for name in node.input}
        for each in [each for each in self._graph.initializer if each.name not in used]:
            self._graph.initializer.remove(each)


def _scale_by_quantisation(graph: _Graph) -> onnx.NodeProto | None:
    """Write the scaling of pixels as one operator, behind those that only move them."""
    chain, name = [], graph.input
    while len(users := graph.users(name)) == 1 and _is_scaling(graph, users[0]):
        chain.append(users[0])
        name = users[0].output[0]
    factor, offset = 1.0, 0.0
    for node in chain:
        if node.op_type == 'Mul':
            factor, offset = (each * graph.numbers(node)[0] for each in (factor, offset))
        elif node.op_type == 'Add':
            offset += graph.numbers(node)[0]
    zero = round(-offset / factor) if factor else -1
    if (all(node.op_type != 'Cast' for node in chain) or not 0 <= zero <= 255
            or abs(offset + zero * factor) > 1e-3 * abs(factor)):
        return None
    moved, name = [], graph.input
    for number, node in enumerate(each for each in chain if each.op_type in _MOVES):
        moved.append(helper.make_node(node.op_type, [name, *node.input[1:]], [f'bytes{number}']))
        moved[-1].attribute.extend(node.attribute)
        name = moved[-1].output[0]
    scaled = helper.make_node('DequantizeLinear', [
        name, graph.constant('pixel_scale', factor, np.float32),
        graph.constant('pixel_zero', zero, np.uint8)], [chain[-1].output[0]])
    graph.replace(chain, [*moved, scaled])
    return graph.users(name)[0]


def _is_scaling(graph: _Graph, node: onnx.NodeProto) -> bool:
    return node.op_type in (*_MOVES, 'Cast') or (
        node.op_type in ('Mul', 'Add') and len(graph.numbers(node)) == 1)


def _can_be_packed(graph: _Graph, scaled: onnx.NodeProto) -> bool:
    users = graph.users(scaled.output[0])
    if len(users) != 1 or users[0].op_type != 'Conv' or graph.width % PACKED:
        return False
    if any(node.op_type == 'Transpose' for node in _moves(graph)):
        return False  # it might lie the image on its side
    about = {each.name: helper.get_attribute_value(each) for each in users[0].attribute}
    return (all(name in graph.constants for name in users[0].input[1:])
            and graph.constants[users[0].input[1]].shape[1:] == (1, 3, 3)
            and about.get('pads') == [1] * 4
            and about.get('strides', [1, 1]) == about.get('dilations', [1, 1]) == [1, 1])


def _pack(graph: _Graph, scaled: onnx.NodeProto) -> None:
    """Let the convolution give PACKED pixels of all filters at once, which are moved apart."""
    convolution = last = graph.users(scaled.output[0])[0]
    kernel, *bias = (graph.constants[name] for name in convolution.input[1:])
    constants = [graph.constant('packed_kernel', pack_kernel(kernel), np.float32)]
    if bias:
        constants.append(graph.constant('packed_bias', np.tile(bias[0], PACKED), np.float32))
    convolution.input[1:] = constants
    if [node.op_type for node in graph.users(last.output[0])] == ['Relu']:
        last = graph.users(last.output[0])[0]
    shapes = [graph.constant(name, [-1, graph.height, *rest], np.int64) for name, rest in (
        ('packed_shape', (graph.width // PACKED, PACKED)),
        ('pixels_shape', (graph.width, len(kernel))))]
    node = helper.make_node
    graph.replace(_moves(graph), [
        node('Reshape', [graph.input, shapes[0]], ['rows']),
        node('Transpose', ['rows'], ['packed'], perm=[0, 3, 1, 2])])
    scaled.input[0] = 'packed'
    output, last.output[0] = last.output[0], 'packed_maps'
    graph.replace([last], [
        last, node('Transpose', ['packed_maps'], ['packed_last'], perm=[0, 2, 3, 1]),
        node('Reshape', ['packed_last', shapes[1]], ['pixels_last']),
        node('Transpose', ['pixels_last'], [output], perm=[0, 3, 1, 2])])


def _moves(graph: _Graph) -> list[onnx.NodeProto]:
    """Return the operators between the input and what scales its bytes."""
    found, name = [], graph.input
    while (user := graph.users(name)[0]).op_type in _MOVES:
        found.append(user)
        name = user.output[0]
    return found


def pack_kernel(kernel: np.ndarray) -> np.ndarray:
    """Rearrange a kernel for packed pixels.

    Args:
        kernel: float32 (F, 1, 3, 3).

    Returns:
        float32 (PACKED * F, PACKED, 3, 3).
    """
    filters = len(kernel)
    packed = np.zeros((PACKED * filters, PACKED, 3, 3), np.float32)
    for pixel in range(PACKED):
        for tap in range(3):
            column, channel = divmod(pixel + tap - 1, PACKED)
            packed[pixel * filters:(pixel + 1) * filters, channel, :, column + 1] = (
                kernel[:, 0, :, tap])
    return packed


def unpack_kernel(packed: np.ndarray) -> np.ndarray:
    """Undo `pack_kernel`; all taps of the second pixel lie in its own column."""
    filters = len(packed) // PACKED
    return packed[filters:2 * filters, :3, :, 1].transpose(0, 2, 1)[:, None]
