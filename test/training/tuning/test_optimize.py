# SPDX-License-Identifier: Apache-2.0
"""The search for hyper-parameters, by the command a user types."""
from collections.abc import Callable
import csv
import dataclasses
import json
from pathlib import Path
from typing import Any

from emorec_cli.main import main
from emorec_vision.errors import InputError
import pytest

pytest.importorskip('keras', reason='the training extra (Keras) is not installed')
optuna = pytest.importorskip('optuna', reason='the training extra (Optuna) is not installed')
Fake = Callable[..., None]


@pytest.fixture(scope='module')
def tuned(tiny_csv: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a study of two real trials of the original network."""
    out = tmp_path_factory.mktemp('tuning')
    assert main(command(tiny_csv, out, '--n-trials', '2', '--kernel-size', '3')) == 0
    return out / 'original'


@pytest.fixture
def fake_train(monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Return a function that puts made up accuracies in the place of training, without plots."""
    def replace(accuracy: Callable[[int, int], float]) -> None:
        from emorec_training.tuning import optimize
        from emorec_training.tuning import report

        def train(config: Any, task: Any, folder: Path, on_epoch: Any) -> None:
            folder.mkdir(parents=True)
            epochs = config.training.epochs
            for epoch in range(1, epochs + 1):
                on_epoch({'epoch': epoch, 'progress': epoch / epochs,
                          'check_accuracy': accuracy(int(folder.name), epoch)})
        monkeypatch.setattr(optimize, 'train', train)
        monkeypatch.setattr(report, 'save_figure', lambda *arguments: None)
    return replace


def command(csv: Path, out: Path, *flags: str) -> list[str]:
    """Return the arguments of a small search."""
    return ['emotions', 'optimize', str(csv), '--out', str(out), '--network', 'original',
            '--rows', '60', '--epochs', '1', *flags]


def read_table(folder: Path) -> list[dict[str, str]]:
    """Return the rows of trials.csv."""
    with open(folder / 'trials.csv', newline='') as file:
        return list(csv.DictReader(file))


def test_a_study_leaves_settings_plots_and_curves_but_no_weights(tuned: Path) -> None:
    """What each trial did can be looked at; a network is trained from best.yaml."""
    names = {path.name for path in tuned.glob('[!.]*')}
    assert names == {'best.yaml', 'trials.csv', 'history.png', 'slices.png', 'trials'}
    for trial in ('0000', '0001'):
        files = {path.name for path in (tuned / 'trials' / trial).iterdir()}
        assert files >= {'config.yaml', 'learning_curves.png', 'result.json', 'tensorboard'}
        assert not files & {'model.keras', 'checkpoint.npz'}


def test_best_settings_are_those_of_the_best_trial(tuned: Path) -> None:
    """What was fixed by a flag is fixed, and what was searched is in its range."""
    from emorec_training.config import load_config
    rows = read_table(tuned)
    best = max(rows, key=lambda row: float(row['accuracy']))
    config = load_config(tuned / 'best.yaml')
    assert config == load_config(tuned / 'trials' / f'{int(best["trial"]):04d}' / 'config.yaml')
    assert config.network.kernel_size == 3 and 'network.kernel_size' not in best
    assert 1e-5 <= config.optimizer.lr <= 1e-1 and config.training.epochs == 1
    result = json.loads((tuned / 'trials' / '0000' / 'result.json').read_text())
    assert result['checked_on'] == 'the tuning tenth'
    assert float(rows[0]['accuracy']) == pytest.approx(result['accuracy'], abs=1e-4)


def test_a_repeated_command_adds_nothing(
        tuned: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The study holds its trials already; what a kill left out or behind is put right."""
    best = (tuned / 'best.yaml').read_bytes()
    (tuned / 'best.yaml').unlink()
    (tuned / 'trials' / '0001' / 'checkpoint.npz').write_bytes(b'of a killed trial')
    assert main(command(tiny_csv, tuned.parent, '--n-trials', '2', '--kernel-size', '3')) == 0
    assert capsys.readouterr().out.startswith(f'{tuned / "best.yaml"}: trial ')
    assert len(read_table(tuned)) == 2
    assert (tuned / 'best.yaml').read_bytes() == best
    assert not (tuned / 'trials' / '0001' / 'checkpoint.npz').exists()


def test_another_search_space_is_refused(
        tuned: Path, tiny_csv: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Trials that cannot be compared do not enter one study."""
    assert main(command(tiny_csv, tuned.parent, '--n-trials', '3')) == 2
    errors = capsys.readouterr().err
    assert 'made with network.kernel_size 3, not None' in errors and errors.count('\n') == 1


def test_other_targets_are_refused(tuned: Path, tiny_csv: Path) -> None:
    """Neither do shares of votes and chosen labels, of which there are as many."""
    from emorec_training.data.dataset import load_csv
    from emorec_training.data.labels import LabelChoice
    from emorec_training.tuning.optimize import optimize
    from emorec_training.tuning.optimize import Plan
    data = load_csv(tiny_csv)
    voted = dataclasses.replace(LabelChoice().split(data, 'training'), scheme='ferplus-soft')
    plan = Plan({'network.name': 'original', 'network.kernel_size': 3, 'training.epochs': 1},
                tuned.parent, trials=2, rows=60)
    with pytest.raises(InputError, match='made with --labels fer2013, not ferplus-soft'):
        optimize(plan, voted, data.digest)


def test_poor_trials_are_pruned(
        tiny_csv: Path, tmp_path: Path, fake_train: Fake,
        capsys: pytest.CaptureFixture[str]) -> None:
    """After five whole trials, one below their median ends at its second of ten epochs."""
    fake_train(lambda trial, epoch: 0.5 if trial < 5 else 0.1)
    assert main(command(tiny_csv, tmp_path, '--n-trials', '6', '--epochs', '10')) == 0
    rows = read_table(tmp_path / 'original')
    assert [(row['state'], row['epochs']) for row in rows] == [('complete', '10')] * 5 + [
        ('pruned', '2')]
    assert 'trial 5 of 6: 10.00% pruned after 2 epochs, lr ' in capsys.readouterr().out


def test_the_best_epoch_counts(tiny_csv: Path, tmp_path: Path, fake_train: Fake) -> None:
    """As in training, which keeps the weights of that epoch."""
    fake_train(lambda trial, epoch: [0.2, 0.6, 0.3][epoch - 1])
    assert main(command(tiny_csv, tmp_path, '--n-trials', '1', '--epochs', '3')) == 0
    assert read_table(tmp_path / 'original')[0]['accuracy'] == '0.6000'


@pytest.mark.parametrize('diverges, reached', [(1, 0.0), (2, 0.1)])
def test_a_trial_that_diverges_counts_with_what_it_reached(
        tiny_csv: Path, tmp_path: Path, fake_train: Fake, diverges: int, reached: float) -> None:
    """A learning rate that is too high does not end the study."""
    from emorec_training.train.loop import Diverged

    def accuracy(trial: int, epoch: int) -> float:
        if trial == 0 and epoch == diverges:
            raise Diverged('the loss is no number any more')
        return 0.1 * epoch
    fake_train(accuracy)
    assert main(command(tiny_csv, tmp_path, '--n-trials', '2', '--epochs', '3')) == 0
    assert [float(row['accuracy']) for row in read_table(tmp_path / 'original')] == [
        pytest.approx(reached), pytest.approx(0.3)]


def test_ctrl_c_keeps_what_there_is(
        tiny_csv: Path, tmp_path: Path, fake_train: Fake,
        capsys: pytest.CaptureFixture[str]) -> None:
    """The report of the first trial stands, and the same command runs what is missing."""
    def interrupted(trial: int, epoch: int) -> float:
        if trial == 1:
            raise KeyboardInterrupt
        return 0.5

    fake_train(interrupted)
    assert main(command(tiny_csv, tmp_path, '--n-trials', '3')) == 130
    assert 'the same command goes on' in capsys.readouterr().err
    assert [row['trial'] for row in read_table(tmp_path / 'original')] == ['0']
    assert main(command(tiny_csv, tmp_path, '--n-trials', '3')) == 0
    assert [row['trial'] for row in read_table(tmp_path / 'original')] == ['0', '2', '3']


@pytest.mark.parametrize('flags, message', [
    (['--n-trials', '0'], '--n-trials: 0 is less than 1'),
    (['--rows', '5'], '--rows: 5 is outside 20..'),
    (['--rows', '999'], '--rows: 999 is outside 20..'),
    (['--storage', 'foo://x'], '--storage: foo://x cannot be opened'),
    (['--storage', 'postgresql+psycopg://u@h:abc/db'], '--storage: the URL cannot be opened'),
    (['--storage', 'sqlite://'], '--storage: sqlite:// lives in memory only'),
    (['--seed', '-1'], 'training.seed: -1 is outside 0..'),
    (['--study', 'a/b'], "--study: 'a/b' cannot be the name of a folder"),
    (['--study', '..'], "--study: '..' cannot be the name of a folder"),
    (['--study', 'studies.db'], 'cannot make the folder'),
    (['--network', 'vgg13'], '--network vgg13: there is no search space for it'),
    (['--lr', '1', '--decay', '0', '--dropout', '0', '--l2', '0', '--kernel-size', '3',
      '--batch-size', '8'], 'nothing is left to search'),
])
def test_bad_input_gets_one_line(tiny_csv: Path, tmp_path: Path, flags: list[str], message: str,
                                 capsys: pytest.CaptureFixture[str]) -> None:
    """No traceback and exit status 2."""
    assert main(command(tiny_csv, tmp_path, *flags)) == 2
    errors = capsys.readouterr().err
    assert message in errors and errors.count('\n') == 1


def test_flags_are_described(capsys: pytest.CaptureFixture[str]) -> None:
    """Its own options and the settings of a training, without the seed of the latter."""
    with pytest.raises(SystemExit) as end:
        main(['emotions', 'optimize', '--help'])
    text = capsys.readouterr().out
    assert end.value.code == 0
    for flag in ('--n-trials', '--storage', '--study', '--rows', '--minutes', '--batch-size'):
        assert flag in text
    assert text.count('  --seed ') == 1
