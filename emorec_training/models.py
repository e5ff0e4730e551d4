# SPDX-License-Identifier: Apache-2.0
"""Opens trained networks, Keras or ONNX, behind one call."""

from collections.abc import Callable
import math
from pathlib import Path
from typing import Any

from emorec_training.metrics import softmax
from emorec_vision.emotion_model import EmotionModel
from emorec_vision.errors import InputError
import numpy as np

Predict = Callable[[np.ndarray], np.ndarray]
"""From gray pictures, uint8 (N, 48, 48), to probabilities (N, 7) in the order of EMOTIONS."""

BATCH: int = 256


def open_predictor(path: Path) -> Predict:
    """Return the prediction of a .onnx or .keras file, or of a training run's folder."""
    if path.suffix == '.onnx':
        return in_batches(EmotionModel(path).predict)
    return keras_predictor(load_keras(path))


def load_keras(path: Path) -> Any:
    """Return the keras.Model with logits in a .keras file, or in a training run's folder."""
    if path.is_dir():
        path = path / 'model.keras'
    if path.suffix != '.keras' or not path.is_file():
        raise InputError(f'{path}: no such model; name a .keras or .onnx file, or the folder '
                         'that "emorec emotions train" wrote')
    import keras
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises many kinds for a damaged archive
        line = ' '.join(str(error).split())[:160]
        raise InputError(f'{path} is no Keras model or a damaged one ({line})') from error
    if model.input_shape != (None, 48, 48, 1) or model.output_shape != (None, 7):
        raise InputError(f'{path} maps {model.input_shape} to {model.output_shape}, but an '
                         'emotion network maps (None, 48, 48, 1) to (None, 7)')
    return model


def keras_predictor(model: Any) -> Predict:
    """Return the prediction of a keras.Model whose outputs are logits."""
    import keras

    def predict(images: np.ndarray) -> np.ndarray:
        logits = model.predict_on_batch(images[..., None].astype(np.float32))
        return softmax(keras.ops.convert_to_numpy(logits))

    return in_batches(predict)


def in_batches(predict: Predict) -> Predict:
    """Return `predict` applied to at most BATCH pictures at a time."""
    def run(images: np.ndarray) -> np.ndarray:
        parts = np.array_split(images, max(1, math.ceil(len(images) / BATCH)))
        return np.concatenate([predict(part) for part in parts])

    return run
