# SPDX-License-Identifier: Apache-2.0
"""The emotion model answers in one label order and refuses what it cannot trust."""

import os
from pathlib import Path
import subprocess
import sys

from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import installed_models
from emorec_vision.emotion.model import model_path
from emorec_vision.emotion.model import SHIPPED
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
import numpy as np
import onnx
from onnx import TensorProto
from onnx_models import LABELS
from onnx_models import write_model
import pytest


@pytest.fixture
def model_file(tmp_path: Path) -> Path:
    """Return a sound model file."""
    return write_model(tmp_path / 'model.onnx')


def gray(*levels: int, size: int = 48) -> np.ndarray:
    """Return one evenly gray face per level, uint8 (N, size, size)."""
    return np.stack([np.full((size, size), level, np.uint8) for level in levels])


def test_each_face_of_a_batch_gets_its_own_probabilities(model_file):
    probabilities = EmotionModel(model_file).predict(gray(0, 108, 216))
    assert probabilities.shape == (3, 7)
    assert probabilities.dtype == np.float32
    assert [EMOTIONS[i] for i in probabilities.argmax(axis=1)] == ['Angry', 'Happy', 'Neutral']
    assert np.allclose(probabilities.sum(axis=1), 1, atol=1e-5)


def test_a_batch_gives_what_single_faces_give(model_file):
    model = EmotionModel(model_file)
    faces = np.random.default_rng(0).integers(0, 256, (10, 48, 48)).astype(np.uint8)
    single = np.concatenate([model.predict(faces[i:i + 1]) for i in range(10)])
    assert np.allclose(model.predict(faces), single, atol=1e-6)


def test_no_face_gives_no_row(model_file):
    probabilities = EmotionModel(model_file).predict(np.zeros((0, 48, 48), np.uint8))
    assert probabilities.shape == (0, 7)
    assert probabilities.dtype == np.float32


def test_it_tells_its_name_labels_and_input_size(tmp_path):
    model = EmotionModel(write_model(tmp_path / 'm.onnx', size=64))
    assert (model.name, model.input_size, model.labels) == ('brightness', 64, EMOTIONS)
    assert 'labels' in model.description


@pytest.mark.parametrize('labels, expected', [
    (('Neutral', 'Happy', 'Surprise', 'Sad', 'Angry'),
     ('Angry', 'Happy', 'Sad', 'Surprise', 'Neutral')),
    (('Contempt', *LABELS[::-1]), (*LABELS, 'Contempt')),
    (('Bored', 'Keen', 'Sad', 'm\u00fcde'), ('Sad', 'Bored', 'Keen', 'm\u00fcde')),
])
def test_a_model_may_tell_any_emotions(tmp_path, labels, expected):
    model = EmotionModel(write_model(tmp_path / 'm.onnx', labels=labels, outputs=len(labels)))
    assert model.labels == expected
    told = model.predict(gray(*range(0, 36 * len(labels), 36)))
    assert [model.labels[column] for column in told.argmax(axis=1)] == list(labels)
    assert model.predict(gray(0)[:0]).shape == (0, len(labels))


def test_permuted_labels_are_mapped_by_name(tmp_path):
    permuted = LABELS[3:] + LABELS[:3]
    model = EmotionModel(write_model(tmp_path / 'm.onnx', labels=permuted))
    found = model.predict(gray(*range(0, 217, 36))).argmax(axis=1)
    assert [EMOTIONS[i] for i in found] == list(permuted)


@pytest.mark.parametrize('labels, told', [
    (None, 'does not name its labels'),
    (LABELS[:6] + ('Angry',), 'a name stands there twice'),
    (LABELS[:6] + ('',), "'' is no name"),
    (LABELS[:6] + (' ',), "' ' is no name"),
    (LABELS[:6] + ('Sad\nder',), "'Sad\\nder' is no name"),
    (LABELS[:6] + (7,), '7 is no name'),
    (LABELS[:6] + ('x' * 41,), 'a name has 41 characters, 40 at most'),
    ([f'label {number}' for number in range(65)], '65 of them, not 2 to 64'),
    (['Happy'], '1 of them'),
    ('Angry,Disgust', 'labels are Angry,Disgust: no JSON'),
    ('"Angry"', 'no list'),
    ('{"0": "Angry"}', '"0"'),
    ('7', 'labels are 7'),
    (LABELS[:6], 'its output for 2 is float32 (2, 7), not float32 (2, 6)'),
])
def test_labels_that_are_none_are_refused(tmp_path, labels, told):
    path = write_model(tmp_path / 'm.onnx', labels=labels)
    with pytest.raises(InputError) as refusal:
        EmotionModel(path)
    assert told in str(refusal.value)
    assert_one_line_about(refusal.value, path)


@pytest.mark.parametrize('other', [
    {'input_type': TensorProto.FLOAT},
    {'shape': ['N', 1, 48, 48], 'size': 48},
    {'shape': [1, 48, 48]},
    {'shape': ['N', 48, 64]},
    {'shape': ['N', 'H', 'W']},
    {'outputs': 8},
    {'softmax': False},
])
def test_a_model_of_another_form_is_refused(tmp_path, other):
    path = write_model(tmp_path / 'm.onnx', **other)
    with pytest.raises(InputError, match='not an emotion model') as refusal:
        EmotionModel(path)
    assert_one_line_about(refusal.value, path)


@pytest.mark.parametrize('content', [b'', b'hello, I am a text file\n', b'\x00' * 4096])
def test_a_file_that_is_no_model_is_refused(tmp_path, content):
    path = tmp_path / 'm.onnx'
    path.write_bytes(content)
    with pytest.raises(InputError) as refusal:
        EmotionModel(path)
    assert_one_line_about(refusal.value, path)


@pytest.mark.parametrize('share', [0.1, 0.5, 0.9, 0.99])
def test_a_truncated_model_is_refused(model_file, share):
    content = model_file.read_bytes()
    model_file.write_bytes(content[:int(len(content) * share)])
    with pytest.raises(InputError) as refusal:
        EmotionModel(model_file)
    assert_one_line_about(refusal.value, model_file)


@pytest.mark.parametrize('change, told', [
    ({'ir_version': 99}, 'Unsupported model IR version: 99, max supported IR version: '),
    ({'opset': 99}, 'official support for domain ai.onnx is till opset ')])
def test_a_model_for_a_newer_runtime_says_what_to_update(model_file, change, told):
    model = onnx.load(str(model_file))
    model.ir_version = change.get('ir_version', model.ir_version)
    model.opset_import[0].version = change.get('opset', model.opset_import[0].version)
    onnx.save(model, str(model_file))
    with pytest.raises(InputError) as refusal:
        EmotionModel(model_file)
    assert told in str(refusal.value)
    assert 'pip install --upgrade onnxruntime' in str(refusal.value)
    assert 'onnxruntime_src' not in str(refusal.value) and 'copy it' not in str(refusal.value)
    assert_one_line_about(refusal.value, model_file)


def test_the_end_of_a_long_reason_is_told(model_file):
    model = onnx.load(str(model_file))
    model.graph.node[0].op_type = 'Foo'
    model.graph.node[0].name = 'n' * 300
    onnx.save(model, str(model_file))
    with pytest.raises(InputError, match='No Op registered for Foo') as refusal:
        EmotionModel(model_file)
    assert_one_line_about(refusal.value, model_file)


def test_a_missing_model_and_a_folder_are_refused(tmp_path):
    for path in (tmp_path / 'none.onnx', tmp_path):
        with pytest.raises(InputError, match='there is no emotion model') as refusal:
            EmotionModel(path)
        assert_one_line_about(refusal.value, path)


@pytest.mark.parametrize('inputs', [
    np.zeros((1, 48, 48), np.float32), np.zeros((1, 47, 48), np.uint8),
    np.zeros((48, 48), np.uint8), np.zeros((1, 1, 48, 48), np.uint8)])
def test_inputs_of_another_kind_are_refused(model_file, inputs):
    with pytest.raises(ValueError, match='expected uint8'):
        EmotionModel(model_file).predict(inputs)


def test_nothing_is_written_to_standard_error(tmp_path, capfd):
    path = tmp_path / 'm.onnx'
    path.write_bytes(b'no model')
    with pytest.raises(InputError):
        EmotionModel(path)
    assert capfd.readouterr() == ('', '')


def test_it_runs_on_one_thread(model_file):
    before = len(list(Path('/proc/self/task').iterdir()))
    EmotionModel(model_file).predict(gray(7))
    assert len(list(Path('/proc/self/task').iterdir())) == before


@pytest.mark.parametrize('name', SHIPPED)
def test_a_shipped_model_of_a_sourced_workspace_is_found(tmp_path, monkeypatch, name):
    installed = tmp_path / 'share' / 'emorec' / 'models' / SHIPPED[name]
    installed.parent.mkdir(parents=True)
    write_model(installed)
    elsewhere = tmp_path / 'lib' / 'site-packages' / 'emorec_vision' / 'shipped.py'
    monkeypatch.setattr('emorec_vision.model_files.shipped.__file__', str(elsewhere))
    assert model_path(name) == installed
    monkeypatch.setattr('emorec_vision.model_files.shipped.__file__', '/nowhere/a/b/c.py')
    monkeypatch.setenv('AMENT_PREFIX_PATH', f'/opt/other:{tmp_path}')
    assert model_path(name) == installed
    monkeypatch.setenv('AMENT_PREFIX_PATH', '/opt/other')
    monkeypatch.setattr('sys.prefix', str(tmp_path))
    assert model_path(name) == installed
    monkeypatch.setattr('sys.prefix', '/opt/other')
    with pytest.raises(InputError, match=f'{SHIPPED[name]}, which comes with emorec, is missing'):
        model_path(name)


def test_each_name_stands_for_a_file_of_its_own(tmp_path, monkeypatch):
    models = tmp_path / 'models'
    models.mkdir()
    for file in SHIPPED.values():
        write_model(models / file)
    here = tmp_path / 'room' / 'model_files' / 'm.py'
    monkeypatch.setattr('emorec_vision.model_files.shipped.__file__', str(here))
    monkeypatch.setattr('sys.prefix', '/opt/other')
    monkeypatch.delenv('AMENT_PREFIX_PATH', raising=False)
    assert model_path('') == models / 'emotion.onnx'
    assert model_path('accurate') == models / 'emotion_accurate.onnx'
    assert model_path('ferplus') == models / 'emotion_ferplus.onnx'
    assert installed_models() == ['', 'accurate', 'ferplus']
    (models / 'emotion_ferplus.onnx').unlink()
    with pytest.raises(InputError, match='emotion_ferplus.onnx, .* is missing, .*; models that '
                                         'are there: the default, accurate$'):
        model_path('ferplus')


@pytest.mark.parametrize('path', ['mine.onnx', './accurate', 'models/accurate', '/a/b.onnx'])
def test_any_other_name_is_a_path(path):
    assert model_path(path) == Path(path)


def assert_one_line_about(error: InputError, path: Path) -> None:
    """Check that an error is one line that names the file."""
    assert '\n' not in str(error)
    assert str(path) in str(error)


def test_a_name_that_is_too_long_is_refused(tmp_path):
    with pytest.raises(InputError, match='cannot read .*: File name too long'):
        EmotionModel(tmp_path / ('a' * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_a_model_that_may_not_be_read_is_not_called_damaged(model_file):
    model_file.chmod(0)
    with pytest.raises(InputError, match='cannot read .*: Permission denied'):
        EmotionModel(model_file)


def test_the_runtime_reports_to_nobody(tmp_path: Path) -> None:
    """ONNX Runtime's telemetry is off; where it is on, it complains of a home it cannot write."""
    model = write_model(tmp_path / 'model.onnx')
    code = ('import os, sys; from pathlib import Path; '
            'from emorec_vision.emotion.model import EmotionModel; '
            f'EmotionModel(Path({str(model)!r})); print(os.environ["ORT_DISABLE_TELEMETRY"])')
    environment = {name: value for name, value in os.environ.items()
                   if name != 'ORT_DISABLE_TELEMETRY'}
    result = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True,
                            env={**environment, 'HOME': '/proc/nope'})
    assert result.stdout == '1\n'
    assert 'telemetry' not in result.stderr


def test_a_model_whose_text_is_damaged_prints_nothing_beside_its_line(model_file, capfd):
    data = model_file.read_bytes()
    model_file.write_bytes(data.replace(b'brightness', b'\xc9rightness'))
    with pytest.raises(InputError) as refusal:
        EmotionModel(model_file)
    assert_one_line_about(refusal.value, model_file)
    assert capfd.readouterr() == ('', '')
