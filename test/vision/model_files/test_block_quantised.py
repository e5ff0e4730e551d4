# SPDX-License-Identifier: Apache-2.0
"""Check that quantised weights are unpacked to what ONNX says they are."""

from emorec_vision.model_files.block_quantised import unpacked
from emorec_vision.model_files.session import one_thread_session
import numpy as np
import onnx
from onnx import helper
from onnx import numpy_helper
from onnx import TensorProto
from onnx.reference import ReferenceEvaluator
import pytest

RNG = np.random.default_rng(3)
SHAPE = (4, 3, 2, 2)


def quantised(blocks: int, block: int, with_zero: bool = True) -> onnx.ModelProto:
    """Return a convolution whose weights are quantised in blocks of an axis."""
    tensors = {'packed': RNG.integers(-128, 127, (4, 12)).astype(np.int8),
               'scales': RNG.uniform(0.01, 0.1, (4, blocks)).astype(np.float32),
               'zeros': RNG.integers(-9, 9, (4, blocks)).astype(np.int8),
               'shape': np.array(SHAPE, np.int64), 'bias': np.float32([1, 2, 3, 4])}
    inputs = ['packed', 'scales', *(['zeros'] if with_zero else [])]
    nodes = [helper.make_node('DequantizeLinear', inputs, ['flat'], axis=1, block_size=block),
             helper.make_node('Reshape', ['flat', 'shape'], ['weights']),
             helper.make_node('Conv', ['image', 'weights', 'bias'], ['answer'])]
    return model_of(nodes, tensors)


def model_of(nodes: list[onnx.NodeProto], tensors: dict[str, np.ndarray]) -> onnx.ModelProto:
    """Return a model from an image 1x3x8x8 to an answer."""
    graph = helper.make_graph(
        nodes, 'test', [helper.make_tensor_value_info('image', TensorProto.FLOAT, [1, 3, 8, 8])],
        [helper.make_tensor_value_info('answer', TensorProto.FLOAT, [1, 4, 7, 7])],
        [numpy_helper.from_array(values, name) for name, values in tensors.items()])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid('', 21)], ir_version=10)


def answer(model: bytes, image: np.ndarray) -> np.ndarray:
    """Return what ONNX Runtime makes of an image."""
    return np.asarray(one_thread_session(model).run(['answer'], {'image': image})[0])


@pytest.mark.parametrize(('blocks', 'block'), [(1, 12), (3, 4), (2, 8)])
@pytest.mark.parametrize('with_zero', [True, False])
def test_weights_in_blocks_are_unpacked(blocks: int, block: int, with_zero: bool) -> None:
    model = quantised(blocks, block, with_zero)
    image = RNG.normal(size=(1, 3, 8, 8)).astype(np.float32)
    expected = ReferenceEvaluator(model).run(None, {'image': image})[0]
    content = unpacked(model.SerializeToString())
    assert answer(content, image) == pytest.approx(expected, abs=1e-4)
    assert {node.op_type for node in onnx.load_from_string(content).graph.node} == {'Conv'}


def test_a_bias_in_one_block_is_unpacked() -> None:
    """ONNX Runtime refuses it as it is."""
    tensors = {'packed': np.int8([10, -20, 30, 40]), 'scales': np.float32([0.5]),
               'zeros': np.int8([2]), 'weights': np.zeros(SHAPE, np.float32)}
    model = model_of([
        helper.make_node('DequantizeLinear', ['packed', 'scales', 'zeros'], ['bias'], axis=0,
                         block_size=4),
        helper.make_node('Conv', ['image', 'weights', 'bias'], ['answer'])], tensors)
    found = answer(unpacked(model.SerializeToString()), np.zeros((1, 3, 8, 8), np.float32))
    assert found[0, :, 0, 0].tolist() == [4.0, -11.0, 14.0, 19.0]


def test_scales_of_an_axis_are_unpacked() -> None:
    tensors = {'packed': RNG.integers(-9, 9, SHAPE).astype(np.int8),
               'scales': np.float32([1, 2, 3, 4])}
    model = model_of([
        helper.make_node('DequantizeLinear', ['packed', 'scales'], ['weights'], axis=0),
        helper.make_node('Conv', ['image', 'weights'], ['answer'])], tensors)
    image = RNG.normal(size=(1, 3, 8, 8)).astype(np.float32)
    expected = ReferenceEvaluator(model).run(None, {'image': image})[0]
    assert answer(unpacked(model.SerializeToString()), image) == pytest.approx(expected, abs=1e-3)


def test_images_of_other_sizes_are_taken() -> None:
    content = unpacked(quantised(1, 12).SerializeToString())
    assert answer(content, np.zeros((1, 3, 20, 10), np.float32)).shape == (1, 4, 19, 9)


def test_float_weights_stay_as_they_are() -> None:
    tensors = {'weights': RNG.normal(size=SHAPE).astype(np.float32)}
    model = model_of([helper.make_node('Conv', ['image', 'weights'], ['answer'])], tensors)
    image = RNG.normal(size=(1, 3, 8, 8)).astype(np.float32)
    expected = answer(model.SerializeToString(), image)
    assert np.array_equal(answer(unpacked(model.SerializeToString()), image), expected)


@pytest.mark.parametrize('content', [b'no model', b'\x3a\xff\xff', b'\x38\x01', b'\xff' * 20])
def test_what_is_no_model_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        unpacked(content)
