# SPDX-License-Identifier: Apache-2.0
"""What began with ImageNet's weights, or was taught by such a network, says so."""
import json
from pathlib import Path

from emorec_cli.main import main
from emorec_training.train import loop
from fer_csv import TRAIN_FLAGS
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')


def says(folder: Path) -> bool:
    """Return what a run says."""
    return json.loads((folder / 'result.json').read_text())['saw_imagenet'] is True


def train(csv: Path, out: Path, *flags: str, command: tuple[str, ...] = ('train',)) -> Path:
    """Train by the command a user types, for one epoch."""
    assert main(['emotions', *command, str(csv), *TRAIN_FLAGS, '--epochs', '1', '--out', str(out),
                 *flags]) == 0
    return out


@pytest.fixture
def pretrained_run(tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a run that begins with weights that stand for ImageNet's."""
    monkeypatch.setattr(loop, 'check_pretrained', lambda config: None)
    monkeypatch.setattr(loop, 'imagenet_weights', lambda config, weights: [
        np.zeros_like(part) for part in weights])
    run = train(tiny_csv, tmp_path / 'run', '--pretrained', 'imagenet', '--lr', '1e-8')
    monkeypatch.setattr(loop, 'imagenet_weights', lambda config, weights: pytest.fail('again'))
    return run


def test_a_run_begins_with_the_weights_and_says_it(
        pretrained_run: Path, trained_run: Path, tiny_csv: Path) -> None:
    """Resuming reads them no second time."""
    from emorec_training.evaluation.predictor import load_keras
    kernels = [part for part in load_keras(pretrained_run).get_weights() if part.ndim > 1]
    assert max(np.abs(part).max() for part in kernels) < 1e-3
    assert says(pretrained_run) and not says(trained_run)
    assert main(['emotions', 'train', str(tiny_csv), '--resume', '--epochs', '2', '--out',
                 str(pretrained_run)]) == 0
    assert says(pretrained_run)


def test_students_and_what_goes_on_say_it_too(
        pretrained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """What was learnt from photographs goes on in them."""
    student = train(tiny_csv, tmp_path / 'student', command=('distill', str(pretrained_run)))
    assert says(student)
    assert says(train(tiny_csv, tmp_path / 'next', '--start-from', str(student)))
    soup = tmp_path / 'soup'
    assert main(['emotions', 'soup', str(pretrained_run), str(student), str(tiny_csv), '--out',
                 str(soup)]) == 0
    assert says(soup)


def test_an_exported_file_says_it(
        pretrained_run: Path, exported_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """It is asked like a run."""
    from emorec_training.evaluation.predictor import saw_imagenet
    target = tmp_path / 'model.onnx'
    assert main(['emotions', 'export', str(pretrained_run), str(tiny_csv), '--out',
                 str(target)]) == 0
    assert saw_imagenet(target) and not saw_imagenet(exported_run)
