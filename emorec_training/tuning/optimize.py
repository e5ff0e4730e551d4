# SPDX-License-Identifier: Apache-2.0
"""The search for hyper-parameters: many brief trainings, measured on a tenth of Training."""

import contextlib
import dataclasses
import io
from pathlib import Path
import shutil
import sys
from typing import Any

from emorec_training.config import Config
from emorec_training.config import load_config
from emorec_training.config import options
from emorec_training.data.dataset import Split
from emorec_training.train import checkpoint
from emorec_training.train.loop import Diverged
from emorec_training.train.loop import train
from emorec_training.train.run_lock import run_lock
from emorec_training.train.targets import Task
from emorec_training.tuning import report
from emorec_training.tuning.search_spaces import search_space
from emorec_training.tuning.search_spaces import Space
from emorec_training.tuning.search_spaces import suggest
from emorec_training.tuning.split import tuning_split
from emorec_training.tuning.study import DONE
from emorec_training.tuning.study import open_study
from emorec_training.tuning.study import pruner_of
from emorec_training.tuning.study import run_trials
from emorec_vision.errors import InputError
from emorec_vision.files.access import make_folder
import optuna
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
import tqdm

VALIDATION_NAME: str = 'the tuning tenth'


@dataclasses.dataclass
class Plan:
    """What is searched, on what, and where it is kept.

    Attributes:
        fixed: dotted names of settings to values that all trials share (None: not fixed).
        folder: where report and curves are written.
        trials: how many the study shall hold.
        seed: of the split, the sampler and each training.
        rows: images to draw from Training, 0 for all.
        storage: URL of SQLAlchemy; '' for SQLite in `folder`.
        study: its name there; '' for that of the network.
        pruner: what ends poor trials early, of PRUNERS.
    """

    fixed: dict[str, Any]
    folder: Path
    trials: int = 50
    seed: int = 10
    rows: int = 0
    storage: str = ''
    study: str = ''
    pruner: str = 'median'


def optimize(plan: Plan, training: Split, digest: str) -> optuna.Study:
    """Run the trials that the study lacks, rewriting its report after each, and return it.

    The objective is the best accuracy that a trial reaches on a duplicate-grouped tenth of
    Training.

    Args:
        plan: what is searched.
        training: the images of Training; no test split is looked at.
        digest: SHA-256 of the data.

    Raises:
        InputError: if the plan, the data or the database do not fit.
    """
    if plan.trials < 1:
        raise InputError(f'--n-trials: {plan.trials} is less than 1')
    search = _Search(plan, training, digest)
    reported = -1
    with search.make_bar() as bar:
        def after_trial(trial: FrozenTrial) -> None:
            nonlocal reported
            search.report()
            reported = search.done()
            bar.write(_line(search.study, trial, plan.trials), file=sys.stdout)
            sys.stdout.flush()
            bar.update(search.done() - bar.n)

        run_trials(search.study, search.objective, plan.trials, after_trial)
    if search.done() != reported:  # trials ended elsewhere, or were killed before their report
        search.report()
    return search.study


class _Search:
    """The study of a plan, and how a trial of it is trained."""

    def __init__(self, plan: Plan, training: Split, digest: str) -> None:
        self._plan = plan
        base = self.config_of({})
        self.space = search_space(base.network.name, plan.fixed)
        name = plan.study or base.network.name
        if name != Path(name).name or name == '..':
            raise InputError(f'--study: {name!r} cannot be the name of a folder')
        self.folder = plan.folder / name
        learn, held_out = tuning_split(training, plan.seed, plan.rows)
        self._task = Task(learn.images, learn.targets, held_out.images, held_out.labels,
                          learn.names, digest, 0, VALIDATION_NAME, scheme=learn.scheme)
        self.study = open_study(
            plan.storage or f'sqlite:///{plan.folder.resolve() / "studies.db"}', name,
            _definition(plan, base, self.space, self._task), plan.seed,
            pruner_of(plan.pruner, base.training.epochs))
        make_folder(self.folder)

    def config_of(self, chosen: dict[str, Any]) -> Config:
        """Return all settings of a trial."""
        return load_config(
            None, self._plan.fixed | {'training.seed': self._plan.seed} | chosen)

    def report(self) -> None:
        """Write the report again, and delete the weights that killed trials left."""
        with run_lock(self.folder, wait=True):
            report.write_report(self.study, self.space, self.config_of, self.folder)
            for trial in self.study.get_trials(deepcopy=False):
                if trial.state != TrialState.RUNNING:
                    _delete_weights(self._folder_of(trial.number))

    def _folder_of(self, number: int) -> Path:
        return self.folder / 'trials' / f'{number:04d}'

    def done(self) -> int:
        """Return how many trials the study holds, by whichever process."""
        return len(self.study.get_trials(deepcopy=False, states=DONE))

    def make_bar(self) -> 'tqdm.tqdm[None]':
        """Return the progress bar over the trials."""
        return tqdm.tqdm(total=self._plan.trials, initial=min(self.done(), self._plan.trials),
                         desc='trials', file=sys.stderr, disable=None)

    def objective(self, trial: optuna.Trial) -> float:
        """Train once and return the best accuracy on the tuning tenth, also if it diverges.

        Raises:
            TrialPruned: if it is poor.
        """
        best = 0.0

        def on_epoch(record: dict[str, float]) -> None:
            nonlocal best
            best = max(best, record['check_accuracy'])
            trial.report(record['check_accuracy'], int(record['epoch']))
            if trial.should_prune() and record['progress'] < 1.0:
                raise optuna.TrialPruned

        config = self.config_of(suggest(trial, self.space))
        folder = self._folder_of(trial.number)
        shutil.rmtree(folder, ignore_errors=True)
        try:
            with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(Diverged):
                train(config, self._task, folder, on_epoch=on_epoch)
        finally:
            _delete_weights(folder)
        return best


def _delete_weights(folder: Path) -> None:
    for name in ('model.keras', checkpoint.NAME):
        (folder / name).unlink(missing_ok=True)


def _definition(plan: Plan, base: Config, space: Space, task: Task) -> dict[str, Any]:
    """Return what must be equal in all processes that share a study."""
    searched = {f'search space {name}': list(part) for name, part in space.items()}
    settings = {name: getattr(getattr(base, name.split('.')[0]), name.split('.')[1])
                for name, _ in options()
                if name not in (*space, 'training.seed', 'network.classes')}
    return searched | settings | {
        'data': task.digest[:12], 'labels': ', '.join(task.labels),
        '--labels': task.scheme, '--seed': plan.seed,
        'images to train on': len(task.images), 'images to tune on': len(task.validation_images)}


def _line(study: optuna.Study, trial: FrozenTrial, count: int) -> str:
    reached = report.accuracy(trial)
    epochs = len(trial.intermediate_values)
    ending = 'pruned after' if trial.state == TrialState.PRUNED else 'in'
    best = report.best_trial(study.get_trials(deepcopy=False))
    return (f'trial {trial.number} of {count}: {reached:.2%} {ending} {epochs} epochs, '
            f'{report.describe(trial.params)} '
            f'(best {report.accuracy(best):.2%}, trial {best.number})'
            if best is not None else f'trial {trial.number} of {count}: {reached:.2%}')
