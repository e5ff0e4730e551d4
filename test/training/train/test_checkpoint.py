# SPDX-License-Identifier: Apache-2.0
"""Runs that are resumed after a kill, a fault or their end."""
from contextlib import suppress
import json
import math
from pathlib import Path
import shutil
import signal
import subprocess
import sys
from typing import Any

from emorec_cli.main import main
from fer_csv import COUNTS
from fer_csv import make_rows
from fer_csv import TRAIN_FLAGS
from fer_csv import write_csv
import numpy as np
from patience import wait_until
import pytest
import small_networks

keras = pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
PERMUTED = ['Sad', 'Happy', 'Angry', 'Fear', 'Neutral', 'Disgust', 'Surprise']


def resume(csv: Path, run: Path, *flags: str) -> int:
    """Go on with a run."""
    return main(['emotions', 'train', str(csv), '--out', str(run), '--resume', *flags])


def history_of(folder: Path) -> list[dict[str, float]]:
    """Return the records of the epochs of a run."""
    history: list[dict[str, float]] = json.loads(
        (folder / 'result.json').read_text())['history']
    return history


SLIM_EMOREC = """
import sys

from emorec_cli.main import main
import pytest
from small_networks import slim_default

slim_default(pytest.MonkeyPatch())
sys.exit(main(sys.argv[1:]))
"""


def test_a_killed_run_that_is_resumed_equals_an_uninterrupted_one(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """After kill -9 in the middle, --resume ends with the same weights and history."""
    folder = tmp_path / 'killed'
    command = [sys.executable, '-c', SLIM_EMOREC, 'emotions', 'train', str(tiny_csv), '--out',
               str(folder), *TRAIN_FLAGS]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                          cwd=Path(small_networks.__file__).parent) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith('epoch 1/4: loss ')
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert resume(tiny_csv, folder) == 0
    assert_same(folder, trained_run)


def test_a_run_that_is_killed_in_its_first_epoch_begins_it_anew(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """After kill -9 before an epoch is stored, --resume takes settings and weights of the run."""
    folder = tmp_path / 'killed'
    command = [sys.executable, '-c', SLIM_EMOREC, 'emotions', 'train', str(tiny_csv), '--out',
               str(folder), *TRAIN_FLAGS]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                          cwd=Path(small_networks.__file__).parent) as process:
        wait_until(lambda: process.poll() is not None or (folder / 'checkpoint.npz').exists())
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert history_of(folder) == [] and not (folder / 'model.keras').exists()
    assert resume(tiny_csv, folder) == 0
    assert_same(folder, trained_run)


def assert_same(run: Path, undisturbed: Path) -> None:
    """Compare weights, optimiser and history of two runs."""
    with np.load(run / 'checkpoint.npz') as killed, \
            np.load(undisturbed / 'checkpoint.npz') as whole:
        assert set(killed) == set(whole)
        for name in set(whole) - {'history'}:
            assert np.allclose(killed[name], whole[name], rtol=1e-3, atol=1e-3), name
    losses = [[record['check_loss'] for record in history_of(each)]
              for each in (run, undisturbed)]
    assert losses[0] == pytest.approx(losses[1], rel=1e-2)
    weights = [keras.models.load_model(each / 'model.keras').get_weights()
               for each in (run, undisturbed)]
    for mine, theirs in zip(*weights, strict=True):
        assert np.allclose(mine, theirs, rtol=1e-3, atol=1e-3)


def test_a_run_that_is_killed_at_random_moments_equals_an_uninterrupted_one(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """Wherever it is: before the first epoch is stored, within one, or while files are written.

    benchmarks/killed_training.py does it forty times.
    """
    folder = tmp_path / 'killed'
    rng = np.random.default_rng(25)
    for _ in range(2):
        there = (folder / 'checkpoint.npz').exists()
        before = set(folder.glob('tensorboard/*'))
        with subprocess.Popen(
                [sys.executable, '-c', SLIM_EMOREC, 'emotions', 'train', str(tiny_csv), '--out',
                 str(folder), *TRAIN_FLAGS, *['--resume'] * there], stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, cwd=Path(small_networks.__file__).parent) as process:
            wait_until(lambda: process.poll() is not None
                       or set(folder.glob('tensorboard/*')) - before)
            with suppress(subprocess.TimeoutExpired):
                process.wait(rng.uniform(0, 3))
            process.kill()
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(folder), *TRAIN_FLAGS,
                 *['--resume'] * (folder / 'checkpoint.npz').exists()]) == 0
    assert_same(folder, trained_run)
    assert not list(folder.glob('.*part*'))


def test_a_finished_run_goes_on_with_more_epochs(
        trained_run: Path, tiny_csv: Path, tmp_path: Path,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Without more epochs `--resume` says that nothing is left to do, and leaves all as it is."""
    run = shutil.copytree(trained_run, tmp_path / 'longer')
    weights = (run / 'checkpoint.npz').read_bytes()
    assert resume(tiny_csv, run) == 0
    assert 'over after 4 epochs; more --epochs, --minutes' in capsys.readouterr().out
    assert (run / 'checkpoint.npz').read_bytes() == weights
    assert resume(tiny_csv, run, '--epochs', '5') == 0
    assert capsys.readouterr().out.startswith('epoch 5/5: loss ')
    assert len(history_of(run)) == 5


def test_an_earlier_run_is_not_overwritten(
        trained_run: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Hours of training are not lost by a repeated command."""
    assert main(['emotions', 'train', str(tiny_csv), '--out', str(trained_run)]) == 2
    assert 'holds an earlier run: add --resume' in capsys.readouterr().err


def test_a_run_cannot_be_resumed_with_other_settings(
        trained_run: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Weights that do not fit the network are named as such."""
    before = (trained_run / 'config.yaml').read_bytes()
    assert resume(tiny_csv, trained_run, '--network', 'original') == 2
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


def test_a_run_of_an_earlier_version_is_resumed(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """Its settings and records name what is gone since."""
    run = shutil.copytree(trained_run, tmp_path / 'run')
    settings = (run / 'config.yaml').read_text()
    (run / 'config.yaml').write_text(
        settings.replace('training:\n', 'training:\n  first_side: 48\n')
        .replace('distill:\n', 'distill:\n  frequencies: teacher\n'))
    with np.load(run / 'checkpoint.npz') as stored:
        parts = dict(stored)
    history = [record | {'side': 48} for record in json.loads(str(parts.pop('history')))]
    np.savez(run / 'checkpoint.npz', history=np.array(json.dumps(history)), **parts)
    assert resume(tiny_csv, run, '--epochs', '5') == 0
    assert len(history_of(run)) == 5


def test_a_larger_batch_size_goes_on_from_the_weights_there_are(
        trained_run: Path, tiny_csv: Path, tmp_path: Path) -> None:
    """Epochs then have fewer steps, of which the weight average counts those that were taken."""
    run = shutil.copytree(trained_run, tmp_path / 'run')
    assert resume(tiny_csv, run, '--epochs', '6', '--batch-size', '70', '--lr', '1e-6') == 0
    losses = [record['check_loss'] for record in history_of(run)]
    assert len(losses) == 6 and losses[5] < losses[3] + 0.1


@pytest.mark.parametrize('name, message', [
    ('checkpoint.npz', 'is no checkpoint'), ('config.yaml', 'is empty')])
def test_an_emptied_file_is_named(
        trained_run: Path, tiny_csv: Path, tmp_path: Path, name: str, message: str,
        capsys: pytest.CaptureFixture[str]) -> None:
    """A full disk or a power cut can leave one; defaults would take the place of settings."""
    run = shutil.copytree(trained_run, tmp_path / 'run')
    (run / name).write_bytes(b'')
    assert resume(tiny_csv, run, '--epochs', '5') == 2
    error = capsys.readouterr().err
    assert f'{name}' in error and message in error and error.count('\n') == 1


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
    assert resume(tiny_csv, run, '--epochs', '6') == 2
    error = capsys.readouterr().err
    assert 'the loss is no number any more in epoch 5' in error and 'smaller --lr' in error
    assert {name: (run / name).read_bytes() for name in before} == before


def test_weights_that_are_no_numbers_are_not_kept(
        trained_run: Path, tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str]) -> None:
    """Where the last step of an epoch breaks them both losses can still be numbers."""
    from emorec_training.config import NetworkConfig
    from emorec_training.engines.keras_engine import KerasEngine
    from emorec_training.networks import build_network
    run = shutil.copytree(trained_run, tmp_path / 'run')
    before = {name: (run / name).read_bytes()
              for name in ('checkpoint.npz', 'model.keras', 'result.json')}
    names = [weight.name for weight in build_network(NetworkConfig()).weights]
    step, left = KerasEngine.step, [math.ceil(COUNTS['Training'] / 16)]

    def breaking(engine: KerasEngine, *given: Any) -> tuple[float, int]:
        done = step(engine, *given)
        left[0] -= 1
        if left[0] == 0:
            engine.set_weights([
                np.full_like(part, np.inf) if name == 'moving_variance' else part
                for name, part in zip(names, engine.get_weights(), strict=True)])
        return done

    with monkeypatch.context() as patch:
        patch.setattr(KerasEngine, 'step', breaking)
        assert resume(tiny_csv, run, '--epochs', '6', '--ema-decay', '0') == 2
    assert 'no number any more in epoch 5' in capsys.readouterr().err
    assert {name: (run / name).read_bytes() for name in before} == before
    assert resume(tiny_csv, run, '--epochs', '5', '--lr', '1e-6') == 0


def test_weights_are_never_without_the_names_of_their_labels(
        tiny_csv: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed between its weights and its checkpoint, a run would be read with other labels."""
    from emorec_training.evaluation.predictor import open_predictor
    from emorec_training.train import checkpoint

    save = checkpoint.save

    def killed(*state: Any) -> None:
        if state[-1]:  # after an epoch; the one before the first holds none
            raise SystemExit
        save(*state)

    monkeypatch.setattr(checkpoint, 'save', killed)
    with pytest.raises(SystemExit):
        main(['emotions', 'train', str(tiny_csv), '--out', str(tmp_path), *TRAIN_FLAGS,
              '--classes', ','.join(PERMUTED)])
    assert list(open_predictor(tmp_path).labels) == PERMUTED
