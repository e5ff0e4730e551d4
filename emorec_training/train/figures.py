# SPDX-License-Identifier: Apache-2.0
"""The learning curves of a run."""

from pathlib import Path

from emorec_training.plots import GRAY
from emorec_training.plots import save_figure
from matplotlib.figure import Figure

MANY = 3
RISE = 0.01


def overfitting_from(history: list[dict[str, float]]) -> int | None:
    """Return the epoch after which the validation loss only stayed above its lowest value.

    That is the one with the lowest loss, if the loss of at least MANY later epochs is on average
    higher by RISE of it while that of the training images is lower; None otherwise.
    """
    lowest = min(history, key=lambda record: record['check_loss'])
    later = [record for record in history if record['epoch'] > lowest['epoch']]
    if len(later) < MANY:
        return None
    recent = later[-MANY:]
    rises = sum(record['check_loss'] for record in recent) / MANY > (
        (1.0 + RISE) * lowest['check_loss'])
    learns = sum(record['loss'] for record in recent) / MANY < lowest['loss']
    return int(lowest['epoch']) if rises and learns else None


def plot_learning_curves(
        history: list[dict[str, float]], validation_name: str, about: str, path: Path) -> None:
    """Draw loss and accuracy per epoch, on distorted Training and on the validation images.

    Args:
        history: the records of loop.train.
        validation_name: what the validation images are called.
        about: the network.
        path: the PNG file.
    """
    epochs = [record['epoch'] for record in history]
    marker = 'o' if len(epochs) < 3 else None
    best = max(history, key=lambda record: (record['check_accuracy'], record['epoch']))
    overfits = overfitting_from(history)
    figure = Figure(figsize=(10, 4.2), layout='constrained')
    for axes, name in zip(figure.subplots(1, 2), ('loss', 'accuracy')):
        axes.plot(epochs, [record[name] for record in history], marker=marker,
                  label='Training, distorted')
        axes.plot(epochs, [record[f'check_{name}'] for record in history], marker=marker,
                  label=validation_name)
        axes.axvline(best['epoch'], color=GRAY, linestyle=':',
                     label=f'kept: epoch {best["epoch"]}')
        if overfits is not None:
            axes.axvspan(overfits, epochs[-1], color='tab:red', alpha=0.08,
                         label=f'overfitting from epoch {overfits}')
        axes.set_xlabel('epoch')
        axes.set_ylabel(f'{name} (nats)' if name == 'loss' else name)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.grid(alpha=0.3)
        axes.legend()
    save_figure(figure, path, about,
                f'Learning curves: {best["check_accuracy"]:.1%} of {validation_name} at best')
