# SPDX-License-Identifier: Apache-2.0
"""Trained networks, averaging and calibration in one ONNX graph."""

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
import tempfile
from typing import Any

from emorec_training.data.dataset import SIDE
from emorec_training.evaluation.predictor import in_batches
from emorec_training.evaluation.temperature import FLOOR
from emorec_training.evaluation.temperature import KEPT
from emorec_training.evaluation.temperature import TemperatureScaling
from emorec_vision.emotion.model import open_session
from emorec_vision.files.access import write_bytes
import numpy as np
import onnx
from onnx import helper
from onnx import numpy_helper

OPSET: int = 17
"""Operators of ONNX 1.12, which every ONNX Runtime since 1.12 (2022) knows."""

INPUT: str = 'faces'
OUTPUT: str = 'probabilities'


class _Graph:
    """Nodes and constants of a graph that grows from its input to its output."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, kind: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        """Add an operator and return the name of its output."""
        self.nodes.append(helper.make_node(kind, list(inputs), [output], **attributes))
        return output

    def constant(self, name: str, value: object, kind: type) -> str:
        """Add a constant and return its name."""
        self.constants.append(numpy_helper.from_array(np.array(value, kind), name))
        return name

    def embed(self, network: onnx.ModelProto, images: str, prefix: str) -> str:
        """Add all of a network, applied to `images`, and return the name of its logits."""
        part = onnx.compose.add_prefix(network, prefix).graph
        self.add('Identity', [images], part.input[0].name)
        self.nodes += part.node
        self.constants += part.initializer
        return str(part.output[0].name)


def combine(networks: Sequence[onnx.ModelProto], classes: int,
            calibration: TemperatureScaling = TemperatureScaling(),
            flip: bool = False) -> onnx.ModelProto:
    """Return one graph from `faces`, uint8 (N, 48, 48), to `probabilities`, float32 (N, C).

    The mean of the probabilities of all networks is calibrated as by temperature.calibrate.

    Args:
        networks: each from uint8 (N, 48, 48) to logits (N, C), with operators of OPSET.
        classes: C.
        calibration: temperature and label smoothing.
        flip: whether each network also sees the mirror image.
    """
    graph = _Graph()
    images = _with_mirrored(graph) if flip else INPUT
    logits = [graph.embed(network, images, f'network{number}/')
              for number, network in enumerate(networks)]
    mean = _mean(graph, logits, classes, flip)
    by = {name: graph.constant(name, value, np.float32) for name, value in (
        ('temperature', calibration.temperature), ('kept', KEPT), ('floor', FLOOR),
        ('smoothing_per_class', calibration.smoothing / classes))}
    sharp = graph.add('Sub', [mean, by['smoothing_per_class']], 'without_smoothing')
    least = graph.add('Mul', [mean, by['kept']], 'least')
    positive = graph.add('Max', [sharp, least, by['floor']], 'positive')
    logs = graph.add('Log', [positive], 'logs')
    scaled = graph.add('Div', [logs, by['temperature']], 'scaled')
    graph.add('Softmax', [scaled], OUTPUT, axis=1)
    return _make_model(graph, networks, classes)


def _with_mirrored(graph: _Graph) -> str:
    """Add the mirror images, as rows N..2N-1, in a batch of their own."""
    last = np.iinfo(np.int64).min
    bounds = [graph.constant(f'mirror_{name}', [value], np.int64) for name, value in
              (('start', -1), ('end', last), ('axis', 2), ('step', -1))]
    mirrored = graph.add('Slice', [INPUT, *bounds], 'mirrored')
    return graph.add('Concat', [INPUT, mirrored], 'images', axis=0)


def _mean(graph: _Graph, logits: Sequence[str], classes: int, flip: bool) -> str:
    """Add the mean of the probabilities over networks and, with `flip`, over both halves."""
    parts = [graph.add('Softmax', [each], f'answer{number}', axis=1)
             for number, each in enumerate(logits)]
    mean = graph.add('Mean', parts, 'mean')
    if not flip:
        return mean
    shape = graph.constant('two_halves', [2, -1, classes], np.int64)
    halves = graph.add('Reshape', [mean, shape], 'halves')
    return graph.add('ReduceMean', [halves], 'mean_of_halves', axes=[0], keepdims=0)


def _make_model(graph: _Graph, networks: Sequence[onnx.ModelProto],
                classes: int) -> onnx.ModelProto:
    faces = helper.make_tensor_value_info(INPUT, onnx.TensorProto.UINT8, ['N', SIDE, SIDE])
    outputs = helper.make_tensor_value_info(OUTPUT, onnx.TensorProto.FLOAT, ['N', classes])
    used = {node.domain for node in graph.nodes}
    versions = {each.domain: each.version for network in networks
                for each in network.opset_import if each.domain in used}
    model = helper.make_model(
        helper.make_graph(graph.nodes, 'emotion', [faces], [outputs], graph.constants),
        producer_name='emorec', ir_version=max(network.ir_version for network in networks),
        opset_imports=[helper.make_opsetid(*each) for each in sorted(versions.items())])
    onnx.checker.check_model(model)
    return model


def run_onnx(model: onnx.ModelProto, images: np.ndarray) -> np.ndarray:
    """Return the outputs, float32 (N, C), for uint8 (N, 48, 48) on ONNX Runtime's CPU."""
    with tempfile.TemporaryDirectory(prefix='emorec-') as folder:
        file = Path(folder) / 'model.onnx'
        onnx.save(model, file)
        session = open_session(file)
    name = session.get_inputs()[0].name
    return in_batches(lambda batch: np.asarray(session.run(None, {name: batch})[0]))(images)


def save(model: onnx.ModelProto, metadata: Mapping[str, str], target: Path) -> None:
    """Write the model and its metadata, replacing what is there in one step."""
    helper.set_model_props(model, dict(metadata))
    write_bytes(target, model.SerializeToString())
