# SPDX-License-Identifier: Apache-2.0
"""The images that `emorec hack` writes: one attack, and the table of all pairs of emotions."""

from pathlib import Path

from emorec_training.attack.target import Target
from emorec_training.plots import save_figure
from emorec_vision.emotions import EMOTIONS
from emorec_vision.files.access import write_png
from matplotlib.figure import Figure
import numpy as np

MAGNIFICATION: int = 8
LARGEST_SHOWN: int = 110
"""Distance from middle gray to which the largest change is magnified."""


def write_attack(before: np.ndarray, after: np.ndarray, target: Target, about: str, folder: Path
                 ) -> None:
    """Write input_image, hacked_image, difference and probabilities as PNG.

    Args:
        before: uint8 (48, 48).
        after: the perturbed image, uint8 (48, 48).
        target: predicts both.
        about: its name.
        folder: where to write.
    """
    change = after.astype(int) - before
    shown = 128 + change * LARGEST_SHOWN / max(1, int(np.abs(change).max()))
    large = np.rint(shown).astype(np.uint8).repeat(MAGNIFICATION, 0).repeat(MAGNIFICATION, 1)
    write_png(folder / 'input_image.png', before)
    write_png(folder / 'hacked_image.png', after)
    write_png(folder / 'difference.png', large)
    figure = Figure(figsize=(11, 3.6), layout='constrained')
    axes = figure.subplots(1, 4, width_ratios=(1, 1, 1, 1.6))
    titles = ('input', f'hacked (at most {np.abs(change).max()} of 255)', 'difference, magnified')
    for each, image, title in zip(axes, (before, after, large), titles):
        each.imshow(image, cmap='gray', vmin=0, vmax=255)
        each.set_title(title, fontsize=10)
        each.axis('off')
    shares = target.predict(np.stack([before, after]))
    places = np.arange(len(EMOTIONS))
    for offset, name, row in ((-0.2, 'input', shares[0]), (0.2, 'hacked', shares[1])):
        axes[3].barh(places + offset, row, height=0.38, label=name)
    axes[3].set_yticks(places, EMOTIONS)
    axes[3].invert_yaxis()
    axes[3].set(xlim=(0, 1), xlabel='probability')
    axes[3].legend()
    save_figure(figure, folder / 'probabilities.png', about)


def plot_robustness(medians: np.ndarray, tried: np.ndarray, about: str, path: Path) -> None:
    """Draw how large a change each pair of emotions needs.

    Args:
        medians: float (7, 7), gray levels, as in robustness.Robustness.
        tried: int (7, 7), number of attacks.
        about: the model.
        path: the PNG file.
    """
    figure = Figure(figsize=(7, 6), layout='constrained')
    axes = figure.subplots()
    image = axes.imshow(medians, cmap='viridis', vmin=0)
    figure.colorbar(image, ax=axes, shrink=0.8, label='median change, gray levels of 255')
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=45, ha='right')
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set(xlabel='made to say', ylabel='rightly told')
    brightest = np.nanmax(medians, initial=0.0)
    for row, column in np.ndindex(medians.shape):
        if tried[row, column]:
            median = float(medians[row, column])
            axes.text(column, row, format_median(median), ha='center', va='center',
                      color='white' if median <= 0.6 * brightest else 'black')
    save_figure(figure, path, about, 'How little makes it say something else')


def format_median(median: float) -> str:
    """Return a median in gray levels as text, '-' for NaN."""
    return '-' if np.isnan(median) else f'{median:g}'
