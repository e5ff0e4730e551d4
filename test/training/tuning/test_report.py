# SPDX-License-Identifier: Apache-2.0
"""The files that a study leaves, from trials that are made up here."""
from collections.abc import Iterator
import csv
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

optuna = pytest.importorskip('optuna', reason='the training extra (Optuna) is not installed')
pytest.importorskip('matplotlib', reason='the training extra (matplotlib) is not installed')
PLOTS = ['history.png', 'importance.png', 'slices.png']


def make_trials(count: int) -> Iterator[Any]:
    """Yield trials of the space 'original'; every third one was pruned, one failed."""
    from emorec_training.tuning.search_spaces import SPACES
    from emorec_training.tuning.search_spaces import suggest
    rng = np.random.default_rng(0)
    for number in range(count):
        source = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=number)).ask()
        suggest(source, SPACES['original'])
        state = ('complete', 'complete', 'pruned')[number % 3]
        if number == 4:
            yield optuna.create_trial(state=optuna.trial.TrialState.FAIL)
            continue
        curve = {step: float(rng.uniform(0.2, 0.5)) for step in range(1, 4)}
        yield optuna.create_trial(
            state=optuna.trial.TrialState[state.upper()], params=source.params,
            distributions=source.distributions, intermediate_values=curve,
            value=max(curve.values()) if state == 'complete' else None)


def write(folder: Path, count: int) -> optuna.Study:
    """Report a study of so many trials."""
    from emorec_training.config import load_config
    from emorec_training.tuning.report import write_report
    from emorec_training.tuning.search_spaces import SPACES
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction='maximize', study_name='made up')
    study.add_trials(list(make_trials(count)))
    write_report(study, SPACES['original'],
                 lambda chosen: load_config(None, {'network.name': 'original', **chosen}), folder)
    return study


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the report of 24 trials."""
    folder = tmp_path_factory.mktemp('report')
    write(folder, 24)
    return folder


def test_nothing_temporary_stays(folder: Path) -> None:
    """The files of a report, and no others."""
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        ['best.yaml', 'trials.csv', *PLOTS])


@pytest.mark.parametrize('name', PLOTS)
def test_plots_show_something(folder: Path, name: str) -> None:
    """They are images of a readable size, with colour in them."""
    image = cv2.imread(str(folder / name))
    assert image is not None and min(image.shape[:2]) >= 300
    assert np.ptp(image.astype(int), axis=2).max() > 100


def test_the_table_lists_every_trial_that_ended(folder: Path) -> None:
    """One row each with its settings; the failed one has nothing to tell."""
    with open(folder / 'trials.csv', newline='') as file:
        rows = list(csv.DictReader(file))
    assert [int(row['trial']) for row in rows] == [*range(4), *range(5, 24)]
    assert [row['state'] for row in rows[:3]] == ['complete', 'complete', 'pruned']
    assert rows[0]['epochs'] == '3' and float(rows[0]['optimizer.lr']) > 0


def test_train_takes_the_best_settings(folder: Path) -> None:
    """best.yaml is a whole config with the values of the best completed trial."""
    from emorec_training.config import load_config
    with open(folder / 'trials.csv', newline='') as file:
        rows = [row for row in csv.DictReader(file) if row['state'] == 'complete']
    best = max(rows, key=lambda row: float(row['accuracy']))
    config = load_config(folder / 'best.yaml')
    assert config.network.name == 'original'
    assert config.optimizer.lr == float(best['optimizer.lr'])
    assert config.training.batch_size == int(best['training.batch_size'])
    assert (folder / 'best.yaml').read_text().startswith(
        f'# Trial {best["trial"]} of the study made up: {float(best["accuracy"]):.2%} on the')


def test_a_pruned_trial_is_never_the_best() -> None:
    """It stopped early: what it reached says nothing about the whole run."""
    from emorec_training.tuning.report import best_trial
    pruned = optuna.create_trial(
        state=optuna.trial.TrialState.PRUNED, intermediate_values={1: 0.9})
    complete = optuna.create_trial(value=0.4, intermediate_values={1: 0.4})
    assert best_trial([pruned, complete]) is complete
    assert best_trial([pruned]) is None


def test_a_young_study_is_reported_too(tmp_path: Path) -> None:
    """Importance waits until there are trials to compare."""
    write(tmp_path, 1)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {'trials.csv', 'history.png', 'slices.png', 'best.yaml'}
