# SPDX-License-Identifier: Apache-2.0
"""Fools an exported network, once with images to look at, or often enough for a figure."""

from collections.abc import Sequence
import dataclasses
from pathlib import Path
from typing import Any

from emorec_training.attack.adversarial import Attack
from emorec_training.attack.adversarial import Attacker
from emorec_training.evaluation import predictor
from emorec_training.export.onnx_weights import load_network
from emorec_training.export.onnx_weights import stored_labels
from emorec_training.plots import save_figure
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.files import write_png
import keras
from matplotlib.figure import Figure
import numpy as np

CERTAIN: float = 0.9
"""Probability above which an image counts as surely called something."""
MAGNIFIED: int = 8
LOUDEST: int = 110
BATCH: int = 42


class Target:
    """An exported model of the seven emotions, and a Keras network that gives its gradients.

    The network is read back from the ONNX file itself, or from `keras_path`, the training run
    that it was made from. Raise InputError where the two have other labels.
    """

    def __init__(self, path: Path, keras_path: Path | None = None) -> None:
        self.predict = predictor.open_predictor(path)
        if self.predict.labels != EMOTIONS:
            raise InputError(f'{path} does not tell the seven emotions apart')
        self.network = (load_network(path) if keras_path is None
                        else predictor.load_keras(keras_path))
        self._order = (stored_labels(path) if keras_path is None else
                       predictor.read_labels(predictor.keras_file(keras_path),
                                             self.network.output_shape[1]))
        if sorted(self._order) != sorted(EMOTIONS):
            raise InputError(f'{keras_path or path} does not tell the seven emotions apart')

    def attacker(self, count: int, steps: int) -> Attacker:
        """Return an attacker on `count` images at a time, with labels as in EMOTIONS."""
        logits = keras.ops.take(self.network.output,
                                [self._order.index(name) for name in EMOTIONS], axis=1)
        return Attacker(keras.Model(self.network.input, logits), self.predict, count, steps)


def find_certain(target: Target, images: np.ndarray, emotion: str) -> np.ndarray:
    """Return the image, uint8 (48, 48), that is called `emotion` most surely.

    images: uint8 (N, 48, 48). Raise InputError where none is above CERTAIN.
    """
    shares = target.predict(images)[:, EMOTIONS.index(emotion)]
    if shares.max() <= CERTAIN:
        raise InputError(f'none of the {len(images)} image(s) is called {emotion} with more '
                         f'than {CERTAIN:.0%} (most: {shares.max():.0%}); name others with '
                         '--data')
    return images[shares.argmax()]


def write_images(before: np.ndarray, after: np.ndarray, target: Target, folder: Path) -> None:
    """Write input_image, hacked_image, difference and probabilities as PNG.

    before, after: uint8 (48, 48). The difference is magnified so that its largest value is
    LOUDEST away from middle gray.
    """
    change = after.astype(int) - before
    loud = 128 + change * LOUDEST / max(1, int(np.abs(change).max()))
    large = np.rint(loud).astype(np.uint8).repeat(MAGNIFIED, 0).repeat(MAGNIFIED, 1)
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
    save_figure(figure, folder / 'probabilities.png')


@dataclasses.dataclass(frozen=True)
class Robustness:
    """How large a change each pair of emotions needs, from rightly told images.

    medians: float (7, 7), median of the smallest budgets in gray levels from row to column, NaN
    on the diagonal and where no image was left; tried, fooled: int (7, 7), counts.
    """

    medians: np.ndarray
    tried: np.ndarray
    fooled: np.ndarray
    settings: dict[str, Any]

    def as_json(self) -> dict[str, Any]:
        """Return plain numbers, None for NaN."""
        medians = [[None if np.isnan(each) else float(each) for each in row]
                   for row in self.medians]
        return {'emotions': list(EMOTIONS), 'median_gray_levels': medians,
                'tried': self.tried.tolist(), 'fooled': self.fooled.tolist(), **self.settings}


def measure(target: Target, images: np.ndarray, labels: np.ndarray, per_emotion: int,
            steps: int, largest: int, seed: int) -> Robustness:
    """Attack rightly told images, `per_emotion` of each, towards all six other emotions.

    images: uint8 (N, 48, 48); labels: int (N,).
    """
    right = np.flatnonzero(target.predict(images).argmax(axis=1) == labels)
    right = np.random.default_rng(seed).permutation(right)
    rows = np.concatenate([right[labels[right] == label][:per_emotion]
                           for label in range(len(EMOTIONS))])
    pairs = [(row, wanted) for row in rows for wanted in range(len(EMOTIONS))
             if wanted != labels[row]]
    if not pairs:
        raise InputError('no image is told rightly; there is nothing to attack')
    chosen, wanted = np.array(pairs).T
    found = _attack_all(target, images[chosen], wanted, steps, largest)
    return _table(labels[chosen], wanted, found, {
        'pictures': len(rows), 'attacks': len(pairs), 'steps': steps, 'largest': largest,
        'seed': seed, 'model': str(target.predict.path)})


def _attack_all(target: Target, images: np.ndarray, wanted: np.ndarray, steps: int,
                largest: int) -> np.ndarray:
    """Return the smallest budget of each image, 0 where none works."""
    attacker = target.attacker(BATCH, steps)
    budgets: list[np.ndarray] = []
    for start in range(0, len(images), BATCH):
        rows = np.arange(start, start + BATCH) % len(images)
        found: Attack = attacker.smallest(images[rows], wanted[rows], largest)
        budgets.append(found.budgets[:len(images) - start])
    return np.concatenate(budgets)


def _table(labels: np.ndarray, wanted: np.ndarray, budgets: np.ndarray,
           settings: dict[str, Any]) -> Robustness:
    shape = (len(EMOTIONS), len(EMOTIONS))
    medians = np.full(shape, np.nan)
    tried, fooled = np.zeros(shape, int), np.zeros(shape, int)
    for row, column in np.ndindex(shape):
        here = budgets[(labels == row) & (wanted == column)]
        tried[row, column], fooled[row, column] = len(here), (here > 0).sum()
        if len(here):
            median = float(np.median(np.where(here > 0, here, np.inf)))
            medians[row, column] = median if np.isfinite(median) else np.nan
    return Robustness(medians, tried, fooled, settings)


def format_robustness(figures: Robustness) -> str:
    """Return the medians as a Markdown table, and how often the attack worked at all."""
    lines = ['| from \\ to | ' + ' | '.join(EMOTIONS) + ' |', '|---' * 8 + '|']
    for name, row in zip(EMOTIONS, figures.medians):
        lines.append(f'| {name} | ' + ' | '.join(map(_cell, row.tolist())) + ' |')
    settings = figures.settings
    lines += ['', f'Median largest change of a pixel, of 255 gray levels, that makes the model '
              f'answer the column; {settings["pictures"]} rightly told images, '
              f'{figures.fooled.sum()} of {figures.tried.sum()} attacks worked (budgets up to '
              f'{settings["largest"]}, {settings["steps"]} steps each, seed '
              f'{settings["seed"]}).']
    return '\n'.join(lines)


def plot_robustness(figures: Robustness, path: Path) -> None:
    """Draw the medians."""
    figure = Figure(figsize=(7, 6), layout='constrained')
    axes = figure.subplots()
    image = axes.imshow(figures.medians, cmap='viridis', vmin=0)
    figure.colorbar(image, ax=axes, shrink=0.8, label='median change, gray levels of 255')
    axes.set_xticks(range(len(EMOTIONS)), EMOTIONS, rotation=45, ha='right')
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set(xlabel='made to say', ylabel='rightly told')
    brightest = np.nanmax(figures.medians, initial=0.0)
    for row, column in np.ndindex(figures.medians.shape):
        if figures.tried[row, column]:
            median = float(figures.medians[row, column])
            axes.text(column, row, _cell(median), ha='center', va='center',
                      color='white' if median <= 0.6 * brightest else 'black')
    save_figure(figure, path)


def _cell(median: float) -> str:
    return '-' if np.isnan(median) else f'{median:g}'


def check_emotions(names: Sequence[str]) -> None:
    """Raise InputError unless these are two different emotions."""
    for name in names:
        if name not in EMOTIONS:
            raise InputError(f'{name!r} is no emotion; known are {", ".join(EMOTIONS)}')
    if len(set(names)) != len(names):
        raise InputError(f'--from and --to are both {names[0]}')
