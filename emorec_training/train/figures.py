# SPDX-License-Identifier: Apache-2.0
"""The learning curves of a run."""

from pathlib import Path

from emorec_training.plots import GRAY
from emorec_training.plots import save_figure
from matplotlib.figure import Figure


def plot_learning_curves(
        history: list[dict[str, float]], validation_name: str, path: Path) -> None:
    """Draw loss and accuracy per epoch, on distorted Training and on the validation images.

    Args:
        history: the records of loop.train.
        validation_name: what the validation images are called.
        path: the PNG file.
    """
    epochs = [record['epoch'] for record in history]
    marker = 'o' if len(epochs) < 3 else None
    best = max(history, key=lambda record: (record['check_accuracy'], record['epoch']))
    figure = Figure(figsize=(10, 4), layout='constrained')
    for axes, name in zip(figure.subplots(1, 2), ('loss', 'accuracy')):
        axes.plot(epochs, [record[name] for record in history], marker=marker,
                  label='Training, distorted')
        axes.plot(epochs, [record[f'check_{name}'] for record in history], marker=marker,
                  label=validation_name)
        axes.axvline(best['epoch'], color=GRAY, linestyle=':', label='kept epoch')
        axes.set_xlabel('epoch')
        axes.set_ylabel(f'{name} (nats)' if name == 'loss' else name)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.legend()
    save_figure(figure, path)
