# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions train` and `distill` as a user types them, on 200 drawn images."""
import itertools
import json
import math
from pathlib import Path
import shutil
import signal
import subprocess
import sys
from types import SimpleNamespace

import cv2
from emorec_cli.main import main
from emorec_training.data.dataset import load_csv
from emorec_training.provenance import file_sha256
from fer_csv import make_rows
from fer_csv import TRAIN_FLAGS
from fer_csv import write_csv
import numpy as np
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
FILES = ['architecture.txt', 'checkpoint.npz', 'config.yaml', 'learning_curves.png',
         'model.keras', 'result.json']


def result_of(folder: Path) -> dict:
    """Return what a run says of itself."""
    return json.loads((folder / 'result.json').read_text())


def test_a_run_leaves_its_weights_settings_and_curves(trained_run: Path) -> None:
    """Nothing temporary stays, and the settings say what was asked for."""
    files = {path.name for path in trained_run.iterdir() if path.is_file()}
    assert files >= set(FILES) and not [name for name in files if 'tmp' in name]
    assert cv2.imread(str(trained_run / 'learning_curves.png')).shape[0] >= 300
    architecture = (trained_run / 'architecture.txt').read_text()
    assert 'conv2d' in architecture and '53.4 million multiply-adds' in architecture
    assert 'He et al.' in architecture
    result = result_of(trained_run)
    assert result['epochs'] == 4 and result['left_out_rows'] == 0
    assert result['labels'][0] == 'Angry' and result['checked_on'] == 'PublicTest'


def test_a_network_learns_what_it_is_shown(trained_run: Path) -> None:
    """Seven kinds of bars are told apart far above chance after a few steps."""
    assert result_of(trained_run)['accuracy'] > 0.4


def test_a_killed_run_that_is_resumed_equals_an_uninterrupted_one(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """After kill -9 in the middle, --resume ends with the same weights and history."""
    folder = tmp_path / 'killed'
    command = [sys.executable, '-m', 'emorec_cli.main', 'emotions', 'train', str(tiny_csv),
               '--out', str(folder), *TRAIN_FLAGS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          cwd=Path(__file__).parents[3]) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith('epoch 1/4: loss ')
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(folder), '--resume']) == 0
    with np.load(folder / 'checkpoint.npz') as killed, \
            np.load(trained_run / 'checkpoint.npz') as whole:
        assert set(killed) == set(whole)
        for name in set(whole) - {'history'}:
            assert np.allclose(killed[name], whole[name], rtol=1e-3, atol=1e-3), name
    losses = [[record['check_loss'] for record in result_of(run)['history']]
              for run in (folder, trained_run)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-2)


def test_a_finished_run_goes_on_with_more_epochs(
        trained_run: Path, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Without more epochs `--resume` says that nothing is left to do, and leaves all as it is."""
    run = shutil.copytree(trained_run, tmp_path / 'longer')
    resume = ['emotions', 'train', str(tiny_csv), '--out', str(run), '--resume']
    weights = (run / 'checkpoint.npz').read_bytes()
    assert main(resume) == 0
    assert 'over after 4 epochs; more --epochs, --minutes' in capsys.readouterr().out
    assert (run / 'checkpoint.npz').read_bytes() == weights
    assert main([*resume, '--epochs', '5']) == 0
    assert capsys.readouterr().out.startswith('epoch 5/5: loss ')
    assert result_of(run)['epochs'] == 5


def test_a_run_ends_when_its_loss_is_no_number(
        trained_run: Path, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """What was learnt before stays as it is, and can be gone on from."""
    run = shutil.copytree(trained_run, tmp_path / 'diverging')
    path = run / 'checkpoint.npz'
    with np.load(path) as stored:
        parts = dict(stored)
    np.savez(path, **parts | {'model_0': np.full_like(parts['model_0'], np.nan)})
    before = {name: (run / name).read_bytes() for name in ('checkpoint.npz', 'model.keras')}
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(run), '--resume', '--epochs',
                 '6']) == 2
    error = capsys.readouterr().err
    assert 'the loss is no number any more in epoch 5' in error and 'smaller --lr' in error
    assert {name: (run / name).read_bytes() for name in before} == before


@pytest.mark.parametrize('room, epochs', [(0.4, 2), (0.6, 3)])
def test_a_run_by_time_has_no_stub_of_an_epoch(
        tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: float,
        epochs: int) -> None:
    """Its training accuracy would be that of a handful of images."""
    clock = itertools.count()
    monkeypatch.setattr('emorec_training.train.loop.time',
                        SimpleNamespace(monotonic=lambda: float(next(clock))))
    steps = math.ceil(len(load_csv(tiny_csv).split('training').images) / 16)
    minutes = (2 + room) * (steps + 2) / 60  # of a clock that is read at each end of an epoch too
    assert main(['emotions', 'train', str(tiny_csv), *TRAIN_FLAGS, '--epochs', '100',
                 '--minutes', str(minutes), '--out', str(tmp_path / 'run')]) == 0
    assert result_of(tmp_path / 'run')['epochs'] == epochs


def test_an_earlier_run_is_not_overwritten(
        trained_run: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hours of training are not lost by a repeated command."""
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(trained_run)]) == 2
    assert 'holds an earlier run: add --resume' in capsys.readouterr().err


def test_a_run_cannot_be_resumed_with_other_settings(
        trained_run: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Weights that do not fit the network are named as such."""
    arguments = ['emotions', 'train', str(tiny_csv), '--out', str(trained_run), '--resume']
    before = (trained_run / 'config.yaml').read_bytes()
    assert main([*arguments, '--network', 'original']) == 2
    assert 'was made with other settings' in capsys.readouterr().err
    assert (trained_run / 'config.yaml').read_bytes() == before


@pytest.mark.parametrize('words, message', [
    (['--classes', 'Neutral,Angry,Disgust,Fear,Happy,Sad,Surprise'], 'with labels'),
    (['OTHER'], 'with data_sha256'),
])
def test_a_run_is_not_resumed_with_other_labels_or_data(
        trained_run: Path, tiny_csv: Path, tmp_path: Path, words: list[str], message: str,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Its outputs would change their meaning half way, and nothing would show it."""
    other = write_csv(tmp_path / 'fer2013.csv', make_rows(seed=1))
    data = [str(other)] if words == ['OTHER'] else [str(tiny_csv), *words]
    before = (trained_run / 'config.yaml').read_bytes()
    assert main(['emotions', 'train', *data, '--out', str(trained_run), '--resume',
                 '--epochs', '5']) == 2
    error = capsys.readouterr().err
    assert f'was begun {message}' in error and 'give the same data, --labels' in error
    assert (trained_run / 'config.yaml').read_bytes() == before


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


def test_a_student_learns_from_a_teacher(
        trained_run: Path, tiny_csv: Path, tmp_path: Path, own_cache: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """`distill` takes the run as teacher; one that knows other labels is refused."""
    command = ['emotions', 'distill', str(trained_run), str(tiny_csv), *TRAIN_FLAGS]
    assert main([*command, '--epochs', '2', '--teacher-weight', '0.8',
                 '--out', str(tmp_path / 'student')]) == 0
    assert 'weight: 0.8' in (tmp_path / 'student' / 'config.yaml').read_text()
    assert result_of(tmp_path / 'student')['teachers'] == {
        str(trained_run): file_sha256(trained_run / 'model.keras')}
    capsys.readouterr()
    resume = ['--resume', '--epochs', '3', '--out', str(tmp_path / 'student')]
    assert main(['emotions', 'train', str(tiny_csv), *resume]) == 2
    assert f'learns from {trained_run}: go on with' in capsys.readouterr().err
    teachers = result_of(tmp_path / 'student')['teachers']
    other = shutil.copytree(trained_run, tmp_path / 'other')
    assert main([*command[:2], str(other), *command[3:], *resume]) == 0
    assert result_of(tmp_path / 'student')['teachers'] == teachers | {
        str(other): file_sha256(trained_run / 'model.keras')}, 'none is forgotten'
    shown = ['--teacher-sees', 'shown', '--answered-epochs', '1', '--epochs', '2', '--out']
    assert main([*command, *shown, str(tmp_path / 'shown')]) == 0
    batch = int(TRAIN_FLAGS[TRAIN_FLAGS.index('--batch-size') + 1])
    portions = math.ceil(len(load_csv(tiny_csv).split('training').images) / batch)
    assert len(list(own_cache.glob('emorec/answers-*/*.npz'))) == portions, 'each is asked once'
    assert 'sees: shown' in (tmp_path / 'shown' / 'config.yaml').read_text()
    milder = ['--teacher-sees', 'milder', '--epochs', '1', '--out', str(tmp_path / 'milder')]
    assert main([*command, *milder]) == 0
    assert 'sees: milder' in (tmp_path / 'milder' / 'config.yaml').read_text()
    assert main([*command, *shown, str(tmp_path / 'small'), '--first-side', '32']) == 2
    assert 'leave --first-side at 48' in capsys.readouterr().err
    assert main([*command, '--classes', 'Angry,Happy', '--out', str(tmp_path / 'two')]) == 2
    assert 'the student is to learn Angry, Happy' in capsys.readouterr().err


@pytest.fixture
def votes(tmp_path: Path) -> Path:
    """Return votes for the small csv: Neutral and Happy in turn, one for everything else."""
    header = 'Usage,Image name,neutral,happiness,surprise,sadness,anger,disgust,fear,contempt,' \
             'unknown,NF'
    rows = [','.join(['Training', f'fer{row}.png',
                      *('9' if row % 2 == place else '1' for place in range(10))])
            for row in range(200)]
    path = tmp_path / 'fer2013new.csv'
    path.write_text('\n'.join([header, *rows]) + '\n')
    return path


def test_votes_count_beside_the_teacher(
        trained_run: Path, tiny_csv: Path, votes: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """`distill --vote-weight` takes the votes; without them it is refused."""
    command = ['emotions', 'distill', str(trained_run), str(tiny_csv), '--epochs', '1',
               '--vote-weight', '0.1', '--out', str(tmp_path / 'student')]
    assert main([*command, '--ferplus', str(votes)]) == 0
    assert 'votes: 0.1' in (tmp_path / 'student' / 'config.yaml').read_text()
    assert main(command) == 2
    assert '--vote-weight needs --ferplus' in capsys.readouterr().err


def test_fewer_classes_and_ferplus_votes_can_be_learnt(
        tiny_csv: Path, votes: Path, tmp_path: Path) -> None:
    """`--labels ferplus-soft --classes` gives a network with as many answers."""
    assert main(['emotions', 'train', str(tiny_csv), '--labels', 'ferplus-soft', '--ferplus',
                 str(votes), '--classes', 'Neutral,Happy,Contempt', '--epochs', '1',
                 '--network', 'original', '--out', str(tmp_path / 'run')]) == 0
    assert result_of(tmp_path / 'run')['labels'] == ['Neutral', 'Happy', 'Contempt']


@pytest.mark.parametrize('arguments, message', [
    (['train'], 'name either the official fer2013.csv'),
    (['train', 'nowhere.csv'], 'nowhere.csv: cannot be read'),
    (['train', '--train-dir', '.'], 'both --train-dir and --test-dir'),
    (['train', 'x.csv', '--lr', '99'], 'optimizer.lr: 99.0 is outside'),
    (['train', 'x.csv', '--out', 'nowhere', '--resume'], 'nowhere/config.yaml: cannot be read'),
    (['train', 'CSV', '--classes', 'Happy,Bored'], "--classes: 'Bored' is none of Angry"),
    (['train', 'CSV', '--labels', 'ferplus'], '--labels ferplus needs the votes'),
    (['train', 'CSV', '--ferplus', 'BROKEN'], 'learnt from with --labels ferplus'),
    (['train', 'CSV', '--labels', 'ferplus', '--ferplus', 'BROKEN'], '--ferplus'),
    (['train', 'CSV', '--classes', ','], '--classes: name at least two'),
    (['train', 'CSV', '--start-from', 'BROKEN'], 'is no Keras model or a damaged one'),
    (['train', 'CSV', '--first-side', '32'], 'first_side below 48 needs --engine torch'),
    (['train', 'CSV', '--engine', 'torch', '--network', 'original'],
     'torch knows compact_resnet, wide_resnet only'),
    (['train', 'CSV', '--engine', 'torch', '--l2', '0.1'], 'torch has no L2 penalty'),
    (['train', 'CSV', '--out', 'BROKEN/run'], 'broken.keras/run cannot be made'),
    (['train', 'CSV', '--out', '/proc'], '/proc cannot be written to'),
    (['distill', 'nowhere.keras', 'CSV'], 'nowhere.keras: no such model'),
    (['distill', 'accurate', 'CSV', '--answered-epochs', '2'], 'needs --teacher-sees shown'),
])
def test_bad_input_gets_one_line(
        tiny_csv: Path, tmp_path: Path, arguments: list[str], message: str,
        monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback, exit status 2, no weights written."""
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
    assert [path for path in Path('.').rglob('*') if path.is_file()] == [Path('broken.keras')]


def test_help_gives_every_setting_and_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    """The options of the original project are there under its names."""
    with pytest.raises(SystemExit) as end:
        main(['emotions', 'train', '--help'])
    text = capsys.readouterr().out
    assert end.value.code == 0
    for flag in ('--batch-size', '--epochs', '--kernel-size', '--dropout', '--l2', '--lr',
                 '--decay', '--class-weighting', '--patience', '--train-dir', '--test-dir',
                 '--mixup'):
        assert flag in text
    assert 'highest learning rate (default: 0.1)' in text
    assert '--teacher-weight' not in text and '--classes X' not in text
