# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions train` on 200 drawn images."""
import itertools
import json
import math
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
from emorec_training.train.run_lock import run_lock
from fer_csv import TRAIN_FLAGS
from fer_csv import write_votes
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
FILES = ['architecture.txt', 'checkpoint.npz', 'config.yaml', 'learning_curves.png',
         'model.keras', 'result.json']


def result_of(folder: Path) -> dict[str, Any]:
    """Return what a run says of itself."""
    result: dict[str, Any] = json.loads((folder / 'result.json').read_text())
    return result


def test_a_run_leaves_its_weights_settings_and_curves(trained_run: Path) -> None:
    """Nothing temporary stays, and the settings say what was asked for."""
    files = {path.name for path in trained_run.iterdir() if path.is_file()}
    assert files >= set(FILES) and not [name for name in files if 'tmp' in name]
    assert cv2.imread(str(trained_run / 'learning_curves.png')).shape[0] >= 300
    architecture = (trained_run / 'architecture.txt').read_text()
    assert 'conv2d' in architecture and ' million multiply-adds' in architecture
    assert 'He et al.' in architecture
    result = result_of(trained_run)
    assert result['epochs'] == 4 and result['left_out_rows'] == 0
    assert result['labels'][0] == 'Angry' and result['checked_on'] == 'PublicTest'


def test_a_network_learns_what_it_is_shown(trained_run: Path) -> None:
    """Seven kinds of bars are told apart far above chance after a few steps."""
    assert result_of(trained_run)['accuracy'] > 0.4


@pytest.mark.parametrize('room, epochs', [(0.4, 2), (0.6, 3)])
def test_a_run_by_time_has_no_stub_of_an_epoch(
        tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: float,
        epochs: int) -> None:
    """Its training accuracy would be that of a handful of images."""
    clock = itertools.count()
    monkeypatch.setattr('emorec_training.train.loop.time',
                        SimpleNamespace(monotonic=lambda: float(next(clock))))
    steps = math.ceil(len(load_csv(tiny_csv).split('training').images) / 16)
    minutes = (2 + room) * (steps + 1) / 60  # of a clock that is read after each epoch too
    assert main(['emotions', 'train', str(tiny_csv), *TRAIN_FLAGS, '--epochs', '100',
                 '--minutes', str(minutes), '--out', str(tmp_path / 'run')]) == 0
    assert result_of(tmp_path / 'run')['epochs'] == epochs


def test_two_runs_do_not_write_to_one_folder(
        tiny_csv: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The second one is refused while the first one lives, also where that has no epoch yet."""
    with run_lock(tmp_path, wait=False):
        assert main(['emotions', 'train', str(tiny_csv), '--out', str(tmp_path)]) == 2
        assert 'another training writes there' in capsys.readouterr().err
        assert not (tmp_path / 'config.yaml').exists()


def test_training_can_start_from_earlier_weights(
        trained_run: Path, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Without steps worth the name, the network is as good as it was; others are refused."""
    flags = [*TRAIN_FLAGS, '--epochs', '1', '--lr', '1e-8', '--out']
    start = ['emotions', 'train', str(tiny_csv), '--start-from', str(trained_run)]
    assert main([*start, *flags, str(tmp_path / 'next')]) == 0
    assert result_of(tmp_path / 'next')['accuracy'] == pytest.approx(
        result_of(trained_run)['accuracy'], abs=0.1)
    capsys.readouterr()
    assert main([*start, '--network', 'original', *flags, str(tmp_path / 'other')]) == 2
    assert '--start-from: the weights do not fit network original' in capsys.readouterr().err


def test_fewer_classes_and_ferplus_votes_can_be_learnt(
        tiny_csv: Path, tmp_path: Path) -> None:
    """`--labels ferplus-soft --classes` gives a network with as many answers."""
    votes = write_votes(tmp_path / 'fer2013new.csv')
    assert main(['emotions', 'train', str(tiny_csv), '--labels', 'ferplus-soft', '--ferplus',
                 str(votes), '--classes', 'Neutral,Happy,Contempt', '--epochs', '1',
                 '--network', 'original', '--out', str(tmp_path / 'run')]) == 0
    assert result_of(tmp_path / 'run')['labels'] == ['Neutral', 'Happy', 'Contempt']
