# SPDX-License-Identifier: Apache-2.0
"""What a Keras network looks at, by gradient."""

from pathlib import Path

import cv2
from emorec_training.data.dataset import SIDE
from emorec_training.evaluation import predictor
from emorec_vision.errors import InputError
import keras
import numpy as np

NEEDED_BACKEND = 'tensorflow'


class KerasExplainer:
    """A trained Keras network that tells emotions apart, and where it sees them.

    Args:
        path: .keras file, or folder of a training run.

    Attributes:
        labels: the K names in the order of the columns.
        input_size: 48 px.
        name: of the network.

    Raises:
        InputError: if it is missing, damaged or of another kind, has no maps of features, or
            Keras does not run on TensorFlow.
    """

    def __init__(self, path: Path) -> None:
        """Load the network and find its last maps of features."""
        if keras.backend.backend() != NEEDED_BACKEND:
            raise InputError('gradients need Keras on TensorFlow: set KERAS_BACKEND=tensorflow')
        network = predictor.load_keras(path)
        self.labels = predictor.read_labels(predictor.keras_file(path), network.output_shape[1])
        self.input_size = SIDE
        self.name = str(network.name)
        self._predict = predictor.keras_predictor(network)
        maps = [layer.output for layer in network.layers[1:]
                if isinstance(layer.output, keras.KerasTensor) and len(layer.output.shape) == 4
                and layer.output.shape[1] > 1]
        if not maps:
            raise InputError(f'{path} has no maps of features to look into; take --method '
                             'occlusion')
        self._both = keras.Model(network.input, [maps[-1], network.output])

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the probabilities, float (N, K), of uint8 (N, 48, 48)."""
        return self._predict(inputs)

    def weigh(self, face: np.ndarray, column: int) -> np.ndarray:
        """Return where the last maps of features speak for an emotion: Grad-CAM.

        The maps before the classifying layers are added up, each weighed by the mean gradient of
        the emotion's logit in it; what is below 0 is left out (Selvaraju et al. 2017, arXiv
        1610.02391, equations 1 and 2).

        Args:
            face: uint8 (48, 48).
            column: of the emotion.

        Returns:
            float32 (48, 48), 0 or more, enlarged bilinearly.
        """
        import tensorflow
        images = tensorflow.constant(face[None, :, :, None].astype(np.float32))
        with tensorflow.GradientTape() as tape:
            tape.watch(images)
            features, logits = self._both(images, training=False)
            logit = logits[:, column]
        gradient = np.asarray(tape.gradient(logit, features), np.float32)[0]
        weighed = (np.asarray(features, np.float32)[0] * gradient.mean(axis=(0, 1))).sum(axis=-1)
        return np.asarray(cv2.resize(np.maximum(weighed, 0), (SIDE, SIDE),
                                     interpolation=cv2.INTER_LINEAR), np.float32)
