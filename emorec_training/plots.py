# SPDX-License-Identifier: Apache-2.0
"""The figures that training and evaluation write."""

import os
from pathlib import Path

from emorec_vision.emotions import EMOTIONS
from matplotlib.figure import Figure
import numpy as np


def plot_learning_curves(history: list[dict[str, float]], path: Path) -> None:
    """Draw loss and accuracy per epoch, on distorted Training and on PublicTest."""
    epochs = [record['epoch'] for record in history]
    figure = Figure(figsize=(10, 4), layout='constrained')
    for axes, name in zip(figure.subplots(1, 2), ('loss', 'accuracy')):
        axes.plot(epochs, [record[name] for record in history], label='Training, distorted')
        axes.plot(epochs, [record[f'public_{name}'] for record in history], label='PublicTest')
        axes.set_xlabel('epoch')
        axes.set_ylabel(name)
        axes.grid(alpha=0.3)
        axes.legend()
    _save(figure, path)


def plot_confusion(matrix: np.ndarray, path: Path) -> None:
    """Draw a confusion matrix of counts (7, 7), each row as shares of the true class."""
    shares = matrix / np.maximum(matrix.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(6, 5.5), layout='constrained')
    axes = figure.subplots()
    axes.imshow(shares, cmap='Blues', vmin=0, vmax=1)
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=45)
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set_xlabel('predicted')
    axes.set_ylabel('true')
    for row, column in np.ndindex(shares.shape):
        axes.text(column, row, f'{shares[row, column]:.2f}', ha='center', va='center',
                  color='white' if shares[row, column] > 0.5 else 'black')
    _save(figure, path)


def _save(figure: Figure, path: Path) -> None:
    temporary = path.with_suffix('.tmp.png')
    figure.savefig(temporary, dpi=100)
    os.replace(temporary, path)
