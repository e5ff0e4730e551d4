# SPDX-License-Identifier: Apache-2.0
"""Lets a model file give its logits too, and say where the expressions lie in them."""

from pathlib import Path

from emorec_training.data.dataset import Split
from emorec_training.evaluation.predictor import in_batches
from emorec_vision.emotion.expression_space import KEY
from emorec_vision.emotion.expression_space import statistics
from emorec_vision.emotion.model import LOGITS
from emorec_vision.emotion.model import open_session
from emorec_vision.errors import InputError
from emorec_vision.files.access import replace
from emorec_vision.files.json_text import parse_json
import numpy as np
import onnx
from onnx import helper


def labels_of(file: Path) -> tuple[str, ...]:
    """Return the labels of a model file in the order of its outputs.

    Raises:
        InputError: if it is missing, no model, or does not name them.
    """
    metadata = open_session(file).get_modelmeta().custom_metadata_map
    try:
        return tuple(map(str, parse_json(metadata['labels'])))
    except (KeyError, TypeError, ValueError):
        raise InputError(f'{file}: its metadata does not name its labels') from None


def add_logits(model: onnx.ModelProto) -> None:
    """Give a graph of `onnx_graph.combine` a second output, LOGITS, float32 (N, C).

    It is the mean over networks and mirror images, as they stand before softmax, averaging and
    calibration. A graph that has it is left alone.

    Raises:
        InputError: if the graph is of another making.
    """
    graph = model.graph
    if any(output.name == LOGITS for output in graph.output):
        return
    parts = [node.input[0] for node in graph.node
             if node.op_type == 'Softmax' and node.output[0].startswith('answer')]
    if not parts:
        raise InputError('it was not written by "emorec emotions export"')
    flipped = any(constant.name == 'two_halves' for constant in graph.initializer)
    mean = 'mean_logits' if flipped else LOGITS
    graph.node.append(helper.make_node('Mean', parts, [mean]))
    if flipped:
        graph.node.append(helper.make_node('Reshape', [mean, 'two_halves'], ['logit_halves']))
        graph.node.append(helper.make_node('ReduceMean', ['logit_halves'], [LOGITS], axes=[0],
                                           keepdims=0))
    classes = graph.output[0].type.tensor_type.shape.dim[1].dim_value
    graph.output.append(helper.make_tensor_value_info(
        LOGITS, onnx.TensorProto.FLOAT, ['N', classes]))
    onnx.checker.check_model(model)


def describe_expressions(file: Path, public: Split) -> None:
    """Add the logits and the metadata of KEY to a model file, replacing it in one step.

    Args:
        file: an exported model.
        public: PublicTest with the labels in the order of the model's outputs.

    Raises:
        InputError: if the file is no exported model, or an emotion has no image.
    """
    open_session(file)
    model = onnx.load(file)
    try:
        add_logits(model)
    except InputError as error:
        raise InputError(f'{file}: {error}') from error
    if len(np.unique(public.labels)) < len(public.names):
        raise InputError('the expressions cannot be described: PublicTest shows not all of '
                         f'{", ".join(public.names)}')
    with replace(file) as temporary:
        onnx.save(model, temporary)
        session = open_session(temporary)
        name = session.get_inputs()[0].name
        logits = in_batches(lambda batch: np.asarray(
            session.run([LOGITS], {name: batch})[0]))(public.images)
        stored = {entry.key: entry.value for entry in model.metadata_props}
        stored[KEY] = statistics(logits, public.labels, public.names)
        helper.set_model_props(model, stored)
        onnx.save(model, temporary)
