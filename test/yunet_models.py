# SPDX-License-Identifier: Apache-2.0
"""A tiny ONNX model with YuNet's input and outputs, made on the spot."""

import math
from pathlib import Path

import numpy as np
import onnx
from onnx import helper
from onnx import numpy_helper
from onnx import TensorProto

STRIDES = (8, 16, 32)
FACE_STRIDE = 16
"""The level that answers; a bright cell of this size is the middle of a face."""
FACE = (32, 40)
"""Width and height of every face that it finds, px."""
OUTPUTS = (('cls', 1), ('obj', 1), ('bbox', 4), ('kps', 10))


def write_yunet(path: Path) -> Path:
    """Write a model whose faces are the bright cells of 16x16 px: score 0.996 where white."""
    nodes, weights, outputs = [], [], []
    for name, channels in OUTPUTS:
        for stride in STRIDES:
            answer = f'{name}_{stride}'
            kernel, bias = _weights(name, channels, stride)
            weights += [numpy_helper.from_array(kernel, f'{answer}_kernel'),
                        numpy_helper.from_array(bias, f'{answer}_bias'),
                        numpy_helper.from_array(np.array([1, -1, channels], np.int64),
                                                f'{answer}_shape')]
            scored = name in ('cls', 'obj')
            nodes += [helper.make_node('Conv', ['input', f'{answer}_kernel', f'{answer}_bias'],
                                       [f'{answer}_map'], strides=[stride, stride]),
                      helper.make_node('Transpose', [f'{answer}_map'], [f'{answer}_last'],
                                       perm=[0, 2, 3, 1]),
                      helper.make_node('Reshape', [f'{answer}_last', f'{answer}_shape'],
                                       [f'{answer}_logit' if scored else answer])]
            if scored:
                nodes.append(helper.make_node('Sigmoid', [f'{answer}_logit'], [answer]))
            outputs.append(helper.make_tensor_value_info(
                answer, TensorProto.FLOAT, [1, (640 // stride) ** 2, channels]))
    image = helper.make_tensor_value_info('input', TensorProto.FLOAT, [1, 3, 640, 640])
    graph = helper.make_graph(nodes, 'bright', [image], outputs, weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid('', 11)], ir_version=6)
    onnx.save(model, str(path))
    return path


def _weights(name: str, channels: int, stride: int) -> tuple[np.ndarray, np.ndarray]:
    """Return kernel and bias of an output: brightness for scores, constants for boxes."""
    kernel = np.zeros((channels, 3, stride, stride), np.float32)
    bias = np.zeros(channels, np.float32)
    if name in ('cls', 'obj'):
        kernel += 0.1 / (3 * stride ** 2)
        bias -= 20.0 if stride == FACE_STRIDE else 100.0
    elif name == 'bbox':
        bias += np.float32([0.5, 0.5, *(math.log(side / stride) for side in FACE)])
    return kernel, bias
