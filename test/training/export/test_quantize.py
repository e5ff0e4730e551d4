# SPDX-License-Identifier: Apache-2.0
"""Quantised networks stay near the original on machines with and without VNNI."""
from pathlib import Path
from typing import Any

import numpy as np
import pytest

onnx = pytest.importorskip('onnx', reason='the training extra (onnx) is not installed')
onnx_graph = pytest.importorskip('emorec_training.export.onnx_graph')
quantize = pytest.importorskip('emorec_training.export.quantize')
FILTERS = 16


def make_network(seed: int = 0) -> 'onnx.ModelProto':
    """Return pixels / 255, a convolution, batch normalisation, and 7 logits."""
    rng = np.random.default_rng(seed)

    def constant(name: str, *shape: int) -> 'onnx.TensorProto':
        return onnx.numpy_helper.from_array(rng.normal(0, 1, shape).astype(np.float32), name)

    node = onnx.helper.make_node
    nodes = [node('Cast', ['faces'], ['pixels'], to=onnx.TensorProto.FLOAT),
             node('Div', ['pixels', 'white'], ['scaled']),
             node('Unsqueeze', ['scaled', 'axis'], ['gray']),
             node('Conv', ['gray', 'kernel'], ['maps'], strides=[4, 4]),
             node('BatchNormalization', ['maps', 'gamma', 'beta', 'mean', 'variance'], ['normal']),
             node('Relu', ['normal'], ['active']),
             node('GlobalAveragePool', ['active'], ['pooled']),
             node('Flatten', ['pooled'], ['flat']),
             node('Gemm', ['flat', 'dense', 'bias'], ['logits'])]
    weights = [onnx.numpy_helper.from_array(np.array(255, np.float32), 'white'),
               onnx.numpy_helper.from_array(np.array([1], np.int64), 'axis'),
               onnx.numpy_helper.from_array(np.ones(FILTERS, np.float32), 'variance'),
               constant('kernel', FILTERS, 1, 5, 5), constant('dense', FILTERS, 7),
               constant('bias', 7),
               *(constant(name, FILTERS) for name in ('gamma', 'beta', 'mean'))]
    value = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        nodes, 'small', [value('faces', onnx.TensorProto.UINT8, ['N', 48, 48])],
        [value('logits', onnx.TensorProto.FLOAT, ['N', 7])], weights)
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid('', 17)],
                                  ir_version=8)


@pytest.fixture
def images() -> np.ndarray:
    """Return noise of several brightnesses, uint8 (64, 48, 48)."""
    rng = np.random.default_rng(1)
    noise = rng.integers(0, 256, (64, 48, 48)) * rng.uniform(0.2, 1, (64, 1, 1))
    return np.asarray(noise, np.uint8)


def test_a_quantised_network_answers_nearly_the_same(images: np.ndarray) -> None:
    """Batch normalisation is worked into the convolution, whose weights are int8 per filter."""
    network = make_network()
    expected = onnx_graph.run_onnx(network, images)
    model, bits = quantize.quantize(make_network(), images)
    error = np.abs(onnx_graph.run_onnx(model, images) - expected).max()
    assert bits in (7, 8)
    assert 0 < error < 0.05 * np.ptp(expected)
    kernels = [each for each in map(onnx.numpy_helper.to_array, model.graph.initializer)
               if each.dtype == np.int8 and each.shape[0] == FILTERS and each.ndim == 4]
    assert len(kernels) == 1
    assert (np.abs(kernels[0]).max(axis=(1, 2, 3)) >= 2 ** (bits - 1) - 2).all(), 'per filter'
    assert not any(node.op_type == 'BatchNormalization' for node in model.graph.node)


def test_where_vnni_hides_saturation_weights_have_seven_bits(
        images: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file made on a newer machine must be right on an older one."""
    monkeypatch.setattr(quantize, 'has_vnni', lambda: True)
    model, bits = quantize.quantize(make_network(), images)
    assert bits == 7
    kernels = [each for each in map(onnx.numpy_helper.to_array, model.graph.initializer)
               if each.dtype == np.int8 and each.ndim == 4]
    assert max(np.abs(kernel).max() for kernel in kernels) <= 64


def add_nine(file: Path) -> None:
    """Add 9 to the logits of the network in a file."""
    model = onnx.load(file)
    for node in model.graph.node:
        if list(node.output) == ['logits']:
            node.output[0] = 'before'
    model.graph.initializer.append(
        onnx.numpy_helper.from_array(np.array(9, np.float32), 'nine'))
    model.graph.node.append(onnx.helper.make_node('Add', ['before', 'nine'], ['logits']))
    onnx.save(model, file)


@pytest.mark.parametrize('spoilt, kept', [(7, 8), (8, 7)])
def test_the_nearer_of_both_is_kept(
        spoilt: int, kept: int, images: np.ndarray, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without VNNI, eight bits are kept only where they lose less."""
    from onnxruntime import quantization
    quantize_static = quantization.quantize_static

    def spoil(source: Path, target: Path, *given: Any, reduce_range: bool, **named: Any) -> None:
        quantize_static(source, target, *given, reduce_range=reduce_range, **named)
        if reduce_range == (spoilt == 7):
            add_nine(target)

    monkeypatch.setattr(quantize, 'has_vnni', lambda: False)
    monkeypatch.setattr(quantization, 'quantize_static', spoil)
    assert quantize.quantize(make_network(), images)[1] == kept


@pytest.mark.parametrize('flags, expected', [
    ('fpu avx2 fma', False), ('avx512f avx512_vnni', True), ('avx2 avx_vnni', True)])
def test_vnni_is_read_from_the_flags(tmp_path: Path, flags: str, expected: bool) -> None:
    """Both the 512-bit and the 256-bit form count."""
    (tmp_path / 'cpuinfo').write_text(f'model name : x\nflags : {flags}\n')
    assert quantize.has_vnni(tmp_path / 'cpuinfo') is expected
    assert quantize.has_vnni(tmp_path / 'none') is False
