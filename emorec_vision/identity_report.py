# SPDX-License-Identifier: Apache-2.0
"""The figures of an evaluation as text, JSON and pictures."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.identity_evaluation import Evaluation
from emorec_vision.identity_evaluation import FALSE_ACCEPT
from emorec_vision.identity_pictures import PictureSet
import numpy as np

ROWS = {
    'closed_set_accuracy': 'closed set: the nearest person is right',
    'true_accept': 'open set: friends accepted at 1 % false accepts',
    'calibrated_true_accept': 'calibrated threshold: friends accepted, per look',
    'calibrated_false_accept': 'calibrated threshold: strangers accepted, per look',
    'track_true_accept': 'calibrated threshold: tracks of friends named rightly',
    'track_false_accept': 'calibrated threshold: tracks of strangers ever named'}
ROC_RATES = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def figures_of(evaluation: Evaluation, pictures: PictureSet, train_pictures: int, seed: int,
               detected: bool) -> dict[str, Any]:
    """Return all figures as JSON takes them; shares are 0..1."""
    values = {'closed_set_accuracy': evaluation.closed,
              **{name: getattr(evaluation, name) for name in list(ROWS)[1:]}}
    friends, strangers = np.array(evaluation.friends), np.array(evaluation.strangers)
    return {
        'people': len(pictures.names), 'pictures': len(pictures.pictures),
        'train_pictures': train_pictures, 'splits': len(evaluation.closed), 'seed': seed,
        'detected': detected, 'false_accept': FALSE_ACCEPT,
        **{name: {'mean': float(np.mean(each)), 'deviation': float(np.std(each)),
                  'per_split': each} for name, each in values.items()},
        'roc': [{'false_accept': rate,
                 'true_accept': float(np.mean(friends <= np.quantile(strangers, rate)))}
                for rate in ROC_RATES],
        'names': pictures.names, 'confusion': evaluation.confusion.tolist(),
        'warnings': pictures.warnings}


def text_of(figures: dict[str, Any]) -> str:
    """Return a line per figure."""
    lines = [f'{figures["people"]} people, {figures["pictures"]} pictures, '
             f'{figures["train_pictures"]} enrolled of each, {figures["splits"]} splits, '
             f'seed {figures["seed"]}']
    for name, title in ROWS.items():
        found = figures[name]
        lines.append(f'{title:53} {100 * found["mean"]:5.1f} % '
                     f'(+- {100 * found["deviation"]:.1f})')
    return '\n'.join(lines)


def write_report(figures: dict[str, Any], evaluation: Evaluation, folder: Path) -> str:
    """Write evaluation.json, confusion.png and roc.png.

    :returns: what is missing and why, '' if nothing.
    :raises InputError: if a file cannot be written.
    """
    try:
        _replace(folder / 'evaluation.json', json.dumps(figures, indent=1, ensure_ascii=False))
        try:
            from matplotlib.figure import Figure
        except ImportError:
            return ('matplotlib is not installed, so there are no pictures; pip install '
                    '"emorec[training]" brings it')
        _draw_confusion(Figure, evaluation.confusion, figures['names'], folder / 'confusion.png')
        _draw_roc(Figure, evaluation, figures, folder / 'roc.png')
    except OSError as error:
        raise InputError(f'cannot write {error.filename}: {error.strerror}') from None
    return ''


def _draw_confusion(figure_class: Any, counts: np.ndarray, names: list[str], path: Path) -> None:
    """Draw shares of the true person's pictures."""
    side = min(max(4.0, 0.28 * len(names) + 2.0), 40.0)
    figure = figure_class(figsize=(side + 1.0, side), layout='constrained')
    axes = figure.subplots()
    shares = counts / np.maximum(counts.sum(1, keepdims=True), 1)
    image = axes.imshow(shares, cmap='Blues', vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, shrink=0.8, label='share of the true person')
    axes.set_xticks(range(len(names)), names, rotation=90, fontsize=7, parse_math=False)
    axes.set_yticks(range(len(names)), names, fontsize=7, parse_math=False)
    axes.set(xlabel='nearest person', ylabel='true person')
    _save(figure, path)


def _draw_roc(figure_class: Any, evaluation: Evaluation, figures: dict[str, Any],
              path: Path) -> None:
    """Draw true against false accepts, of the looks of all splits."""
    strangers = np.sort(evaluation.strangers)
    friends = np.sort(evaluation.friends)
    rates = np.arange(1, len(strangers) + 1) / len(strangers)
    accepted = np.searchsorted(friends, strangers, side='right') / len(friends)
    figure = figure_class(figsize=(6, 5), layout='constrained')
    axes = figure.subplots()
    axes.plot(rates, accepted, label='all splits')
    axes.axvline(FALSE_ACCEPT, color='0.45', linestyle=':', label='1 % false accepts')
    axes.plot(figures['calibrated_false_accept']['mean'] or math.nan,
              figures['calibrated_true_accept']['mean'], 'o', color='black',
              label='calibrated threshold')
    axes.set(xscale='log', xlabel='share of strangers accepted (false-accept rate)',
             ylabel='share of friends accepted under their name', ylim=(0, 1.01))
    axes.grid(alpha=0.3)
    axes.legend(loc='lower right')
    _save(figure, path)


def _save(figure: Any, path: Path) -> None:
    """Write a PNG, replacing what is there in one step."""
    part = path.with_name(f'.part-{path.name}')
    try:
        figure.savefig(part, dpi=100, format='png')
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _replace(path: Path, text: str) -> None:
    """Write a text file, replacing what is there in one step."""
    part = path.with_name(f'.part-{path.name}')
    try:
        part.write_text(text + '\n', encoding='utf-8')
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
