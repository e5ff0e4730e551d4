# SPDX-License-Identifier: Apache-2.0
"""Trained networks, Keras or ONNX, behind one call."""

from collections.abc import Callable
from collections.abc import Sequence
import dataclasses
import math
from pathlib import Path
import sys
from typing import Any

from emorec_training.data.dataset import SIDE
from emorec_training.evaluation.metrics import softmax
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import open_session
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.files.access import read_file
from emorec_vision.files.json_text import parse_json
import numpy as np
import tqdm

Predict = Callable[[np.ndarray], np.ndarray]
"""From gray images, uint8 (N, 48, 48), to probabilities (N, C)."""

BATCH: int = 256


@dataclasses.dataclass(frozen=True)
class Predictor:
    """A trained network, from gray images to probabilities.

    Attributes:
        predict: from uint8 (N, 48, 48) to float (N, C).
        labels: the C names in the order of the columns.
        path: the file it was read from.
    """

    predict: Predict
    labels: tuple[str, ...]
    path: Path

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the probabilities of images uint8 (N, 48, 48), float (N, C)."""
        return self.predict(images)


def open_predictor(path: Path) -> Predictor:
    """Open the network in a .onnx or .keras file, or in a training run's folder.

    Raises:
        InputError: if it is missing, damaged, or of another kind.
    """
    if path.suffix == '.onnx':
        return _open_onnx(path)
    model = load_keras(path)
    file = keras_file(path)
    return Predictor(keras_predictor(model), read_labels(file, model.output_shape[1]), file)


def keras_file(path: Path) -> Path:
    """Return the .keras file that a path stands for: itself, or the weights of a run's folder."""
    return path / 'model.keras' if path.is_dir() else path


def check_keras_file(path: Path) -> None:
    """Check, without Keras, that a path names a .keras file or the folder of a run.

    Raises:
        InputError: if it does not.
    """
    path = keras_file(path)
    if path.suffix == '.onnx' and path.is_file():
        raise InputError(f'{path}: here a .keras file is needed, or the folder that "emorec '
                         'emotions train" wrote')
    if path.suffix != '.keras' or not path.is_file():
        raise InputError(f'{path}: no such model; name a .keras or .onnx file, or the folder '
                         'that "emorec emotions train" wrote')


def load_keras(path: Path) -> Any:
    """Return the keras.Model with logits in a .keras file, or in a training run's folder.

    Raises:
        InputError: if it is missing, damaged, or of another kind.
    """
    check_keras_file(path)
    path = keras_file(path)
    # what networks of ours consist of beside Keras' own layers, by which it knows their names
    from emorec_training.networks.layers import hog  # noqa: F401
    from emorec_training.networks.layers import support_vectors  # noqa: F401
    import keras
    try:
        model = keras.models.load_model(path, compile=False)
    except Exception as error:  # Keras raises many kinds for a damaged archive
        line = ' '.join(str(error).split())[:160]
        raise InputError(f'{path} is no Keras model or a damaged one ({line})') from error
    if model.input_shape != (None, SIDE, SIDE, 1) or len(model.output_shape) != 2:
        raise InputError(f'{path} maps {model.input_shape} to {model.output_shape}, but an '
                         f'emotion network maps (None, {SIDE}, {SIDE}, 1) to (None, labels)')
    return model


def read_labels(file: Path, outputs: int) -> tuple[str, ...]:
    """Return the labels of a .keras file: those in result.json beside it, or EMOTIONS.

    Args:
        file: the .keras file.
        outputs: of the network.

    Raises:
        InputError: if there is another number of labels than of outputs.
    """
    labels = read_result(file.parent).get('labels', EMOTIONS)
    if not _are_labels(labels) or len(labels) != outputs:
        raise InputError(f'{file} has {outputs} outputs, but result.json beside it does not name '
                         f'{outputs} labels; keep the files of a training run together')
    return tuple(labels)


def read_result(folder: Path) -> dict[str, Any]:
    """Return what result.json in a run's folder says; nothing if there is none.

    Raises:
        InputError: if it is damaged.
    """
    path = folder / 'result.json'
    if not path.is_file():
        return {}
    try:
        result = parse_json(read_file(path))
    except ValueError as error:
        raise InputError(f'{path} is no result of a training run ({error})') from error
    if not isinstance(result, dict):
        raise InputError(f'{path} is no result of a training run')
    return result


def saw_imagenet(path: Path) -> bool:
    """Tell whether a trained network, or what taught it, began with ImageNet's weights.

    Args:
        path: .onnx or .keras file, or a training run's folder.

    Raises:
        InputError: if it is missing, or result.json beside it is damaged.
    """
    if path.suffix == '.onnx':
        about = open_session(path).get_modelmeta().custom_metadata_map
        return bool(about.get('saw_imagenet') == 'true')
    return read_result(keras_file(path).parent).get('saw_imagenet') is True


def check_labels(path: Path, labels: Sequence[str], wanted: Sequence[str]) -> None:
    """Check that a network tells the labels apart that are asked for.

    Args:
        path: the network, for the error.
        labels: what it knows.
        wanted: what is asked for.

    Raises:
        InputError: if these differ.
    """
    if tuple(labels) != tuple(wanted):
        raise InputError(f'{path} tells {", ".join(labels)} apart, but the labels asked for are '
                         f'{", ".join(wanted)}: give the --labels, --classes and --ferplus that '
                         'it was trained with')


def keras_predictor(model: Any) -> Predict:
    """Return the prediction of a keras.Model whose outputs are logits."""
    import keras

    def predict(images: np.ndarray) -> np.ndarray:
        logits = model.predict_on_batch(images[..., None].astype(np.float32))
        return softmax(keras.ops.convert_to_numpy(logits))

    return in_batches(predict)


def in_batches(predict: Predict) -> Predict:
    """Return `predict` applied to at most BATCH images at a time, with a progress bar."""
    def run(images: np.ndarray) -> np.ndarray:
        parts = np.array_split(images, max(1, math.ceil(len(images) / BATCH)))
        bar = tqdm.tqdm(parts, desc='images', unit='batch', delay=1, leave=False,
                        file=sys.stderr, disable=None if len(parts) > 1 else True)
        return np.concatenate([predict(part) for part in bar])

    return run


def _open_onnx(path: Path) -> Predictor:
    """Return the network of an ONNX file, the seven emotions as the live class reads them."""
    session = open_session(path)
    text = session.get_modelmeta().custom_metadata_map.get('labels', '')
    try:
        labels = parse_json(text)
    except ValueError:
        labels = None
    if not _are_labels(labels) or sorted(labels) == sorted(EMOTIONS):
        model = EmotionModel(path)
        if model.input_size != SIDE:
            raise InputError(f'{path} takes images of {model.input_size} px; those of FER2013 '
                             f'are {SIDE} px')
        return Predictor(in_batches(model.predict), EMOTIONS, path)
    _check_graph(session, path, len(labels))
    name = session.get_inputs()[0].name
    return Predictor(in_batches(lambda images: session.run(None, {name: images})[0]),
                     tuple(labels), path)


def _check_graph(session: Any, path: Path, outputs: int) -> None:
    """Raise InputError unless the graph gives probabilities of `outputs` labels."""
    inputs = session.get_inputs()
    try:
        output = session.run(None, {inputs[0].name: np.full((2, SIDE, SIDE), 128, np.uint8)})[0]
    except Exception as error:  # ONNX Runtime's errors share no narrower base class
        found = ', '.join(f'{each.type} {each.shape}' for each in inputs) or 'none'
        raise InputError(f'{path} does not take uint8 (N, {SIDE}, {SIDE}): its input is '
                         f'{found}') from error
    if (not isinstance(output, np.ndarray) or output.dtype.kind != 'f'
            or output.shape != (2, outputs) or not output.min() >= 0
            or not np.abs(output.sum(axis=1) - 1).max() <= 1e-3):
        raise InputError(f'{path} gives no probabilities of the {outputs} labels that it names; '
                         'make one with "emorec emotions export"')


def _are_labels(labels: object) -> bool:
    """Return whether this is a list of at least two different names."""
    return (isinstance(labels, (list, tuple)) and len(labels) > 1
            and all(isinstance(name, str) for name in labels)
            and len(set(labels)) == len(labels))
