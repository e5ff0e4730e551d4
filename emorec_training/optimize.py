# SPDX-License-Identifier: Apache-2.0
"""Searches hyper-parameters by training many networks briefly, on a tenth of Training."""

from collections.abc import Iterator
import contextlib
import dataclasses
import fcntl
import io
import os
from pathlib import Path
import shutil
import sys
from typing import Any

from emorec_training import checkpoint
from emorec_training import tuning_report
from emorec_training.config import Config
from emorec_training.config import load_config
from emorec_training.config import options
from emorec_training.dataset import Split
from emorec_training.lesson import Task
from emorec_training.search_spaces import free_space
from emorec_training.search_spaces import Space
from emorec_training.search_spaces import suggest
from emorec_training.train import Diverged
from emorec_training.train import train
from emorec_training.tuning_split import tuning_split
from emorec_training.tuning_study import DONE
from emorec_training.tuning_study import open_study
from emorec_training.tuning_study import run_trials
from emorec_vision.errors import InputError
import optuna
from optuna.trial import FrozenTrial
import tqdm

CHECK_NAME: str = 'the tuning tenth'
WARM_UP_SHARE: float = 0.2
"""Share of the epochs before which no trial is pruned: learning rates are still rising."""


@dataclasses.dataclass
class Plan:
    """What is searched, on what and where it is kept.

    fixed: dotted names of settings to values that all trials share (None: not fixed); folder:
    where report and curves are written; storage: URL of SQLAlchemy ('': SQLite in `folder`);
    study: its name there ('': the network's); rows: pictures to draw from Training (0: all).
    """

    fixed: dict[str, Any]
    folder: Path
    trials: int = 50
    seed: int = 10
    rows: int = 0
    storage: str = ''
    study: str = ''


def optimize(plan: Plan, training: Split, digest: str) -> optuna.Study:
    """Run the trials that the study lacks, rewriting its report after each, and return it.

    The objective is the best accuracy that a trial reaches on a duplicate-grouped tenth of
    Training. Test splits have no way in here.
    """
    if plan.trials < 1:
        raise InputError(f'--n-trials: {plan.trials} is less than 1')
    search = _Search(plan, training, digest)
    with search.make_bar() as bar:
        def after_trial(trial: FrozenTrial) -> None:
            with _alone(search.folder):
                tuning_report.write_report(search.study, search.space, search.config_of,
                                           search.folder)
            bar.write(_line(search.study, trial, plan.trials), file=sys.stdout)
            sys.stdout.flush()
            bar.update(search.done() - bar.n)

        run_trials(search.study, search.objective, plan.trials, after_trial)
    return search.study


class _Search:
    """The study of a plan, and how a trial of it is trained."""

    def __init__(self, plan: Plan, training: Split, digest: str) -> None:
        self._plan = plan
        base = load_config(None, plan.fixed)
        self.space = free_space(base.network.name, plan.fixed)
        name = plan.study or base.network.name
        if name != Path(name).name:
            raise InputError(f'--study: {name!r} cannot be the name of a folder')
        self.folder = plan.folder / name
        learn, check = tuning_split(training, plan.seed, plan.rows)
        self._task = Task(learn.images, learn.targets, check.images, check.labels, learn.names,
                          digest, 0, CHECK_NAME, scheme=learn.scheme)
        self.study = open_study(
            plan.storage or f'sqlite:///{plan.folder.resolve() / "studies.db"}', name,
            _definition(plan, base, self.space, self._task), plan.seed,
            round(WARM_UP_SHARE * base.training.epochs))
        self.folder.mkdir(exist_ok=True)

    def config_of(self, chosen: dict[str, Any]) -> Config:
        """Return all settings of a trial."""
        return load_config(
            None, self._plan.fixed | {'training.seed': self._plan.seed} | chosen)

    def done(self) -> int:
        """Return how many trials the study holds, by whichever process."""
        return len(self.study.get_trials(deepcopy=False, states=DONE))

    def make_bar(self) -> 'tqdm.tqdm[None]':
        """Return the progress bar over the trials."""
        return tqdm.tqdm(total=self._plan.trials, initial=min(self.done(), self._plan.trials),
                         desc='trials', file=sys.stderr, disable=None)

    def objective(self, trial: optuna.Trial) -> float:
        """Train once; return the best accuracy on the tuning tenth, or raise TrialPruned.

        Settings with which the loss stops being a number are worth what they reached before.
        """
        best = 0.0

        def on_epoch(record: dict[str, float]) -> None:
            nonlocal best
            best = max(best, record['check_accuracy'])
            trial.report(record['check_accuracy'], int(record['epoch']))
            if trial.should_prune() and record['progress'] < 1.0:
                raise optuna.TrialPruned

        config = self.config_of(suggest(trial, self.space))
        folder = self.folder / 'trials' / f'{trial.number:04d}'
        shutil.rmtree(folder, ignore_errors=True)
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Diverged):
                train(config, self._task, folder, on_epoch=on_epoch)
        finally:
            for name in ('model.keras', checkpoint.NAME):
                (folder / name).unlink(missing_ok=True)
        return best


def _definition(plan: Plan, base: Config, space: Space, task: Task) -> dict[str, Any]:
    """Return what must be equal in all processes that share a study."""
    searched = {f'search space {name}': list(part) for name, part in space.items()}
    settings = {name: getattr(getattr(base, name.split('.')[0]), name.split('.')[1])
                for name, _ in options()
                if name not in (*space, 'training.seed', 'network.classes')}
    return searched | settings | {
        'data': task.digest[:12], 'labels': ', '.join(task.labels),
        '--labels': task.scheme, '--seed': plan.seed,
        'pictures to train on': len(task.images), 'pictures to tune on': len(task.check_images)}


def _line(study: optuna.Study, trial: FrozenTrial, count: int) -> str:
    reached = tuning_report.accuracy(trial)
    epochs = len(trial.intermediate_values)
    ending = 'pruned after' if trial.state == optuna.trial.TrialState.PRUNED else 'in'
    best = tuning_report.best_trial(study.get_trials(deepcopy=False))
    return (f'trial {trial.number} of {count}: {reached:.2%} {ending} {epochs} epochs, '
            f'{tuning_report.describe(trial.params)} '
            f'(best {tuning_report.accuracy(best):.2%}, trial {best.number})'
            if best is not None else f'trial {trial.number} of {count}: {reached:.2%}')


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Keep other processes of this machine from writing the report at the same time."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
