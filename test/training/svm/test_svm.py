# SPDX-License-Identifier: Apache-2.0
"""Support vector machines are networks that answer as scikit-learn does."""

import json
from pathlib import Path

from emorec_cli.main import main
from emorec_vision.emotion.model import EmotionModel
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
svm = pytest.importorskip('sklearn.svm', reason='scikit-learn is not installed')
from emorec_training.svm import fit  # noqa: E402, I100
from emorec_training.svm.features import features_of  # noqa: E402
from emorec_training.svm.features import size_of  # noqa: E402
from emorec_training.svm.network import as_network  # noqa: E402


def drawn(count: int, classes: int = 4) -> tuple[np.ndarray, np.ndarray]:
    """Return noisy images with a dark stripe whose place tells the class, and the classes."""
    random = np.random.default_rng(0)
    labels = np.arange(count) % classes
    images = random.integers(100, 256, (count, 48, 48)).astype(np.uint8)
    for image, label in zip(images, labels):
        image[8 * label + 4:8 * label + 12] //= 3
    return images, labels


@pytest.mark.parametrize('kernel', ['rbf', 'linear'])
@pytest.mark.parametrize('kinds', [('hog',), ('pixels', 'hog')])
def test_the_network_decides_as_scikit_learn(
        kernel: str, kinds: tuple[str, ...], tmp_path: Path) -> None:
    """Also from its file, which holds no pickle."""
    from emorec_training.evaluation.predictor import load_keras
    images, labels = drawn(80)
    features = features_of(images, kinds)
    assert features.shape == (80, size_of(kinds))
    learn, check, mean, deviation = fit.standardised(features[:60], features[60:])
    machine = svm.SVC(kernel=kernel, C=2.0).fit(learn, labels[:60])
    network = as_network(machine, kinds, mean, deviation, 1.5)
    gray = images[60:, ..., None].astype(np.float32)
    expected = 1.5 * machine.decision_function(check)
    np.testing.assert_allclose(network.predict(gray, verbose=0), expected, atol=1e-3)
    network.save(tmp_path / 'model.keras')
    again = load_keras(tmp_path / 'model.keras').predict(gray, verbose=0)
    np.testing.assert_allclose(again, expected, atol=1e-3)


def test_rows_are_drawn_with_the_share_of_each_class() -> None:
    """And fewer where the time is short."""
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    data = fit.Data(np.random.default_rng(0).normal(size=(1000, 4)), labels, np.zeros((1, 4)),
                    np.zeros(1, np.int64))
    assert np.bincount(data.drawn(100, 1).labels).tolist() == [60, 30, 10]
    assert data.drawn(5000, 1) is data
    pace = fit.Pace(rows=1000, seconds=2.0, exponent=2.0)
    assert pace.seconds_for(10_000) == pytest.approx(200.0)
    assert pace.rows_within(200.0, 27_000) == pytest.approx(10_000, abs=1)
    assert pace.rows_within(1e9, 900) == 900 and pace.rows_within(0.0, 900) == fit.PROBE[0]
    assert fit.pace_of(data, fit.Settings()).seconds_for(2000) > 0


def test_a_machine_is_searched_exported_and_runs_like_any_network(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the labels that it knows."""
    pytest.importorskip('tf2onnx', reason='tf2onnx is not installed')
    run, model = tmp_path / 'svm', tmp_path / 'svm.onnx'
    classes = ['--classes', 'Angry,Happy,Sad,Surprise,Neutral']
    assert main(['emotions', 'svm', str(tiny_csv), *classes, '--features', 'hog', '--n-trials',
                 '3', '--out', str(run)]) == 0
    told = capsys.readouterr()
    assert told.out.count('rows\n') == 3 and 'support vectors' in told.out
    assert 'fitting ' in told.err
    result = json.loads((run / 'result.json').read_text())
    assert result['features'] == ['hog'] and len(result['labels']) == 5
    assert main(['emotions', 'export', str(run), str(tiny_csv), *classes,
                 '--out', str(model)]) == 0
    network = EmotionModel(model)
    assert network.labels == tuple(result['labels'])
    found = network.predict(drawn(9)[0])
    assert found.shape == (9, 5) and np.allclose(found.sum(axis=1), 1.0, atol=1e-5)


@pytest.mark.parametrize('flags, reason', [
    (['--features', 'sift'], "'sift' is none of pixels, hog, hog_windows"),
    (['--classes', 'Happy,Sad'], 'needs three classes or more'),
    (['--grid', '--n-trials', '3'], 'not allowed with')])
def test_what_cannot_be_fitted_is_told_in_one_line(
        flags: list[str], reason: str, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """And nothing is written."""
    try:
        status = main(['emotions', 'svm', str(tiny_csv), *flags, '--out', str(tmp_path / 'o')])
    except SystemExit as ended:
        status = ended.code
    assert status == 2
    assert reason in capsys.readouterr().err
    assert not (tmp_path / 'o').exists()
