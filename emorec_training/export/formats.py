# SPDX-License-Identifier: Apache-2.0
"""The exported network in other formats than ONNX, each compared with that."""

from collections.abc import Sequence
from contextlib import redirect_stdout
import dataclasses
import io
import os
from pathlib import Path
import tempfile
from typing import Any

from emorec_training.data.dataset import Dataset
from emorec_training.data.labels import LabelChoice
from emorec_training.evaluation.predictor import in_batches
from emorec_training.evaluation.predictor import Predict
from emorec_training.evaluation.temperature import FLOOR
from emorec_training.evaluation.temperature import KEPT
from emorec_training.evaluation.temperature import TemperatureScaling
from emorec_training.export import keras_to_onnx
from emorec_training.export import onnx_graph
from emorec_training.export.export import export
from emorec_training.export.export import Exported
from emorec_training.export.export import load_sources
from emorec_training.export.export import TOLERANCE
from emorec_vision.errors import InputError
from emorec_vision.files.access import make_folder
from emorec_vision.files.access import write_bytes
from emorec_vision.files.access import write_json
import keras
import numpy as np
import onnx

NAMES = {'keras': 'model.keras', 'h5': 'model.weights.h5', 'tflite': 'model.tflite',
         'savedmodel': 'model'}
"""File, or folder, that each format is made as."""


@dataclasses.dataclass(frozen=True)
class Compared:
    """How a file in another format answers, beside ONNX, on PublicTest.

    Attributes:
        done: the figures of the ONNX form.
        difference: largest of any probability, 0..1.
        agreement: share of images with the same label, 0..1.
    """

    done: Exported
    difference: float
    agreement: float


def export_format(sources: Sequence[Path], data: Dataset, choice: LabelChoice, target: Path,
                  kind: str, flip: bool = False) -> Compared:
    """Write the mean of trained networks in a format of NAMES, and a json beside it.

    It takes uint8 gray (N, 48, 48) and gives calibrated probabilities, float32 (N, C), as the
    ONNX file of `export` does. It is read back and compared with that first.

    Args:
        sources: .keras files, folders of runs, and files exported earlier.
        data: for comparison and calibration.
        choice: the labels.
        target: the file; with 'savedmodel' a folder that is not there yet.
        kind: one of NAMES.
        flip: whether each network also sees the mirror image.

    Raises:
        InputError: as `export`, if a probability differs by more than TOLERANCE, or the converter
            fails; nothing is written then.
    """
    images = data.split('public').images
    with tempfile.TemporaryDirectory(prefix='emorec-') as folder:
        done = export(sources, data, choice, Path(folder) / 'emotion.onnx', flip=flip)
        expected = onnx_graph.run_onnx(onnx.load(done.path), images)
    networks = [network for source in sources for network in load_sources(source, choice.names)]
    model = calibrated(keras_to_onnx.average(networks, flip), done.calibration)
    with tempfile.TemporaryDirectory(prefix='.emorec-', dir=make_folder(target.parent)) as place:
        written = Path(place) / NAMES[kind]
        try:
            with redirect_stdout(io.StringIO()):
                _write(model, kind, written)
                found = in_batches(_read(kind, written, model))(images)
        except Exception as error:  # each converter raises kinds of its own
            line = ' '.join(str(error).split())[:160]
            raise InputError(f'{kind}: its converter does not take this network '
                             f'({line})') from error
        compared = Compared(done, float(np.abs(found - expected).max()), float(
            (found.argmax(axis=1) == expected.argmax(axis=1)).mean()))
        if not compared.difference <= TOLERANCE:
            raise InputError(f'{kind} and ONNX differ by {compared.difference:.2g} on PublicTest, '
                             f'more than {TOLERANCE:g}; nothing was written')
        _put(written, target)
    write_json(target.with_name(f'{target.name}.json'), _about(kind, choice, compared, model))
    return compared


def calibrated(mean: keras.Model, calibration: TemperatureScaling) -> keras.Model:
    """Return a network of probabilities with temperature.calibrate behind it."""
    smoothing = calibration.smoothing / mean.output_shape[1]
    probabilities = keras.ops.maximum(mean.output - smoothing, KEPT * mean.output)
    logs = keras.ops.log(keras.ops.maximum(probabilities, FLOOR))
    return keras.Model(mean.input, keras.ops.softmax(logs / calibration.temperature),
                       name='emotion')


def _write(model: keras.Model, kind: str, path: Path) -> None:
    if kind == 'keras':
        model.save(path)
    elif kind == 'h5':
        model.save_weights(path)
    elif kind == 'savedmodel':
        model.export(path, format='tf_saved_model', verbose=False)
    else:
        import tensorflow
        folder = path.with_name('saved')
        model.export(folder, format='tf_saved_model', verbose=False)
        path.write_bytes(tensorflow.lite.TFLiteConverter.from_saved_model(str(folder)).convert())


def _read(kind: str, path: Path, model: keras.Model) -> Predict:
    """Return the prediction of what was written."""
    if kind == 'savedmodel':
        import tensorflow
        loaded = tensorflow.saved_model.load(str(path))
        return lambda images: np.asarray(loaded.serve(tensorflow.constant(images)))
    if kind == 'tflite':
        return lite_predictor(path)
    if kind == 'keras':
        again = keras.models.load_model(path, compile=False)
    else:
        again = keras.models.model_from_json(model.to_json())
        again.load_weights(path)
    return lambda images: np.asarray(again.predict_on_batch(images))


def lite_predictor(path: Path) -> Predict:
    """Return the prediction of a TFLite file, run by tf.lite.Interpreter."""
    import tensorflow
    interpreter = tensorflow.lite.Interpreter(model_path=str(path))
    place = interpreter.get_input_details()[0]['index']
    answer = interpreter.get_output_details()[0]['index']

    def predict(images: np.ndarray) -> np.ndarray:
        interpreter.resize_tensor_input(place, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, images)
        interpreter.invoke()
        return np.array(interpreter.get_tensor(answer))

    return predict


def _put(written: Path, target: Path) -> None:
    """Move what was written to its place in one step."""
    if written.is_file():
        write_bytes(target, written.read_bytes())
        return
    try:
        os.rename(written, target)
    except OSError as error:
        raise InputError(f'cannot write {target}: {error.strerror}') from None


def _about(kind: str, choice: LabelChoice, compared: Compared,
           model: keras.Model) -> dict[str, Any]:
    """Return what a reader of the file has to know."""
    done = compared.done
    about = {
        'format': kind, 'labels': list(choice.names),
        'input': 'uint8 gray faces (N, 48, 48), not scaled',
        'output': f'probabilities, float32 (N, {len(choice.names)}), in the order of labels',
        'public_test_images': done.images, 'public_test_accuracy': done.accuracy,
        'largest_difference_from_onnx': compared.difference,
        'equal_labels_with_onnx': compared.agreement}
    if kind == 'h5':
        about['architecture'] = model.to_json()
    return about
