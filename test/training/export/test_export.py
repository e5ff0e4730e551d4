# SPDX-License-Identifier: Apache-2.0
"""The exported file answers like Keras, is calibrated, and says what it is."""
import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import load_csv
from emorec_training.data.labels import LabelChoice
from emorec_training.data.split_folders import write_folders
from emorec_training.evaluation import metrics
from emorec_training.evaluation import predictor
from emorec_training.evaluation import temperature
from emorec_training.provenance import file_sha256
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotions import EMOTIONS
from fer_csv import TRAIN_FLAGS
import numpy as np
import pytest
from small_networks import save_run

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
pytest.importorskip('tensorflow', reason='the training extra (TensorFlow) is not installed')
onnx = pytest.importorskip('onnx', reason='the training extra (onnx) is not installed')

FIVE = 'Angry,Happy,Sad,Surprise,Neutral'


@pytest.fixture(scope='module')
def data(tiny_csv: Path) -> Dataset:
    """Return the drawn images."""
    return load_csv(tiny_csv)


@pytest.fixture(scope='module')
def runs(data: Dataset, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return the folders of two runs."""
    folder = tmp_path_factory.mktemp('runs')
    return [save_run(folder / name, data.split('training'), seed)
            for seed, name in enumerate(('a', 'b'))]


@pytest.fixture(scope='module')
def exported(runs: list[Path], tiny_csv: Path) -> Path:
    """Return the first run's network as ONNX."""
    return export(runs[:1], tiny_csv, runs[0] / 'new' / 'emotion.onnx')


def export(runs: list[Path], csv: Path, target: Path, *flags: str) -> Path:
    """Export by the command a user types."""
    sources = [str(run) for run in runs]
    assert main(['emotions', 'export', *sources, str(csv), '--out', str(target), *flags]) == 0
    return target


def metadata_of(path: Path) -> dict[str, str]:
    """Return the metadata of an ONNX file."""
    return {entry.key: entry.value for entry in onnx.load(path).metadata_props}


def calibration_of(path: Path) -> temperature.TemperatureScaling:
    """Return what the metadata tells about the calibration of an ONNX file."""
    metadata = metadata_of(path)
    return temperature.TemperatureScaling(
        float(metadata['temperature']), float(metadata['undone_smoothing']))


def keras_answers(run: Path, images: np.ndarray) -> np.ndarray:
    """Return what Keras answers, without calibration."""
    return np.asarray(predictor.open_predictor(run)(images))


def test_the_file_equals_keras_at_its_temperature(
        runs: list[Path], exported: Path, data: Dataset) -> None:
    """Raw gray levels go in: scaling, temperature and softmax are inside the graph."""
    fitted = calibration_of(exported)
    expected = temperature.calibrate(keras_answers(runs[0], data.images), fitted)
    assert np.abs(EmotionModel(exported).predict(data.images) - expected).max() < 1e-3
    assert metrics.accuracy(expected, data.labels) > 0.8, 'the network tells nothing apart'
    assert abs(fitted.temperature - 1) > 0.05, 'the temperature changes nothing'


def test_several_networks_and_mirror_images_are_averaged_in_one_graph(
        runs: list[Path], tiny_csv: Path, data: Dataset, tmp_path: Path) -> None:
    """Softmax of the logarithm of the mean probability by the temperature, for any batch."""
    path = export(runs, tiny_csv, tmp_path / 'both.onnx', '--flip')
    metadata = metadata_of(path)
    mean = np.mean([keras_answers(run, images) for run in runs
                    for images in (data.images, data.images[:, :, ::-1])], axis=0)
    expected = temperature.calibrate(mean, calibration_of(path))
    model = EmotionModel(path)
    assert np.abs(model.predict(data.images) - expected).max() < 1e-3
    assert np.abs(model.predict(data.images[:1]) - expected[:1]).max() < 1e-3
    assert json.loads(metadata['networks']) == ['compact_resnet', 'compact_resnet']
    assert json.loads(metadata['mirrored']) is True
    assert json.loads(metadata['kernel_sizes']) == [16, 16]


def test_the_file_describes_itself(runs: list[Path], exported: Path, data: Dataset) -> None:
    """Label order, size, data, accuracy, sources, revision and licence travel with it."""
    metadata = metadata_of(exported)
    public = data.split('public')
    accuracy = metrics.accuracy(EmotionModel(exported).predict(public.images), public.labels)
    assert json.loads(metadata['labels']) == list(EMOTIONS)
    assert (metadata['name'], metadata['input_size']) == ('compact_resnet', '48')
    assert metadata['data_sha256'] == data.digest
    assert float(metadata['public_test_accuracy']) == pytest.approx(accuracy, abs=1e-4)
    assert metadata['public_test_pictures'] == '42'
    assert metadata['precision'] == 'float32'
    assert json.loads(metadata['sources_sha256']) == [file_sha256(runs[0] / 'model.keras')]
    assert metadata['revision'] and 'FER2013' in metadata['licence']


def test_own_images_in_folders_go_the_whole_way(
        data: Dataset, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A folder of splits stands for the csv, and the file names no licence of FER2013's."""
    own, run = tmp_path / 'own', tmp_path / 'run'
    write_folders(data, own)
    (own / 'Training').rename(own / 'train')
    (own / 'PublicTest').rename(own / 'test')
    (own / 'train' / 'Bored').mkdir()
    assert main(['emotions', 'train', str(own), *TRAIN_FLAGS, '--epochs', '1', '--network',
                 'original', '--out', str(run)]) == 0
    assert f'left alone, named after no emotion: {own}/train/Bored' in capsys.readouterr().err
    metadata = metadata_of(export([run], own, tmp_path / 'own.onnx'))
    assert metadata['public_test_pictures'] == '42'
    assert metadata['data_sha256'] != data.digest
    assert metadata['licence'].startswith('The images it learnt from have terms of their own')
    assert main(['emotions', 'evaluate', str(tmp_path / 'own.onnx'), str(own / 'test')]) == 0
    assert main(['emotions', 'evaluate', str(tmp_path / 'own.onnx'), str(own)]) == 2
    assert 'it has PrivateTest, test, train' in capsys.readouterr().err
    assert main(['emotions', 'train', str(own), '--labels', 'ferplus']) == 2
    assert 'folders name their labels' in capsys.readouterr().err


def test_int8_keeps_the_accuracy_and_is_smaller(
        runs: list[Path], exported: Path, tiny_csv: Path, data: Dataset, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The weights are stored in eight bits, and the answers stay."""
    path = export(runs[:1], tiny_csv, tmp_path / 'small.onnx', '--int8')
    assert metadata_of(path)['precision'].startswith('int8')
    assert 'of answers equal' in capsys.readouterr().out
    kinds = [node.op_type for node in onnx.load(path).graph.node]
    assert 'QuantizeLinear' in kinds and 'DequantizeLinear' in kinds
    public = data.split('public')
    accuracies = [metrics.accuracy(EmotionModel(file).predict(public.images), public.labels)
                  for file in (path, exported)]
    assert accuracies[0] >= accuracies[1] - 0.003


def test_int8_that_loses_too_much_writes_nothing(
        runs: list[Path], tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """A quantised network that answers otherwise is refused with both accuracies."""
    from emorec_training.export import quantize

    def spoil(network: 'onnx.ModelProto', images: np.ndarray) -> tuple['onnx.ModelProto', int]:
        for weights in network.graph.initializer:
            values = onnx.numpy_helper.to_array(weights)
            if values.dtype == np.float32 and values.shape == (48, 7):
                weights.CopyFrom(onnx.numpy_helper.from_array(-values, weights.name))
        return network, 8

    monkeypatch.setattr(quantize, 'quantize', spoil)
    target = tmp_path / 'new' / 'emotion.onnx'
    assert main(['emotions', 'export', str(runs[0]), str(tiny_csv), '--int8',
                 '--out', str(target)]) == 2
    assert 'a loss above 0.3%; nothing was written' in capsys.readouterr().err
    assert list(target.parent.iterdir()) == []


def test_an_export_that_differs_from_keras_writes_nothing(
        runs: list[Path], tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The comparison stands between the network and the file."""
    from emorec_training.export import keras_to_onnx
    convert = keras_to_onnx.convert
    monkeypatch.setattr(
        keras_to_onnx, 'convert', lambda network: convert(predictor.load_keras(runs[1])))
    target = tmp_path / 'new' / 'emotion.onnx'
    assert main(['emotions', 'export', str(runs[0]), str(tiny_csv), '--out', str(target)]) == 2
    assert 'differ by' in capsys.readouterr().err
    assert list(target.parent.iterdir()) == []


@pytest.mark.parametrize('name', ['model.json', 'model', 'model.ONNX', 'folder.onnx'])
def test_the_file_is_called_what_it_is(
        name: str, runs: list[Path], tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Whatever else the suffix says, no command would open it."""
    (tmp_path / 'folder.onnx').mkdir()
    assert main(['emotions', 'export', str(runs[0]), str(tiny_csv), '--out',
                 str(tmp_path / name)]) == 2
    assert f'{name}: name a file that ends in .onnx' in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ['folder.onnx']


def test_a_network_of_other_labels_needs_their_names(
        data: Dataset, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Five classes are exported with the same --classes that trained them, and not without."""
    names = tuple(FIVE.split(','))
    run = save_run(tmp_path / 'five', LabelChoice(classes=names).split(data, 'training'))
    target = tmp_path / 'five.onnx'
    command = ['emotions', 'export', str(run), str(tiny_csv), '--out', str(target)]
    assert main(command) == 2
    assert 'give the --labels, --classes and --ferplus' in capsys.readouterr().err
    assert not target.exists()
    assert main([*command, '--classes', FIVE]) == 0
    assert set(EmotionModel(target).labels) == set(names)
    assert predictor.open_predictor(target).labels == names
    assert metadata_of(target)['public_test_pictures'] == '30'
