# SPDX-License-Identifier: Apache-2.0
"""What is exported in other formats answers like ONNX, from the same bytes."""
import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotions import EMOTIONS
import numpy as np
import pytest
from small_networks import save_run

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
tensorflow = pytest.importorskip('tensorflow', reason='the training extra is not installed')


@pytest.fixture(scope='module')
def run(tiny_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a run."""
    folder = tmp_path_factory.mktemp('runs') / 'a'
    return save_run(folder, load_csv(tiny_csv).split('training'))


@pytest.fixture(scope='module')
def expected(run: Path, tiny_csv: Path) -> np.ndarray:
    """Return what the ONNX file answers to all images."""
    path = run / 'emotion.onnx'
    assert main(['emotions', 'export', str(run), str(tiny_csv), '--out', str(path)]) == 0
    return EmotionModel(path).predict(load_csv(tiny_csv).images)


def answers(kind: str, path: Path, about: dict, images: np.ndarray) -> np.ndarray:
    """Return what a file answers, read as its users would."""
    if kind == 'tflite':
        interpreter = tensorflow.lite.Interpreter(model_path=str(path))
        place = interpreter.get_input_details()[0]['index']
        interpreter.resize_tensor_input(place, images.shape)
        interpreter.allocate_tensors()
        interpreter.set_tensor(place, images)
        interpreter.invoke()
        return interpreter.get_tensor(interpreter.get_output_details()[0]['index'])
    if kind == 'savedmodel':
        loaded = tensorflow.saved_model.load(str(path))
        return loaded.serve(tensorflow.constant(images)).numpy()
    if kind == 'keras':
        return keras.models.load_model(path).predict_on_batch(images)
    model = keras.models.model_from_json(about['architecture'])
    model.load_weights(path)
    return model.predict_on_batch(images)


@pytest.mark.parametrize('kind, name', [('savedmodel', 'saved'), ('keras', 'emotion.keras'),
                                        ('h5', 'emotion.weights.h5'),
                                        ('tflite', 'emotion.tflite')])
def test_it_answers_like_onnx(run: Path, expected: np.ndarray, tiny_csv: Path, tmp_path: Path,
                              capsys: pytest.CaptureFixture[str], kind: str, name: str) -> None:
    """Bytes in, calibrated probabilities out; labels and figures lie beside it."""
    path = tmp_path / 'new' / name
    assert main(['emotions', 'export', str(run), str(tiny_csv), '--format', kind,
                 '--out', str(path)]) == 0
    told = capsys.readouterr().out
    about = json.loads((tmp_path / 'new' / f'{name}.json').read_text())
    assert f'{kind} against ONNX on PublicTest: ' in told and '100.00% of labels equal' in told
    assert about['labels'] == list(EMOTIONS) and about['equal_labels_with_onnx'] == 1
    assert about['largest_difference_from_onnx'] < 1e-4
    found = answers(kind, path, about, load_csv(tiny_csv).images)
    assert np.abs(found - expected).max() < 1e-4
    assert sorted(each.name for each in path.parent.iterdir()) == sorted([name, f'{name}.json'])


@pytest.mark.parametrize('options, complaint', [
    (['--format', 'tfjs', '--out', 'web'], 'tensorflowjs 4.22'),
    (['--format', 'tflite', '--out', 'a.onnx'], 'name a file that ends in .tflite'),
    (['--format', 'savedmodel', '--out', '.'], 'name a folder that is not there yet'),
    (['--format', 'keras', '--int8', '--out', 'a.keras'], '--int8 belongs to --format onnx')])
def test_what_does_not_work_is_told_in_one_line(
        run: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str], options: list[str],
        complaint: str) -> None:
    """Before Keras begins to work."""
    assert main(['emotions', 'export', str(run), str(tiny_csv), *options]) == 2
    error = capsys.readouterr().err
    assert complaint in error and error.count('\n') == 1
