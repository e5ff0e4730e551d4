# SPDX-License-Identifier: Apache-2.0
"""Which detector a name opens, with and without the weights of YuNet."""

from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.faces.detectors import factory
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.detectors.haar import find_cascade
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.detectors.yunet import YuNetDetector
import pytest
from yunet_models import write_yunet


@pytest.fixture()
def weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return weights that count as the installed ones."""
    path = write_yunet(tmp_path / 'yunet.onnx')
    monkeypatch.setattr(factory, 'yunet_weights', lambda: path)
    return path


@pytest.fixture()
def nothing_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, 'yunet_weights', lambda: None)


@pytest.mark.parametrize('name, kind, line', [
    ('auto', YuNetDetector, 'faces are found by YuNet'),
    ('yunet', YuNetDetector, 'faces are found by YuNet'),
    ('haar', HaarDetector, 'faces are found by the Haar cascade')])
def test_the_detector_is_told_once(
        weights: Path, name: str, kind: type, line: str) -> None:
    told: list[str] = []
    assert isinstance(open_detector(name, min_size=31, tell=told.append), kind)
    assert told == [line]
    assert open_detector(name, min_size=31).min_size == 31


def test_auto_without_weights_is_haar_and_says_why(nothing_installed: None) -> None:
    told: list[str] = []
    assert isinstance(open_detector(tell=told.append), HaarDetector)
    line, = told
    assert line.startswith('faces are found by the Haar cascade: the weights of YuNet are not ')


def test_auto_with_weights_that_cannot_be_read_is_haar_and_says_why(weights: Path) -> None:
    told: list[str] = []
    weights.write_bytes(b'an operator of later days')
    assert isinstance(open_detector(tell=told.append), HaarDetector)
    assert told == ['faces are found by the Haar cascade: ONNX Runtime cannot read the weights of '
                    f'YuNet, {weights}']
    with pytest.raises(InputError, match='is no YuNet model'):
        open_detector('yunet')


def test_yunet_without_weights_is_refused(nothing_installed: None) -> None:
    with pytest.raises(InputError, match='detector yunet needs a model file: install its weights'):
        open_detector('yunet')


def test_a_cascade_of_ones_own_asks_for_haar(weights: Path) -> None:
    """Settings made before YuNet came with emorec go on to mean what they meant."""
    assert isinstance(open_detector(cascade=find_cascade()), HaarDetector)


def test_a_model_of_ones_own_needs_no_weights(
        nothing_installed: None, tmp_path: Path) -> None:
    model = write_yunet(tmp_path / 'own.onnx')
    assert isinstance(open_detector(model=model), YuNetDetector)
    with pytest.raises(InputError, match='none.onnx'):
        open_detector(model=tmp_path / 'none.onnx')


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(InputError, match="detector is 'eagle': give one of auto, yunet, haar"):
        open_detector('eagle')
