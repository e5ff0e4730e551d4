# SPDX-License-Identifier: Apache-2.0
"""Keras networks as ONNX, and as one Keras network to compare with."""

from collections.abc import Sequence
from pathlib import Path
import tempfile
import warnings

from emorec_training.data.dataset import SIDE
from emorec_training.export import onnx_graph
import keras
import numpy as np
import onnx


def convert(network: keras.Model) -> onnx.ModelProto:
    """Convert a network from gray (N, 48, 48, 1) to one from uint8 gray (N, 48, 48) in ONNX.

    The outputs, logits (N, C), stay.
    """
    faces = keras.Input((SIDE, SIDE), dtype='uint8', name=onnx_graph.INPUT)
    wrapped = keras.Model(faces, network(keras.layers.Reshape((SIDE, SIDE, 1))(faces)))
    wrapped(np.zeros((1, SIDE, SIDE), np.uint8))
    with tempfile.TemporaryDirectory(prefix='emorec-') as folder, warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)
        file = Path(folder) / 'network.onnx'
        wrapped.export(file, format='onnx', verbose=False, opset_version=onnx_graph.OPSET)
        return onnx.load(file)


def average(networks: Sequence[keras.Model], flip: bool) -> keras.Model:
    """Return Keras' own form of the uncalibrated graph: the mean of the probabilities.

    It maps uint8 gray (N, 48, 48), named 'faces', to float32 (N, C).

    Args:
        networks: each from gray (N, 48, 48, 1) to logits (N, C).
        flip: whether each also sees the mirror image.
    """
    faces = keras.Input((SIDE, SIDE), dtype='uint8', name=onnx_graph.INPUT)
    gray = keras.layers.Reshape((SIDE, SIDE, 1))(faces)
    views = [gray, gray[:, :, ::-1]] if flip else [gray]
    renamed = [keras.Model(network.input, network.output, name=f'network{number}')
               for number, network in enumerate(networks)]
    parts = [keras.layers.Softmax(dtype='float32')(network(view))
             for network in renamed for view in views]
    mean = keras.layers.Average()(parts) if len(parts) > 1 else parts[0]
    return keras.Model(faces, mean)
