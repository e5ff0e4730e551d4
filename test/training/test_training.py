# SPDX-License-Identifier: Apache-2.0
"""From the csv to the ONNX file by the commands a user types, on 200 drawn pictures."""
from collections.abc import Iterator
import json
import os
from pathlib import Path
import signal
import subprocess
import sys
from types import ModuleType

import cv2
from emorec_cli.main import main
from emorec_vision.emotion_model import EmotionModel
from emorec_vision.emotions import EMOTIONS
import numpy as np
import pytest

from .conftest import COUNTS

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('tensorflow', reason='the training extra (TensorFlow) is not installed')
onnx = pytest.importorskip('onnx', reason='the training extra (onnx) is not installed')
pytestmark = pytest.mark.timeout(300)
FLAGS = ['--epochs', '4', '--batch-size', '16', '--warmup-epochs', '0.5', '--lr', '0.05',
         '--ema-decay', '0.9', '--shift', '0', '--rotation', '0', '--erase', '0']
FILES = ['architecture.txt', 'checkpoint.npz', 'config.yaml', 'learning_curves.png',
         'model.keras', 'result.json']


@pytest.fixture(scope='module')
def run(tiny_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an uninterrupted training run."""
    folder = tmp_path_factory.mktemp('runs') / 'whole'
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(folder), *FLAGS]) == 0
    return folder


@pytest.fixture(scope='module')
def exported(run: Path, tiny_csv: Path) -> Path:
    """Return that run's network as ONNX."""
    path = run / 'exported' / 'emotion.onnx'
    assert main(['emotions', 'export', str(run), str(tiny_csv), '--out', str(path)]) == 0
    return path


@pytest.fixture(scope='module')
def dataset() -> Iterator[ModuleType]:
    """Return the module that reads the csv."""
    from emorec_training import dataset
    yield dataset


def test_a_run_leaves_its_weights_settings_and_curves(run: Path) -> None:
    """Nothing temporary stays, and the settings say what was asked for."""
    assert sorted(path.name for path in run.iterdir() if path.is_file()) == FILES
    assert cv2.imread(str(run / 'learning_curves.png')).shape[0] >= 300
    architecture = (run / 'architecture.txt').read_text()
    assert 'conv2d' in architecture and '53.4 million multiply-adds' in architecture
    result = json.loads((run / 'result.json').read_text())
    assert result['epochs'] == 4 and result['left_out_rows'] == 0


def test_a_network_learns_what_it_is_shown(run: Path) -> None:
    """Seven kinds of bars are told apart far above chance after a few steps."""
    assert json.loads((run / 'result.json').read_text())['public_accuracy'] > 0.4


def test_a_killed_run_that_is_resumed_equals_an_uninterrupted_one(
        run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """After kill -9 in the middle, --resume ends with the same weights and history."""
    folder = tmp_path / 'killed'
    command = [sys.executable, '-m', 'emorec_cli.main', 'emotions', 'train', str(tiny_csv),
               '--out', str(folder), *FLAGS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          cwd=Path(__file__).parents[2]) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith('epoch 1/4: loss ')
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(folder), '--resume']) == 0
    with np.load(folder / 'checkpoint.npz') as killed, np.load(run / 'checkpoint.npz') as whole:
        assert set(killed) == set(whole)
        for name in set(whole) - {'history'}:
            assert np.allclose(killed[name], whole[name], rtol=1e-3, atol=1e-4), name
        losses = [[record['public_loss'] for record in json.loads(str(state['history']))]
                  for state in (killed, whole)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-3)


def test_an_earlier_run_is_not_overwritten(
        run: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hours of training are not lost by a repeated command."""
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(run), *FLAGS]) == 2
    assert 'holds an earlier run: add --resume' in capsys.readouterr().err


def test_a_run_cannot_be_resumed_with_other_settings(
        run: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Weights that do not fit the network are named as such."""
    arguments = ['emotions', 'train', str(tiny_csv), '--out', str(run), '--resume']
    assert main([*arguments, '--network', 'original']) == 2
    assert 'was made with other settings' in capsys.readouterr().err


def test_the_exported_file_equals_keras(
        run: Path, exported: Path, tiny_csv: Path, dataset: ModuleType) -> None:
    """Raw gray levels go in: scaling and softmax are inside the graph."""
    from emorec_training.models import open_predictor
    images = dataset.load_csv(tiny_csv).images
    expected = open_predictor(run)(images)
    assert np.abs(EmotionModel(exported).predict(images) - expected).max() < 1e-5
    assert np.ptp(expected, axis=0).max() > 0.05, 'the network tells nothing apart'


def test_the_exported_file_describes_itself(
        run: Path, exported: Path, tiny_csv: Path, dataset: ModuleType) -> None:
    """Label order, size, data, accuracy, revision and licence travel with the model."""
    metadata = {entry.key: entry.value for entry in onnx.load(exported).metadata_props}
    assert json.loads(metadata['labels']) == list(EMOTIONS)
    assert metadata['input_size'] == '48'
    assert metadata['data_sha256'] == dataset.load_csv(tiny_csv).digest
    result = json.loads((run / 'result.json').read_text())
    assert float(metadata['public_test_accuracy']) == pytest.approx(
        result['public_accuracy'], abs=1e-4)
    assert metadata['revision'] and 'FER2013' in metadata['licence']


def test_an_export_that_differs_from_keras_writes_nothing(
        run: Path, tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The comparison stands between the network and the file."""
    from emorec_training import export

    def with_wrong_scaling(network: object) -> object:
        inputs = keras.Input((48, 48), dtype='uint8')
        halved = keras.layers.Rescaling(0.5)(keras.layers.Reshape((48, 48, 1))(inputs))
        return keras.Model(inputs, keras.layers.Softmax()(network(halved)))  # type: ignore

    monkeypatch.setattr(export, 'wrap_for_inference', with_wrong_scaling)
    target = tmp_path / 'new' / 'emotion.onnx'
    assert main(['emotions', 'export', str(run), str(tiny_csv), '--out', str(target)]) == 2
    assert 'differ by' in capsys.readouterr().err
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize('kind', ['onnx', 'keras'])
def test_evaluation_is_the_same_for_both_kinds_of_file(
        run: Path, exported: Path, kind: str, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The printed accuracy is that of the run, whatever the file."""
    model = exported if kind == 'onnx' else run / 'model.keras'
    assert main(['emotions', 'evaluate', str(model), str(tiny_csv), '--out', str(tmp_path)]) == 0
    accuracy = json.loads((run / 'result.json').read_text())['public_accuracy']
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == f'{COUNTS["PublicTest"]} pictures'
    assert lines[-1] == f'Accuracy on test set: {accuracy:.1%}'
    figures = json.loads((tmp_path / 'evaluation.json').read_text())
    assert np.sum(figures['confusion'], axis=1).tolist() == [6] * 7
    assert np.trace(figures['confusion']) / 42 == figures['accuracy']
    assert (tmp_path / 'confusion.png').is_file()


def test_a_folder_of_pictures_can_be_evaluated(
        exported: Path, tiny_csv: Path, tmp_path: Path, dataset: ModuleType,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The figures of PublicTest written out as pictures are those of the csv."""
    public = dataset.load_csv(tiny_csv).split('public')
    for number, (image, label) in enumerate(zip(public.images, public.labels)):
        (tmp_path / EMOTIONS[label]).mkdir(exist_ok=True)
        cv2.imwrite(str(tmp_path / EMOTIONS[label] / f'im{number}.png'), image)
    figures = []
    for data in (tmp_path, tiny_csv):
        assert main(['emotions', 'evaluate', str(exported), str(data), '--json']) == 0
        figures.append(json.loads(capsys.readouterr().out))
    assert figures[0]['confusion'] == figures[1]['confusion']


def test_private_test_is_read_only_on_record(
        exported: Path, tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """It takes --final, and each reading is one line in the list."""
    from emorec_training import evaluate
    log = tmp_path / 'private_test.csv'
    monkeypatch.setattr(evaluate, 'PRIVATE_LOG', log)
    command = ['emotions', 'evaluate', str(exported), str(tiny_csv)]
    for arguments in (['--split', 'private'], ['--final']):
        assert main(command + arguments) == 2
        assert 'PrivateTest is read with' in capsys.readouterr().err
    assert not log.exists()
    for _ in range(2):
        assert main([*command, '--split', 'private', '--final']) == 0
    lines = log.read_text().splitlines()
    assert lines[0] == 'date,revision,model,model_sha256,accuracy'
    assert len(lines) == 3 and len(lines[1].split(',')[3]) == 64


@pytest.mark.parametrize('arguments, message', [
    (['train'], 'name either the official fer2013.csv'),
    (['train', 'nowhere.csv'], 'nowhere.csv: cannot be read'),
    (['train', '--train-dir', '.'], 'both --train-dir and --test-dir'),
    (['train', 'x.csv', '--lr', '99'], 'optimizer.lr: 99.0 is outside'),
    (['train', 'x.csv', '--out', 'nowhere', '--resume'], 'nowhere/config.yaml: cannot be read'),
    (['evaluate', 'nowhere.onnx', 'CSV'], 'there is no emotion model at nowhere.onnx'),
    (['evaluate', 'nowhere.keras', 'CSV'], 'nowhere.keras: no such model'),
    (['evaluate', 'CSV', 'CSV'], 'name a .keras or .onnx file'),
    (['evaluate', 'BROKEN', 'CSV'], 'is no Keras model or a damaged one'),
    (['train', 'CSV', '--out', 'BROKEN/run'], 'broken.keras/run cannot be made'),
    (['export', 'BROKEN', 'CSV', '--out', 'x.onnx'], 'is no Keras model or a damaged one'),
])
def test_bad_input_gets_one_line(
        tiny_csv: Path, tmp_path: Path, arguments: list[str], message: str,
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, exit status 2, nothing written."""
    broken = tmp_path / 'broken.keras'
    broken.write_bytes(b'PK\x03\x04 no archive')
    monkeypatch.chdir(tmp_path)
    names = {'CSV': str(tiny_csv), 'BROKEN': str(broken)}
    for name, path in names.items():
        arguments = [part.replace(name, path) for part in arguments]
    assert main(['emotions', *arguments]) == 2
    errors = capsys.readouterr().err
    assert errors.startswith('emorec: ') and errors.count('\n') == 1
    assert message in errors
    assert os.listdir(tmp_path) == ['broken.keras']


def test_help_gives_every_setting_and_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    """The options of the original project are there under its names."""
    with pytest.raises(SystemExit) as end:
        main(['emotions', 'train', '--help'])
    text = capsys.readouterr().out
    assert end.value.code == 0
    for flag in ('--batch-size', '--epochs', '--kernel-size', '--dropout', '--l2', '--lr',
                 '--decay', '--patience', '--train-dir', '--test-dir'):
        assert flag in text
    assert 'highest learning rate (default: 0.1)' in text
