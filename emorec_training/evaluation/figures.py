# SPDX-License-Identifier: Apache-2.0
"""The figures of an evaluation: confusion matrix, reliability diagram, surest mistakes."""

from collections.abc import Mapping
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from emorec_training.evaluation.metrics import row_shares
from emorec_training.plots import GRAY
from emorec_training.plots import save_figure
from matplotlib.figure import Figure
from matplotlib.layout_engine import ConstrainedLayoutEngine
import numpy as np

COLUMNS: int = 6


def plot_confusion(matrix: np.ndarray, names: Sequence[str], about: str, path: Path) -> None:
    """Draw a confusion matrix, each row as shares of the true class.

    Args:
        matrix: counts (C, C), rows true, columns predicted.
        names: the C labels.
        about: the model and the images.
        path: the PNG file.
    """
    shares, images = row_shares(matrix), matrix.sum(axis=1)
    figure = Figure(figsize=(1.5 + 0.8 * len(names), 1 + 0.75 * len(names)),
                    layout='constrained')
    axes = figure.subplots()
    image = axes.imshow(shares, cmap='Blues', vmin=0, vmax=1)
    figure.colorbar(image, ax=axes, shrink=0.8, label='share of the true class')
    axes.set_xticks(range(len(names)), names, rotation=45, ha='right', rotation_mode='anchor')
    axes.set_yticks(range(len(names)),
                    [f'{name} ({count})' for name, count in zip(names, images)])
    axes.set_xlabel('predicted')
    axes.set_ylabel('true (images)')
    for row, column in np.ndindex(shares.shape):
        if images[row]:
            axes.text(column, row, f'{shares[row, column]:.2f}', ha='center', va='center',
                      color='white' if shares[row, column] > 0.5 else 'black')
    save_figure(figure, path, about, 'How often each class is called what')


def plot_reliability(bins: Sequence[Mapping[str, Any]], error: float, about: str, path: Path
                     ) -> None:
    """Draw a reliability diagram, and below it how many images each bin holds.

    Args:
        bins: with the keys low, high, pictures, confidence and accuracy, the last two None in
            an empty bin.
        error: the expected calibration error, 0..1.
        about: the model and the images.
        path: the PNG file.
    """
    figure = Figure(figsize=(5.5, 6.5), layout='constrained')
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(4, 1))
    filled = [part for part in bins if part['pictures']]
    lows = [part['low'] for part in filled]
    width = bins[0]['high'] - bins[0]['low']
    bars = {'width': width, 'align': 'edge', 'edgecolor': 'white'}
    upper.bar(lows, [part['accuracy'] for part in filled], color='tab:blue',
              label='accuracy', **bars)
    upper.plot([0, 1], [0, 1], color=GRAY, linestyle='--', label='perfectly calibrated')
    upper.plot([part['confidence'] for part in filled], [part['accuracy'] for part in filled],
               'o', color='black', markersize=4, label='mean of the bin')
    upper.set(ylim=(0, 1.03), ylabel='share of right answers',
              title=f'expected calibration error {error:.3f} ({len(bins)} bins)')
    upper.legend(loc='upper left')
    lower.bar(lows, [part['pictures'] for part in filled], color=GRAY, **bars)
    lower.set(xlim=(0, 1), xlabel='top probability', ylabel='images')
    for axes in (upper, lower):
        axes.set_axisbelow(True)
        axes.grid(alpha=0.3)
    save_figure(figure, path, about, 'How sure it is, and how often it is right then')


def plot_mistakes(images: np.ndarray, mistakes: Sequence[Mapping[str, Any]], about: str,
                  path: Path) -> None:
    """Draw a grid of wrongly classified images, in their order.

    Args:
        images: uint8 (N, S, S).
        mistakes: with the keys source, true, predicted and probability (of the predicted class,
            0..1).
        about: the model and the images.
        path: the PNG file.
    """
    rows = max(1, -(-len(mistakes) // COLUMNS))
    figure = Figure(figsize=(2 * COLUMNS, 2.6 * rows + 0.4),
                    layout=ConstrainedLayoutEngine(h_pad=0.1))
    figure.suptitle('The surest mistakes: answer with its probability, and the label'
                    if mistakes else 'No mistakes')
    cells = figure.subplots(rows, COLUMNS, squeeze=False).ravel()
    for axes in cells:
        axes.axis('off')
    for axes, image, mistake in zip(cells, images, mistakes):
        axes.imshow(image, cmap='gray', vmin=0, vmax=255)
        axes.set_title(f'{mistake["predicted"]} {mistake["probability"]:.0%}\n'
                       f'labelled {mistake["true"]}', fontsize=10)
        axes.text(0.5, -0.03, mistake['source'][-30:], fontsize=7, color=GRAY, ha='center',
                  va='top', transform=axes.transAxes)
    save_figure(figure, path, about)
