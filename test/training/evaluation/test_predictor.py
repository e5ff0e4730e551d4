# SPDX-License-Identifier: Apache-2.0
"""Trained networks behind one call, whatever their file and labels."""
from collections.abc import Sequence
import json
from pathlib import Path
from typing import Any

from emorec_training.evaluation import metrics
from emorec_training.evaluation import predictor
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import numpy as np
from onnx_models import write_model
import pytest

EIGHT = (*EMOTIONS, 'Contempt')


def _levels(*levels: int) -> np.ndarray:
    """Return even images, uint8 (N, 48, 48)."""
    return np.repeat(np.array(levels, np.uint8), 48 * 48).reshape(-1, 48, 48)


def _save_network(path: Path, outputs: int) -> Any:
    """Save a small network with logits, and return it."""
    keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
    keras.utils.set_random_seed(0)
    network = keras.Sequential([
        keras.Input((48, 48, 1)), keras.layers.Rescaling(1 / 255),
        keras.layers.GlobalAveragePooling2D(), keras.layers.Dense(outputs)])
    path.parent.mkdir(parents=True, exist_ok=True)
    network.save(path)
    return network


@pytest.mark.parametrize('labels', [EMOTIONS, EMOTIONS[::-1]])
def test_an_onnx_file_of_the_seven_emotions_is_mapped_by_name(
        labels: Sequence[str], tmp_path: Path) -> None:
    """Column k of the file stands for labels[k]; the columns given are EMOTIONS'."""
    predict = predictor.open_predictor(write_model(tmp_path / 'a.onnx', labels))
    assert predict.labels == EMOTIONS
    told = predict(_levels(0, 36, 216)).argmax(axis=1)
    assert [EMOTIONS[index] for index in told] == [labels[0], labels[1], labels[6]]


@pytest.mark.parametrize('labels', [EIGHT, ('Sad', 'Happy')])
def test_an_onnx_file_of_other_labels_keeps_its_own(
        labels: tuple[str, ...], tmp_path: Path) -> None:
    """FER+ has eight labels, some studies have five; the live class takes neither."""
    path = write_model(tmp_path / 'a.onnx', labels, outputs=len(labels))
    predict = predictor.open_predictor(path)
    assert predict.labels == labels and predict.path == path
    probabilities = predict(_levels(0, 36))
    assert probabilities.shape == (2, len(labels))
    assert probabilities.argmax(axis=1).tolist() == [0, 1]


@pytest.mark.parametrize('arguments, message', [
    ({'labels': None}, 'does not name its labels'),
    ({'labels': ('Sad', 'Sad')}, 'its labels are'),
    ({'labels': 'no JSON'}, 'its labels are'),
    ({'labels': EIGHT, 'outputs': 9}, 'no probabilities of the 8 labels'),
    ({'labels': EIGHT, 'outputs': 8, 'softmax': False}, 'no probabilities of the 8 labels'),
    ({'labels': EIGHT, 'outputs': 8, 'size': 64}, 'does not take uint8 (N, 48, 48)'),
    ({'size': 64}, 'takes images of 64 px'),
    *(({'labels': labels, 'outputs': outputs, 'answer': answer}, message)
      for labels, outputs, message in ((EIGHT, 8, 'no probabilities of the 8 labels'),
                                       (EMOTIONS, 7, 'is not an emotion model of emorec: its out'))
      for answer in ('nan', 'one row', 'sequence')),
])
def test_an_onnx_file_that_cannot_be_trusted_is_refused(
        arguments: dict[str, Any], message: str, tmp_path: Path) -> None:
    """One line names the file and what is wrong with it."""
    path = write_model(tmp_path / 'a.onnx', **arguments)
    with pytest.raises(InputError) as error:
        predictor.open_predictor(path)
    assert str(path) in str(error.value) and message in str(error.value)
    assert '\n' not in str(error.value)


def test_a_keras_file_without_labels_beside_it_tells_the_seven_emotions(tmp_path: Path) -> None:
    """Its probabilities are the softmax of the logits, in any number of batches."""
    network = _save_network(tmp_path / 'a.keras', 7)
    predict = predictor.open_predictor(tmp_path / 'a.keras')
    assert predict.labels == EMOTIONS
    images = np.random.default_rng(0).integers(0, 256, (predictor.BATCH + 3, 48, 48), np.uint8)
    logits = network.predict(images[..., None].astype(np.float32), verbose=0)
    assert predict(images) == pytest.approx(metrics.softmax(logits), abs=1e-6)


@pytest.mark.parametrize('name', ['', 'model.keras'])
def test_a_runs_labels_are_those_of_its_result(name: str, tmp_path: Path) -> None:
    """The folder and the file in it are the same network."""
    _save_network(tmp_path / 'run' / 'model.keras', 3)
    labels = ['Sad', 'Happy', 'Neutral']
    (tmp_path / 'run' / 'result.json').write_text(json.dumps({'labels': labels}))
    predict = predictor.open_predictor(tmp_path / 'run' / name)
    assert predict.labels == tuple(labels)
    assert predict.path == tmp_path / 'run' / 'model.keras'


@pytest.mark.parametrize('result, message', [
    (None, 'has 3 outputs'), ('{"labels": ["Sad", "Happy"]}', 'has 3 outputs'),
    ('{"labels": 3}', 'has 3 outputs'), ('[', 'is no result of a training run'),
    ('[]', 'is no result of a training run')])
def test_labels_are_never_guessed(result: str | None, message: str, tmp_path: Path) -> None:
    """Three outputs of which nobody says what they mean are refused."""
    _save_network(tmp_path / 'model.keras', 3)
    if result is not None:
        (tmp_path / 'result.json').write_text(result)
    with pytest.raises(InputError, match=message):
        predictor.open_predictor(tmp_path / 'model.keras')


@pytest.mark.parametrize('name, content, message', [
    ('nowhere.onnx', None, 'there is no emotion model at'),
    ('nowhere.keras', None, 'no such model'),
    ('a.onnx', b'no graph', 'is no ONNX model or a damaged one'),
    ('a.keras', b'PK\x03\x04 no archive', 'is no Keras model or a damaged one'),
    ('a.csv', b'emotion,pixels,Usage', 'name a .keras or .onnx file')])
def test_what_is_no_model_is_refused(
        name: str, content: bytes | None, message: str, tmp_path: Path) -> None:
    """Missing, damaged and foreign files are told apart."""
    if name == 'a.keras':
        pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(InputError, match=message):
        predictor.open_predictor(tmp_path / name)


def test_a_network_for_other_images_is_refused(tmp_path: Path) -> None:
    """The shapes are named."""
    keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
    keras.Sequential([keras.Input((32, 32, 1)), keras.layers.Flatten(),
                      keras.layers.Dense(7)]).save(tmp_path / 'a.keras')
    with pytest.raises(InputError, match=r'maps \(None, 32, 32, 1\) to \(None, 7\)'):
        predictor.load_keras(tmp_path / 'a.keras')
