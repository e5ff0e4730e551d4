# SPDX-License-Identifier: Apache-2.0
"""Turns a trained network into the ONNX file that the emotion node runs."""

import json
import os
from pathlib import Path
import tempfile
from typing import Any
from typing import NamedTuple
import warnings

from emorec_training import metrics
from emorec_training import models
from emorec_training.dataset import Dataset
from emorec_training.dataset import SIDE
from emorec_training.dataset import Split
from emorec_training.provenance import revision
from emorec_vision.emotion_model import EmotionModel
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import keras
import numpy as np
import onnx

TOLERANCE: float = 1e-4
"""Largest difference of any probability that still counts as the same network."""

LICENCE: str = ('Trained on FER2013, which has no open licence: research and evaluation use. '
                'The code that made it is Apache-2.0.')


class Exported(NamedTuple):
    """The file, its accuracy (0..1) and largest difference from Keras on PublicTest."""

    path: Path
    accuracy: float
    largest_difference: float


def export(source: Path, data: Dataset, target: Path) -> Exported:
    """Write `source` (a .keras file or a run's folder) as ONNX to `target`.

    The graph takes uint8 gray (N, 48, 48) and gives probabilities float32 (N, 7); pixel
    scaling and softmax are inside. All of PublicTest is put through both networks first: when
    a probability differs by more than TOLERANCE, InputError is raised and nothing is written.
    """
    if keras.backend.backend() != 'tensorflow':
        raise InputError('export needs Keras on TensorFlow: set KERAS_BACKEND=tensorflow')
    network = models.load_keras(source)
    public = data.split('public')
    expected = models.keras_predictor(network)(public.images)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix='.export-') as folder:
        file = Path(folder) / 'emotion.onnx'
        _convert(network, file)
        _describe(file, network.name, data, public)
        accuracy, difference = _compare(file, expected, public)
        if difference > TOLERANCE:
            raise InputError(f'{source}: ONNX and Keras differ by {difference:.2g} on '
                             f'PublicTest, more than {TOLERANCE:g}; nothing was written')
        _describe(file, network.name, data, public, f'{accuracy:.4f}')
        os.replace(file, target)
    return Exported(target, accuracy, difference)


def wrap_for_inference(network: keras.Model) -> keras.Model:
    """Return the network from uint8 gray (N, 48, 48) to probabilities float32 (N, 7)."""
    faces = keras.Input((SIDE, SIDE), dtype='uint8', name='faces')
    logits = network(keras.layers.Reshape((SIDE, SIDE, 1))(faces))
    probabilities = keras.layers.Softmax(dtype='float32', name='probabilities')(logits)
    return keras.Model(faces, probabilities, name=network.name)


def _convert(network: keras.Model, file: Path) -> None:
    wrapped = wrap_for_inference(network)
    wrapped(np.zeros((1, SIDE, SIDE), np.uint8))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore', FutureWarning)
        wrapped.export(file, format='onnx', verbose=False)


def _describe(file: Path, name: str, data: Dataset, public: Split, accuracy: str = '') -> None:
    """Write the metadata that EmotionModel and people read."""
    model: Any = onnx.load(file)
    onnx.helper.set_model_props(model, {
        'name': name,
        'labels': json.dumps(EMOTIONS),
        'input_size': str(SIDE),
        'data_sha256': data.digest,
        'public_test_accuracy': accuracy,
        'public_test_pictures': str(len(public.labels)),
        'revision': revision(),
        'licence': LICENCE,
    })
    onnx.checker.check_model(model)
    onnx.save(model, file)


def _compare(file: Path, expected: np.ndarray, public: Split) -> tuple[float, float]:
    """Return accuracy on PublicTest and the largest difference from `expected`."""
    probabilities = models.in_batches(EmotionModel(file).predict)(public.images)
    return (metrics.accuracy(probabilities, public.labels),
            float(np.abs(probabilities - expected).max()))
