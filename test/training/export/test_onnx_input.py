# SPDX-License-Identifier: Apache-2.0
"""The first convolution of a network reads bytes, and nothing changes by it."""
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip('onnx', reason='the training extra (onnx) is not installed')
onnx_input = pytest.importorskip('emorec_training.export.onnx_input')
FILTERS = 5


def make_network(offset: float = -2.0, side: int = 12, stride: int = 1,
                 turned: bool = False) -> 'onnx.ModelProto':
    """Return pixels / 64 + offset, a convolution of 3x3 pixels with bias, ReLU, and the largest.

    With `turned` rows and columns change places first.
    """
    rng = np.random.default_rng(0)
    node, value = onnx.helper.make_node, onnx.helper.make_tensor_value_info
    constants = {'flat': np.array([-1, side, side, 1], np.int64),
                 'first': np.array([-1, 1, side, side], np.int64),
                 'factor': np.float32(1 / 64), 'offset': np.float32(offset),
                 'kernel': rng.normal(size=(FILTERS, 1, 3, 3)).astype(np.float32),
                 'bias': rng.normal(size=FILTERS).astype(np.float32)}
    turn = [node('Transpose', ['upright'], ['gray'], perm=[0, 2, 1, 3])]
    nodes = [node('Reshape', ['faces', 'flat'], ['upright' if turned else 'gray']),
             *(turn if turned else []),
             node('Cast', ['gray'], ['pixels'], to=onnx.TensorProto.FLOAT),
             node('Mul', ['pixels', 'factor'], ['smaller']),
             node('Add', ['smaller', 'offset'], ['scaled']),
             node('Reshape', ['scaled', 'first'], ['maps']),
             node('Conv', ['maps', 'kernel', 'bias'], ['found'], pads=[1] * 4,
                  strides=[stride] * 2, kernel_shape=[3, 3]),
             node('Relu', ['found'], ['active']),
             node('MaxPool', ['active'], ['answer'], kernel_shape=[2, 2])]
    graph = onnx.helper.make_graph(
        nodes, 'small', [value('faces', onnx.TensorProto.UINT8, ['N', side, side])],
        [value('answer', onnx.TensorProto.FLOAT, ['N', FILTERS, 'h', 'w'])],
        [onnx.numpy_helper.from_array(np.asarray(each), name)
         for name, each in constants.items()])
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', 17)],
                                  ir_version=8)


def kinds(network: 'onnx.ModelProto') -> list[str]:
    """Return the names of the operators."""
    return [node.op_type for node in network.graph.node]


def answers(network: 'onnx.ModelProto', side: int) -> np.ndarray:
    """Return the answers to noise, of which some pixels are 0 and some 255."""
    import onnxruntime
    images = np.random.default_rng(1).integers(0, 256, (3, side, side), dtype=np.uint8)
    onnx.checker.check_model(network)
    session = onnxruntime.InferenceSession(network.SerializeToString(),
                                           providers=['CPUExecutionProvider'])
    return np.asarray(session.run(None, {'faces': images})[0])


@pytest.mark.parametrize('changes, scaled, packed', [
    ({}, True, True), ({'offset': 0.0}, True, True), ({'stride': 2}, True, False),
    ({'side': 10}, True, False), ({'offset': -2.003}, False, False),
    ({'offset': 0.5}, False, False), ({'turned': True}, True, False)])
def test_answers_stay_the_same(changes: dict[str, Any], scaled: bool, packed: bool) -> None:
    """Whatever can be changed is changed, and the rest is left as it is."""
    network, side = make_network(**changes), int(changes.get('side', 12))
    before = network.SerializeToString()
    made = onnx_input.rewrite_input(network)
    assert network.SerializeToString() == before, 'what was given is left alone'
    assert ('Cast' not in kinds(made)) is scaled
    assert ('packed_kernel' in {each.name for each in made.graph.initializer}) is packed
    expected = answers(network, side)
    assert np.abs(answers(made, side) - expected).max() < 1e-5 * np.abs(expected).max()


def test_what_is_no_longer_used_is_dropped() -> None:
    """The file does not carry both kernels."""
    made = onnx_input.rewrite_input(make_network())
    names = {each.name for each in made.graph.initializer}
    assert not names & {'kernel', 'bias', 'factor', 'offset', 'flat', 'first'}


def test_a_kernel_comes_back() -> None:
    """What was packed can be taken out of a file again."""
    kernel = np.random.default_rng(2).normal(size=(FILTERS, 1, 3, 3)).astype(np.float32)
    assert np.array_equal(onnx_input.unpack_kernel(onnx_input.pack_kernel(kernel)), kernel)
