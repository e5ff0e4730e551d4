# SPDX-License-Identifier: Apache-2.0
"""The report of a study: best.yaml for `train --config`, trials.csv and plots."""

from collections.abc import Callable
from collections.abc import Sequence
import csv
import dataclasses
import io
import math
from pathlib import Path
from typing import Any
import warnings

from emorec_training.config import Config
from emorec_training.plots import save_figure
from emorec_training.tuning.search_spaces import Range
from emorec_training.tuning.search_spaces import Space
from emorec_vision.files.access import write_text
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
import optuna
from optuna.trial import FrozenTrial
from optuna.trial import TrialState
import yaml

FEWEST_FOR_IMPORTANCE: int = 10
"""Completed trials: PED-ANOVA compares their best tenth with all."""

ACCURACY: str = 'accuracy on the tuning tenth (%)'
NAMES: dict[TrialState, str] = {TrialState.COMPLETE: 'complete', TrialState.PRUNED: 'pruned'}


def write_report(study: optuna.Study, space: Space,
                 config_of: Callable[[dict[str, Any]], Config], folder: Path) -> None:
    """Write best.yaml, trials.csv, history.png, slices.png and importance.png.

    Args:
        study: the study.
        space: what it searches.
        config_of: gives all settings of a trial from those that were searched.
        folder: where the files are written.
    """
    trials = [trial for trial in study.get_trials(deepcopy=False) if trial.state in NAMES]
    write_text(folder / 'trials.csv', _table(trials, space))
    best = best_trial(trials)
    if best is not None:
        settings = yaml.safe_dump(dataclasses.asdict(config_of(best.params)), sort_keys=False)
        write_text(folder / 'best.yaml',
                   f'# Trial {best.number} of the study {study.study_name}: '
                   f'{accuracy(best):.2%} on the tuning tenth.\n{settings}')
    name = f'study {study.study_name}'
    save_figure(_history(trials), folder / 'history.png', name, 'Accuracy of the trials')
    save_figure(_slices(trials, space), folder / 'slices.png', name, 'Accuracy by setting')
    importances = _importances(study, trials)
    if importances:
        save_figure(_importance(importances), folder / 'importance.png', name,
                    'Which settings matter')


def accuracy(trial: FrozenTrial) -> float:
    """Return the best accuracy a trial reached, 0..1; a pruned one reached it early."""
    return max(trial.intermediate_values.values(), default=0.0)


def best_trial(trials: Sequence[FrozenTrial]) -> FrozenTrial | None:
    """Return the completed trial with the highest accuracy, the first of equals."""
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    return max(complete, key=lambda trial: (accuracy(trial), -trial.number), default=None)


def describe(chosen: dict[str, Any]) -> str:
    """Return the searched settings of a trial in one line."""
    return ', '.join(f'{_short(name)} {value:.3g}' for name, value in chosen.items())


def _table(trials: Sequence[FrozenTrial], space: Space) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator='\n')
    writer.writerow(['trial', 'state', 'accuracy', 'epochs', 'seconds', *space])
    for trial in trials:
        seconds = trial.duration.total_seconds() if trial.duration is not None else 0.0
        writer.writerow([trial.number, NAMES[trial.state], f'{accuracy(trial):.4f}',
                         len(trial.intermediate_values), f'{seconds:.1f}',
                         *(trial.params.get(name, '') for name in space)])
    return text.getvalue()


def _history(trials: Sequence[FrozenTrial]) -> Figure:
    figure = Figure(figsize=(8, 4.5), layout='constrained')
    axes = figure.subplots()
    _scatter(axes, trials, [trial.number for trial in trials])
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    best, steps = 0.0, []
    for trial in complete:
        best = max(best, 100 * accuracy(trial))
        steps.append(best)
    axes.step([trial.number for trial in complete], steps, where='post', color='tab:red',
              label='best so far', zorder=1)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_xlabel('trial')
    axes.set_ylabel(ACCURACY)
    axes.legend()
    return figure


def _slices(trials: Sequence[FrozenTrial], space: Space) -> Figure:
    columns = min(len(space), 3 if len(space) <= 6 else 4)
    rows = math.ceil(len(space) / columns)
    figure = Figure(figsize=(3.2 * columns, 3.0 * rows + 0.4), layout='constrained')
    grid = figure.subplots(rows, columns, sharey=True, squeeze=False)
    for axes, name in zip(grid.flat, space):
        known = [trial for trial in trials if name in trial.params]
        part = space[name]
        if isinstance(part, Range):
            _scatter(axes, known, [trial.params[name] for trial in known])
            axes.set_xscale('log' if part.log else 'linear')
            axes.set_xlim(part.low, part.high)
        else:
            values = list(part.values)
            _scatter(axes, known, [values.index(trial.params[name]) for trial in known])
            axes.set_xticks(range(len(values)), [str(value) for value in values])
            axes.set_xlim(-0.5, len(values) - 0.5)
        axes.set_xlabel(_short(name))
    for axes in list(grid.flat)[len(space):]:
        axes.set_visible(False)
    figure.supylabel(ACCURACY)
    grid[0, 0].legend(fontsize='small')
    return figure


def _scatter(axes: Axes, trials: Sequence[FrozenTrial], places: Sequence[float]) -> None:
    """Draw completed trials as dots and pruned ones as crosses over `places`."""
    for state, marker, color in ((TrialState.PRUNED, 'x', 'gray'),
                                 (TrialState.COMPLETE, 'o', 'tab:blue')):
        chosen = [index for index, trial in enumerate(trials) if trial.state == state]
        if chosen:
            axes.scatter([places[index] for index in chosen],
                         [100 * accuracy(trials[index]) for index in chosen],
                         s=24, alpha=0.8, label=NAMES[state], zorder=2, marker=marker,
                         color=color, clip_on=False)
    axes.grid(alpha=0.3)


def _importances(study: optuna.Study, trials: Sequence[FrozenTrial]) -> dict[str, float]:
    """Return the share of each setting in the outcome, by PED-ANOVA (arXiv 2304.10255)."""
    complete = [trial for trial in trials if trial.state == TrialState.COMPLETE]
    if len(complete) < FEWEST_FOR_IMPORTANCE:
        return {}
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        return optuna.importance.get_param_importances(study)


def _importance(importances: dict[str, float]) -> Figure:
    names = list(importances)[::-1]
    shares = [100 * importances[name] for name in names]
    figure = Figure(figsize=(7, 0.45 * len(names) + 1.2), layout='constrained')
    axes = figure.subplots()
    bars = axes.barh([_short(name) for name in names], shares, color='tab:blue')
    axes.bar_label(bars, fmt='%.0f %%', padding=3)
    axes.set_xlim(0, 1.15 * max(shares))
    axes.set_xlabel('importance for reaching the best tenth of the trials (%, PED-ANOVA)')
    return figure


def _short(name: str) -> str:
    return name.split('.')[-1].replace('_', ' ')
