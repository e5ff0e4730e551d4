# SPDX-License-Identifier: Apache-2.0
"""A study that is shared, ended, killed and taken up again; no network is trained here."""
from importlib import import_module
import json
from pathlib import Path
import socket
import subprocess
import sys
from time import monotonic
from time import sleep
import urllib.request

from patience import PATIENCE
import pytest
from service.postgresql import postgresql  # noqa: F401

optuna = pytest.importorskip('optuna', reason='the training extra (Optuna) is not installed')
tuning_study = import_module('emorec_training.tuning.study')
WORKER = """
from emorec_training.tuning import study as tuning_study
import sys, time
tuning_study.HEARTBEAT, tuning_study.GRACE = 1, 2
def objective(trial):
    x = trial.suggest_float('x', 0, 1)
    print(trial.number, flush=True)
    time.sleep(float(sys.argv[2]))
    return x
study = tuning_study.open_study(sys.argv[1], 'shared', {}, 10, tuning_study.pruner_of('median', 5))
tuning_study.run_trials(study, objective, 12, lambda trial: None)
"""


@pytest.fixture
def url(tmp_path: Path) -> str:
    """Return a database that does not exist yet."""
    return f'sqlite:///{tmp_path / "study.db"}'


def start(url: str, seconds: float) -> subprocess.Popen[str]:
    """Start a process that runs trials of so many seconds until there are 12."""
    return subprocess.Popen([sys.executable, '-c', WORKER, url, str(seconds)], text=True,
                            stdout=subprocess.PIPE, cwd=Path(__file__).parents[3])


def draw(trial: optuna.Trial) -> float:
    """Stand for a training: the accuracy is what was drawn."""
    return float(trial.suggest_float('x', 0, 1))


def open_study(url: str, **definition: int) -> optuna.Study:
    """Open the study of the tests."""
    pruner = tuning_study.pruner_of('median', 5)
    return tuning_study.open_study(url, 'shared', definition, 10, pruner)


@pytest.mark.parametrize('kind', ['sqlite', 'postgresql'])
def test_two_processes_share_a_study_and_take_over_from_a_killed_one(
        kind: str, url: str, request: pytest.FixtureRequest) -> None:
    """Twelve trials in all, each value once; the one that died is run again."""
    if kind == 'postgresql':
        url = request.getfixturevalue('postgresql').replace('://', '+psycopg://')
    with start(url, 60) as doomed:
        assert doomed.stdout is not None and doomed.stdout.readline() == '0\n'
        doomed.kill()
    with start(url, 0.2) as first, start(url, 0.2) as second:
        outputs = [worker.communicate()[0].split() for worker in (first, second)]
        assert [worker.returncode for worker in (first, second)] == [0, 0]
    assert all(outputs), 'one process did all the work'
    trials = open_study(url).trials
    done = [trial for trial in trials if trial.state == optuna.trial.TrialState.COMPLETE]
    assert len(done) == 12 and len({trial.params['x'] for trial in done}) == 12
    assert trials[0].state == optuna.trial.TrialState.FAIL
    assert trials[0].params['x'] in {trial.params['x'] for trial in done}
    assert not [trial for trial in trials if trial.state == optuna.trial.TrialState.RUNNING]


def test_an_interrupted_study_keeps_what_there_is(url: str) -> None:
    """Ctrl-C in the third trial keeps two; the next call runs what is missing."""
    def interrupted(trial: optuna.Trial) -> float:
        if trial.number == 2:
            raise KeyboardInterrupt
        return draw(trial)

    ended: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        tuning_study.run_trials(
            open_study(url), interrupted, 4, lambda trial: ended.append(trial.number))
    assert ended == [0, 1]
    study = open_study(url)
    tuning_study.run_trials(study, draw, 4, lambda trial: None)
    assert [trial.state.name for trial in study.trials] == [
        'COMPLETE', 'COMPLETE', 'FAIL', 'COMPLETE', 'COMPLETE']


def test_a_resumed_study_draws_what_an_uninterrupted_one_draws(url: str, tmp_path: Path) -> None:
    """Also where TPE has begun to learn, after ten random trials."""
    whole = open_study(f'sqlite:///{tmp_path / "whole.db"}')
    tuning_study.run_trials(whole, draw, 13, lambda trial: None)
    for count in (3, 12, 13):
        tuning_study.run_trials(open_study(url), draw, count, lambda trial: None)
    values = [[trial.params['x'] for trial in study.trials] for study in (whole, open_study(url))]
    assert values[0] == values[1] and len(set(values[0])) == 13


def test_a_full_study_runs_nothing(url: str) -> None:
    """--n-trials is what the study holds in the end, so repeating a command adds nothing."""
    tuning_study.run_trials(open_study(url), draw, 2, lambda trial: None)
    tuning_study.run_trials(open_study(url), draw, 2, lambda trial: pytest.fail('a third trial'))
    assert len(open_study(url).trials) == 2


def test_a_trial_that_another_process_took_over_is_dropped(url: str) -> None:
    """A process that slept too long neither crashes nor counts its trial."""
    study = open_study(url)

    def slept(trial: optuna.Trial) -> float:
        value = draw(trial)
        if trial.number == 0:
            study.tell(0, state=optuna.trial.TrialState.FAIL)
            trial.report(value, 1)
        return value

    tuning_study.run_trials(study, slept, 2, lambda trial: None)
    assert [trial.state.name for trial in study.trials] == ['FAIL', 'COMPLETE', 'COMPLETE']


def test_an_error_in_a_trial_ends_the_search(url: str) -> None:
    """A fault of ours is not taken for a bad draw."""
    def broken(trial: optuna.Trial) -> float:
        raise ValueError('a fault')

    with pytest.raises(ValueError, match='a fault'):
        tuning_study.run_trials(open_study(url), broken, 2, lambda trial: None)


def test_a_study_of_something_else_is_refused(url: str) -> None:
    """Results of different searches do not mix."""
    open_study(url, rows=100)
    with pytest.raises(tuning_study.InputError, match='made with rows 100, not 200: give the'):
        open_study(url, rows=200)


def test_a_study_of_an_earlier_version_goes_on(url: str) -> None:
    """It names settings that are gone since, which had no effect in it."""
    open_study(url, rows=100).set_user_attr(
        tuning_study.DEFINITION, {'rows': 100, 'training.first_side': 48})
    assert open_study(url, rows=100).trials == []


@pytest.mark.parametrize('wrong, message', [
    ('nonsense', 'Could not parse'),
    ('foo://host/name', 'foo://host/name cannot be opened'),
    ('sqlite:////nowhere/study.db', 'unable to open database file'),
    ('mysql+pymysql://ada:secret@host/name', r'mysql\+pymysql://ada:\*\*\*@host/name'),
])
def test_a_database_that_cannot_be_opened_is_one_line(wrong: str, message: str) -> None:
    """The line names the URL, without its password, and the reason."""
    with pytest.raises(tuning_study.InputError, match=message) as caught:
        open_study(wrong)
    assert '\n' not in str(caught.value) and 'secret' not in str(caught.value)


def test_hyperband_ends_most_trials_early(url: str) -> None:
    """A third goes on at each rung; the best one is whole."""
    def objective(trial: optuna.Trial) -> float:
        x = draw(trial)
        for epoch in range(1, 10):
            trial.report(x * epoch / 9, epoch)
            if trial.should_prune():
                raise optuna.TrialPruned
        return x
    study = tuning_study.open_study(
        url, 'bands', {}, 10, tuning_study.pruner_of('hyperband', 9))
    tuning_study.run_trials(study, objective, 40, lambda trial: None)
    states = [trial.state for trial in study.trials]
    assert states.count(optuna.trial.TrialState.PRUNED) > 10
    epochs = sum(len(trial.intermediate_values) for trial in study.trials)
    assert epochs < 0.8 * 40 * 9
    assert study.best_value > 0.8


def test_the_dashboard_of_optuna_shows_a_study(url: str, tmp_path: Path) -> None:
    """As docs/training.md starts it."""
    pytest.importorskip('optuna_dashboard', reason='optuna-dashboard is not installed')
    tuning_study.run_trials(open_study(url), draw, 3, lambda trial: None)
    with socket.create_server(('127.0.0.1', 0)) as probe:
        port = probe.getsockname()[1]
    command = [str(Path(sys.executable).with_name('optuna-dashboard')), url,
               '--host', '127.0.0.1', '--port', str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as dashboard:
        try:
            told = json.loads(wait_for_answer(f'http://127.0.0.1:{port}/api/studies'))
        finally:
            dashboard.terminate()
    study, = told['study_summaries']
    assert study['study_name'] == 'shared'


def wait_for_answer(url: str) -> bytes:
    """Return what a server that is starting answers."""
    deadline = monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
                return bytes(answer.read())
        except OSError:
            assert monotonic() < deadline
            sleep(0.2)
