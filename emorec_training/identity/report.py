# SPDX-License-Identifier: Apache-2.0
"""The files of an evaluation of recognition: JSON, confusion matrix and ROC."""

import math
from pathlib import Path
from typing import Any

from emorec_training.identity.evaluation import Evaluation
from emorec_training.plots import save_figure
from emorec_vision.files.access import write_json
from emorec_vision.identity.threshold import FALSE_ACCEPT
from matplotlib.axes import Axes
from matplotlib.figure import Figure
import numpy as np

SHOWN_RATES = (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0)


def write_report(summary: dict[str, Any], evaluation: Evaluation, folder: Path) -> None:
    """Write evaluation.json (the summary), confusion.png and roc.png.

    Raises:
        InputError: where a file cannot be written.
    """
    write_json(folder / 'evaluation.json', summary)
    _draw_confusion(evaluation.confusion, summary, folder / 'confusion.png')
    _draw_roc(evaluation, summary, folder / 'roc.png')


def _draw_confusion(counts: np.ndarray, summary: dict[str, Any], path: Path) -> None:
    """Draw shares of the true person's images."""
    names = summary['names']
    side = min(max(4.0, 0.28 * len(names) + 2.0), 40.0)
    figure = Figure(figsize=(side + 1.0, side), layout='constrained')
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    image = axes.imshow(shares, cmap='Blues', vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, shrink=0.8, label='share of the true person')
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7, parse_math=False)
    axes.set_yticks(range(len(names)), names, fontsize=7, parse_math=False)
    axes.set(xlabel='nearest person', ylabel='true person')
    save_figure(figure, path, summary['recognizer'], 'How often each person is taken for whom')


def _draw_roc(evaluation: Evaluation, summary: dict[str, Any], path: Path) -> None:
    """Draw true against false accepts, of the looks of all splits."""
    strangers = np.sort(evaluation.strangers)
    friends = np.sort(evaluation.friends)
    rates = np.arange(1, len(strangers) + 1) / len(strangers)
    accepted = np.searchsorted(friends, strangers, side='right') / len(friends)
    figure = Figure(figsize=(6, 5), layout='constrained')
    axes = figure.subplots()
    axes.plot(rates, accepted, label='all splits')
    axes.axvline(FALSE_ACCEPT, color='0.45', linestyle=':',
                 label=f'{100 * FALSE_ACCEPT:g} % false accepts')
    axes.plot(summary['calibrated_false_accept']['mean'] or math.nan,
              summary['calibrated_true_accept']['mean'], 'o', color='black',
              label='calibrated threshold')
    axes.set(xscale='log', xlabel='share of strangers accepted (false-accept rate)',
             ylabel='share of friends accepted under their name', ylim=(0, 1.01))
    axes.grid(alpha=0.3)
    axes.legend(loc='lower right')
    _add_thresholds(axes, rates, strangers)
    save_figure(figure, path, summary['recognizer'], 'Who is recognised, at each threshold')


def _add_thresholds(axes: Axes, rates: np.ndarray, strangers: np.ndarray) -> None:
    """Say above the axis of false accepts at which distance each of them is reached."""
    above = axes.twiny()
    above.set(xscale='log', xlim=axes.get_xlim(), xlabel='threshold of the distance')
    shown = [rate for rate in SHOWN_RATES if rates[0] <= rate <= 1.0]
    distances = np.interp(shown, rates, strangers)
    above.set_xticks(shown, [f'{distance:.3g}' for distance in distances])
    above.set_xticks([], minor=True)
