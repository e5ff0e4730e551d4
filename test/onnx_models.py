# SPDX-License-Identifier: Apache-2.0
"""Small ONNX emotion models for tests, made on the spot."""

from collections.abc import Sequence
import json
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from onnx import numpy_helper
from onnx import TensorProto

LABELS = ('Angry', 'Disgust', 'Fear', 'Happy', 'Sad', 'Surprise', 'Neutral')


def write_model(path: Path, labels: object = LABELS, size: int = 48,
                input_type: int = TensorProto.UINT8,
                shape: Sequence[int | str] | None = None, outputs: int = 7,
                softmax: bool = True, answer: str = '', spread: float = 1.0,
                place: Sequence[int] = ()) -> Path:
    """Write a model whose answer is the label that the mean brightness stands for.

    Its column k, in the order of `labels`, is likeliest for a gray level near 36 * k, the less
    clearly so the smaller `spread`. With `answer` 'nan' it gives no numbers, with 'one row' one
    answer whatever comes, with 'sequence' no tensor. `place`, first row and column and those
    behind the last, is all that it looks at.
    """
    middles = np.arange(outputs, dtype=np.float32) * 36
    shape = shape or ['N', size, size]
    axes = np.arange(1, len(shape), dtype=np.int64)
    weights = [numpy_helper.from_array(axes, 'axes'),
               numpy_helper.from_array(middles * np.float32(spread / 20), 'slopes'),
               numpy_helper.from_array(middles ** 2 * np.float32(-spread / 40), 'offsets'),
               numpy_helper.from_array(np.array([1], np.int64), 'last')]
    nodes = [helper.make_node('Cast', ['faces'], ['pixels'], to=TensorProto.FLOAT),
             helper.make_node('ReduceMean', ['pixels', 'axes'], ['mean'], keepdims=0),
             helper.make_node('Unsqueeze', ['mean', 'last'], ['column']),
             helper.make_node('Mul', ['column', 'slopes'], ['steep']),
             helper.make_node('Add', ['steep', 'offsets'], ['logits']),
             helper.make_node('Softmax', ['logits'], ['shares'], axis=1)]
    if place:
        nodes[0].output[0] = 'all pixels'
        nodes.insert(1, helper.make_node('Slice', ['all pixels', 'first', 'behind', 'sides'],
                                         ['pixels']))
        weights += [numpy_helper.from_array(np.array(values, np.int64), name) for name, values in
                    (('first', place[:2]), ('behind', place[2:]), ('sides', (1, 2)))]
    last = 'shares' if softmax else 'logits'
    kind = helper.make_tensor_value_info('answer' if answer else last, TensorProto.FLOAT,
                                         ['N', outputs])
    if answer == 'nan':
        nodes += [helper.make_node('Sub', [last, last], ['nought']),
                  helper.make_node('Div', ['nought', 'nought'], ['answer'])]
    elif answer == 'one row':
        nodes.append(helper.make_node('ReduceMean', [last, 'nought'], ['answer'], keepdims=1))
        weights.append(numpy_helper.from_array(np.array([0], np.int64), 'nought'))
    elif answer == 'sequence':
        nodes.append(helper.make_node('SequenceConstruct', [last], ['answer']))
        kind = helper.make_tensor_sequence_value_info('answer', TensorProto.FLOAT, None)
    faces = helper.make_tensor_value_info('faces', input_type, shape)
    graph = helper.make_graph(nodes, 'brightness', [faces], [kind], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 18)], ir_version=9)
    metadata = {'name': 'brightness'}
    if labels is not None:
        metadata['labels'] = labels if isinstance(labels, str) else json.dumps(labels)
    helper.set_model_props(model, metadata)
    onnx.save(model, str(path))
    return path
