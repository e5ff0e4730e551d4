# SPDX-License-Identifier: Apache-2.0
"""The exported network that is attacked."""

from pathlib import Path

from emorec_training.attack.projected_gradient import Attacker
from emorec_training.evaluation import predictor
from emorec_training.export.onnx_weights import load_network
from emorec_training.export.onnx_weights import stored_labels
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import keras
import numpy as np

MIN_CONFIDENCE: float = 0.9
"""Probability above which a prediction is taken for a confident one."""


class Target:
    """An exported model of the seven emotions, and a Keras network that gives its gradients.

    Args:
        path: the ONNX file.
        keras_path: the training run that it was made from; without it the network is read back
            from the ONNX file.

    Attributes:
        predict: the exported model.
        network: from gray (N, 48, 48, 1) to logits (N, 7).

    Raises:
        InputError: if a file is missing or of another kind, or tells other labels apart.
    """

    def __init__(self, path: Path, keras_path: Path | None = None) -> None:
        """Open both."""
        self.predict = predictor.open_predictor(path)
        if self.predict.labels != EMOTIONS:
            raise InputError(f'{path} does not tell the seven emotions apart')
        self.network = (load_network(path) if keras_path is None
                        else predictor.load_keras(keras_path))
        self._order = (stored_labels(path) if keras_path is None else
                       predictor.read_labels(predictor.keras_file(keras_path),
                                             self.network.output_shape[1]))
        if sorted(self._order) != sorted(EMOTIONS):
            raise InputError(f'{keras_path or path} does not tell the seven emotions apart')

    def attacker(self, count: int, steps: int) -> Attacker:
        """Return an attacker with labels as in EMOTIONS.

        Args:
            count: images at a time.
            steps: of one attempt.
        """
        logits = keras.ops.take(self.network.output,
                                [self._order.index(name) for name in EMOTIONS], axis=1)
        return Attacker(keras.Model(self.network.input, logits), self.predict, count, steps)


def most_confident(target: Target, images: np.ndarray, emotion: str) -> np.ndarray:
    """Return the image that is predicted to be `emotion` with the highest probability.

    Args:
        target: predicts.
        images: uint8 (N, 48, 48).
        emotion: one of EMOTIONS.

    Returns:
        uint8 (48, 48).

    Raises:
        InputError: if no probability is above MIN_CONFIDENCE.
    """
    shares = target.predict(images)[:, EMOTIONS.index(emotion)]
    if shares.max() <= MIN_CONFIDENCE:
        raise InputError(f'none of the {len(images)} image(s) is called {emotion} with more '
                         f'than {MIN_CONFIDENCE:.0%} (most: {shares.max():.0%}); name others '
                         'with --data')
    return np.asarray(images[shares.argmax()])
