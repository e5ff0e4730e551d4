# SPDX-License-Identifier: Apache-2.0
"""Histograms of oriented gradients inside a network are those of scikit-image."""

from pathlib import Path

from emorec_cli.main import main
from emorec_vision.emotion.model import EmotionModel
from fer_csv import TRAIN_FLAGS
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
skimage = pytest.importorskip('skimage.feature', reason='scikit-image is not installed')
from emorec_training.networks import horseman_a  # noqa: E402, I100
from emorec_training.networks.horseman import convolutions  # noqa: E402
from emorec_training.networks.layers.hog import Hog  # noqa: E402
from emorec_training.networks.layers.hog import SIZES  # noqa: E402
from emorec_training.networks.layers.hog import windows  # noqa: E402


def images() -> np.ndarray:
    """Return noise, an even image, ramps in exact directions, and shapes, uint8 (7, 48, 48)."""
    random = np.random.default_rng(0)
    found = random.integers(0, 256, (7, 48, 48)).astype(np.uint8)
    down, right = np.mgrid[:48, :48]
    found[1] = 7
    found[2], found[3], found[4] = right, down, down + right
    found[5] = 47 + right - down
    found[6] = 255 * ((down - 20) ** 2 + (right - 30) ** 2 < 150)
    return found


def by_skimage(image: np.ndarray, kind: str) -> np.ndarray:
    """Return the features as github.com/amineHorseman's converter makes them."""
    if kind == 'hog':
        return skimage.hog(image, 8, (16, 16), (1, 1))
    return np.concatenate([skimage.hog(image[rows, columns], 8, (8, 8), (1, 1))
                           for rows, columns in windows()])


@pytest.mark.parametrize('kind', ['hog', 'hog_windows'])
def test_features_are_those_of_scikit_image(kind: str) -> None:
    """Also where a gradient points exactly along the edge of two bins."""
    drawn = images()
    found = np.asarray(Hog(kind)(drawn[..., None].astype(np.float32)))
    assert found.shape == (len(drawn), SIZES[kind])
    expected = np.stack([by_skimage(image.astype(float), kind) for image in drawn])
    np.testing.assert_allclose(found, expected, atol=2e-6)


def test_a_network_with_features_trains_exports_and_predicts(
        tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The exported file takes images alone, like every other; with few filters, for speed."""
    pytest.importorskip('tf2onnx', reason='tf2onnx is not installed')
    few = [(4, 5, True), (4, 5, True), (4, 4, True)]
    monkeypatch.setattr(horseman_a, 'convolutions', lambda x, sizes, config: convolutions(
        x, few, config))
    run, model = tmp_path / 'run', tmp_path / 'm.onnx'
    flags = ['--network', 'horseman_a', '--features', 'hog', *TRAIN_FLAGS]
    assert main(['emotions', 'train', str(tiny_csv), *flags, '--out', str(run)]) == 0
    assert 'features: hog' in (run / 'config.yaml').read_text()
    assert main(['emotions', 'export', str(run), str(tiny_csv), '--out', str(model)]) == 0
    found = EmotionModel(model).predict(images())
    assert found.shape == (7, 7) and np.allclose(found.sum(axis=1), 1.0, atol=1e-5)


def test_networks_without_that_branch_refuse_features(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An option without effect is no option."""
    assert main(['emotions', 'train', str(tiny_csv), '--features', 'hog',
                 '--out', str(tmp_path / 'run')]) == 2
    assert 'for horseman_a and horseman_b, not for compact_resnet' in capsys.readouterr().err
