# SPDX-License-Identifier: Apache-2.0
"""A study of Optuna that several processes and machines share, and that survives their end."""

from collections.abc import Callable
import json
import time
from typing import Any
import warnings

from emorec_training.config import without_retired
from emorec_vision.errors import InputError
import optuna
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
import sqlalchemy.exc

HEARTBEAT: int = 5
GRACE: int = 60
"""A running trial that gave no sign of life for GRACE seconds (one each HEARTBEAT) is dead."""

RETRIES: int = 2
PRUNERS: tuple[str, ...] = ('median', 'hyperband', 'none')
WARM_UP_SHARE: float = 0.2
"""Share of the epochs before which the median prunes no trial: learning rates still rise."""
DONE: tuple[TrialState, ...] = (TrialState.COMPLETE, TrialState.PRUNED)
DEFINITION: str = 'definition'
IN_MEMORY: tuple[str, ...] = ('sqlite://', 'sqlite:///', 'sqlite:///:memory:')
Objective = Callable[[optuna.Trial], float]


class _Surplus(Exception):
    """A trial that another process began at the same moment: the last one, or the same retry."""


class RepeatableTPE(optuna.samplers.BaseSampler):
    """TPE (Bergstra et al. 2011) whose draws depend on the seed, the trial's number and history.

    So a resumed study goes on like an uninterrupted one, and processes that share a study and
    a seed do not draw the same values.

    Args:
        seed: of the draws.
    """

    def __init__(self, seed: int) -> None:
        """Begin like TPESampler(seed)."""
        self._seed = seed
        self._sampler = optuna.samplers.TPESampler(seed=seed)

    def infer_relative_search_space(
            self, study: optuna.Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Seed the trial, then answer as TPESampler."""
        self._sampler = optuna.samplers.TPESampler(
            seed=(self._seed + 1_000_003 * trial.number) % 2**32)
        return self._sampler.infer_relative_search_space(study, trial)

    def sample_relative(self, study: optuna.Study, trial: FrozenTrial,
                        search_space: dict[str, BaseDistribution]) -> dict[str, Any]:
        """Answer as TPESampler."""
        return self._sampler.sample_relative(study, trial, search_space)

    def sample_independent(self, study: optuna.Study, trial: FrozenTrial, param_name: str,
                           param_distribution: BaseDistribution) -> Any:
        """Answer as TPESampler."""
        return self._sampler.sample_independent(study, trial, param_name, param_distribution)


def pruner_of(kind: str, epochs: int) -> optuna.pruners.BasePruner:
    """Return what ends poor trials early, one of PRUNERS.

    Args:
        kind: median: below the median of earlier trials at the same epoch, after a fifth of the
            epochs, from the sixth trial on; hyperband: brackets of successive halving (Li et
            al. 2018, arXiv 1603.06560), each third goes on; none: nobody.
        epochs: of a whole trial.
    """
    if kind == 'none':
        return optuna.pruners.NopPruner()
    if kind == 'hyperband':
        return optuna.pruners.HyperbandPruner(
            min_resource=1, max_resource=max(1, epochs), reduction_factor=3)
    return optuna.pruners.MedianPruner(
        n_startup_trials=5, n_warmup_steps=round(WARM_UP_SHARE * epochs))


def open_study(url: str, name: str, definition: dict[str, Any], seed: int,
               pruner: optuna.pruners.BasePruner) -> optuna.Study:
    """Open a study, which maximises; make it if it does not exist.

    Args:
        url: a database of SQLAlchemy.
        name: of the study.
        definition: what is searched on what, in what JSON can hold.
        seed: of the sampler.
        pruner: ends poor trials early.

    Raises:
        InputError: if the database cannot be opened or the study has another definition.
    """
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    warnings.simplefilter('ignore', optuna.exceptions.ExperimentalWarning)
    if url in IN_MEMORY:
        raise InputError(f'--storage: {url} lives in memory only; name a file, such as '
                         'sqlite:///study.db')
    storage = _open_storage(url)
    definition = json.loads(json.dumps(definition))
    try:
        study = optuna.create_study(
            storage=storage, study_name=name, load_if_exists=True, direction='maximize',
            sampler=RepeatableTPE(seed), pruner=pruner)
        if DEFINITION not in study.user_attrs:
            study.set_user_attr(DEFINITION, definition)
    except optuna.exceptions.StorageInternalError as error:
        raise InputError(_storage_message(url, error)) from error
    _compare(without_retired(study.user_attrs[DEFINITION]), definition, name)
    return study


def _open_storage(url: str) -> optuna.storages.RDBStorage:
    """Open the database; retry, since two processes that make its tables at once collide."""
    attempts = 4
    while True:
        attempts -= 1
        try:
            connect = {'timeout': 60} if url.startswith('sqlite') else {}
            return optuna.storages.RDBStorage(
                url, engine_kwargs={'connect_args': connect}, heartbeat_interval=HEARTBEAT,
                grace_period=GRACE, heartbeat_stale_trial_callback=(
                    optuna.storages.RetryHeartbeatStaleTrialCallback(max_retry=RETRIES)))
        except (sqlalchemy.exc.ArgumentError, ImportError, RuntimeError, ValueError) as error:
            raise InputError(_storage_message(url, error)) from error
        except (sqlalchemy.exc.SQLAlchemyError, optuna.exceptions.OptunaError) as error:
            if not attempts:
                raise InputError(_storage_message(url, error)) from error
            time.sleep(0.3)


def _storage_message(url: str, error: Exception) -> str:
    try:
        shown = sqlalchemy.make_url(url).render_as_string(hide_password=True)
    except (sqlalchemy.exc.ArgumentError, ValueError):
        shown = 'the URL'
    return (f'--storage: {shown} cannot be opened ({_reason(error)}); name a database of '
            'SQLAlchemy, such as sqlite:///study.db or postgresql+psycopg://user@host/name')


def _reason(error: Exception) -> str:
    return str(getattr(error, 'orig', None) or error.__cause__ or error).split('\n')[0]


def _compare(old: dict[str, Any], new: dict[str, Any], name: str) -> None:
    for key in old | new:
        if old.get(key) != new.get(key):
            raise InputError(f'--study {name} was made with {key} {old.get(key)}, not '
                             f'{new.get(key)}: give the same settings, or name another --study')


def run_trials(study: optuna.Study, objective: Objective, count: int,
               after_trial: Callable[[FrozenTrial], None]) -> None:
    """Run trials until the study holds `count` of them, by whichever process.

    Trials that died with their process do not count: they are run again with the same values.
    At the end it waits for the trials of others.

    Args:
        study: the study.
        objective: runs one trial.
        count: how many trials the study shall hold.
        after_trial: called with each trial that ended in this process.

    Raises:
        InputError: if the database fails.
    """
    def run(trial: optuna.Trial) -> float:
        active = study.get_trials(deepcopy=False, states=(*DONE, TrialState.RUNNING))
        earlier = [other for other in active if other.number < trial.number]
        retried = [past for other in active if other.number == trial.number
                   if (past := _retry_history(other))]
        if len(earlier) >= count or any(_retry_history(other) in retried for other in earlier):
            raise _Surplus
        return objective(trial)

    def ended(_: optuna.Study, trial: FrozenTrial) -> None:
        if trial.state in DONE:
            after_trial(trial)

    try:
        _until_done(study, count, run, ended)
    except optuna.exceptions.StorageInternalError as error:
        raise InputError(f'the database of the study failed ({_reason(error)}); the same command '
                         'goes on with the study') from error


def _until_done(study: optuna.Study, count: int, run: Objective,
                ended: Callable[[optuna.Study, FrozenTrial], None]) -> None:
    idle = 0.0
    while len(study.get_trials(deepcopy=False, states=DONE)) < count:
        optuna.storages.fail_stale_trials(study)
        running = study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))
        if len(running) + len(study.get_trials(deepcopy=False, states=DONE)) < count:
            idle = 0.0
            _run_one(study, run, ended)
            continue
        if idle > GRACE:
            _fail_unstarted(study, running)
        idle += 0.5
        time.sleep(0.5)


def _retry_history(trial: FrozenTrial) -> list[int]:
    return optuna.storages.RetryHeartbeatStaleTrialCallback.retry_history(trial)


def _run_one(study: optuna.Study, run: Objective,
             ended: Callable[[optuna.Study, FrozenTrial], None]) -> None:
    errors: list[Exception] = []

    def noted(trial: optuna.Trial) -> float:
        try:
            return run(trial)
        except Exception as error:
            errors.append(error)
            raise

    try:
        study.optimize(noted, n_trials=1, catch=(_Surplus,), callbacks=[ended])
    except (optuna.exceptions.UpdateFinishedTrialError, ValueError):
        # This process slept for longer than GRACE: the trial counts as dead, and is run again.
        lost = (optuna.exceptions.UpdateFinishedTrialError, optuna.TrialPruned)
        if errors and not isinstance(errors[0], lost):
            raise


def _fail_unstarted(study: optuna.Study, running: list[FrozenTrial]) -> None:
    """Fail trials whose process died between beginning them and the first sign of life."""
    for trial in running:
        if not trial.params:
            study.tell(trial.number, state=TrialState.FAIL)
