# SPDX-License-Identifier: Apache-2.0
"""The files of an evaluation of recognition: JSON, confusion matrix and ROC."""

from collections.abc import Sequence
import math
from pathlib import Path
from typing import Any

from emorec_training.identity.evaluation import Evaluation
from emorec_training.plots import save_figure
from emorec_vision.files.access import write_json
from emorec_vision.identity.threshold import FALSE_ACCEPT
from matplotlib.figure import Figure
import numpy as np


def write_report(summary: dict[str, Any], evaluation: Evaluation, folder: Path) -> None:
    """Write evaluation.json (the summary), confusion.png and roc.png.

    Raises:
        InputError: where a file cannot be written.
    """
    write_json(folder / 'evaluation.json', summary)
    _draw_confusion(evaluation.confusion, summary['names'], folder / 'confusion.png')
    _draw_roc(evaluation, summary, folder / 'roc.png')


def _draw_confusion(counts: np.ndarray, names: Sequence[str], path: Path) -> None:
    """Draw shares of the true person's images."""
    side = min(max(4.0, 0.28 * len(names) + 2.0), 40.0)
    figure = Figure(figsize=(side + 1.0, side), layout='constrained')
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    image = axes.imshow(shares, cmap='Blues', vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, shrink=0.8, label='share of the true person')
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7, parse_math=False)
    axes.set_yticks(range(len(names)), names, fontsize=7, parse_math=False)
    axes.set(xlabel='nearest person', ylabel='true person')
    save_figure(figure, path)


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
    save_figure(figure, path)
