# SPDX-License-Identifier: Apache-2.0
"""The figures of the dataset report: distributions, and sheets of images to look at."""

from collections.abc import Sequence
from pathlib import Path

from emorec_training.data.dataset import Dataset
from emorec_training.data.dataset import SPLITS
from emorec_training.data.overlap.similarity import Pairs
from emorec_training.plots import save_figure
from emorec_training.report.facts import VOTED
from emorec_vision.emotions import EMOTIONS
from matplotlib.figure import Figure
import numpy as np

COLORS: tuple[str, ...] = ('tab:blue', 'tab:orange', 'tab:green')
CAPTION_LINE = 6
"""Height of a line of captions, in pixels of the images."""


def plot_class_counts(counts: np.ndarray, about: str, path: Path) -> None:
    """Draw the images per emotion of each split, int (3, 7), with counts and shares."""
    present = [index for index in range(len(counts)) if counts[index].any()]
    figure = Figure(figsize=(4.2 * len(present), 3.6), layout='constrained')
    for axes, index in zip(figure.subplots(1, len(present), squeeze=False)[0], present):
        bars = axes.bar(EMOTIONS, counts[index], color=COLORS[index])
        shares = counts[index] / counts[index].sum()
        axes.bar_label(bars, [f'{count}\n{share:.1%}'
                              for count, share in zip(counts[index], shares)], fontsize=7)
        axes.margins(y=0.15)
        axes.tick_params(axis='x', rotation=45)
        axes.set_ylabel('images')
        axes.set_title(f'{list(SPLITS.values())[index]} ({counts[index].sum()})')
        axes.spines[['top', 'right']].set_visible(False)
    save_figure(figure, path, about, 'Images of each emotion')


def plot_brightness(data: Dataset, about: str, path: Path) -> None:
    """Draw how mean gray value and contrast are distributed in each split."""
    flat = data.images.reshape(len(data.images), -1)
    values = {'mean gray value': flat.mean(axis=1, dtype=np.float32),
              'contrast (standard deviation of gray values)': flat.std(axis=1, dtype=np.float32)}
    figure = Figure(figsize=(10, 3.4), layout='constrained')
    for axes, (name, measured) in zip(figure.subplots(1, 2), values.items()):
        bins = np.linspace(0, measured.max() + 1, 52)
        for index, split in enumerate(SPLITS.values()):
            chosen = measured[data.usage == index]
            if len(chosen):
                axes.hist(chosen, bins, weights=np.full(len(chosen), 100 / len(chosen)),
                          histtype='step', color=COLORS[index], label=split)
        axes.set_xlabel(name)
        axes.set_ylabel('% of the split')
        axes.grid(alpha=0.3)
        axes.legend()
    save_figure(figure, path, about, 'Brightness and contrast')


def plot_agreement(table: np.ndarray, about: str, path: Path) -> None:
    """Draw the FER+ majority, int (7, len(VOTED)), as shares of each label of the csv."""
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    figure = Figure(figsize=(8, 5), layout='constrained')
    axes = figure.subplots()
    axes.imshow(shares, cmap='Blues', vmin=0, vmax=1)
    axes.set_xticks(range(len(VOTED)), VOTED, rotation=45, ha='right', rotation_mode='anchor')
    axes.set_yticks(range(len(EMOTIONS)), EMOTIONS)
    axes.set_xlabel('most votes in FER+')
    axes.set_ylabel('label of FER2013')
    for row, column in np.ndindex(shares.shape):
        axes.text(column, row, f'{shares[row, column]:.2f}', ha='center', va='center', fontsize=9,
                  color='white' if shares[row, column] > 0.5 else 'black')
    save_figure(figure, path, about, 'What FER+ says of the labels')


def plot_images(data: Dataset, rows: np.ndarray, title: str, path: Path) -> None:
    """Draw a sheet of single images with their rows and labels."""
    captions = [f'{row}\n{EMOTIONS[data.labels[row]]}' for row in rows]
    _plot_sheet([data.images[row] for row in rows], captions, title, path, columns=12)


def plot_pairs(data: Dataset, pairs: Pairs, title: str, path: Path) -> None:
    """Draw a sheet of pairs side by side, with rows, splits, labels and correlations."""
    tiles, captions = [], []
    for first, second, correlation in zip(pairs.first, pairs.second, pairs.correlation):
        gap = np.full((data.images.shape[1], 2), 255, np.uint8)
        tiles.append(np.hstack([data.images[first], gap, data.images[second]]))
        captions.append('\n'.join([_name(data, first), _name(data, second),
                                   f'correlation {correlation:.3f}']))
    _plot_sheet(tiles, captions, title, path, columns=6)


def evenly_spaced(rows: np.ndarray, most: int) -> np.ndarray:
    """Return at most `most` of the rows, evenly spread over them."""
    return rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64))]


def _name(data: Dataset, row: int) -> str:
    split = list(SPLITS.values())[data.usage[row]]
    return f'{row} {split} {EMOTIONS[data.labels[row]]}'


def _plot_sheet(tiles: Sequence[np.ndarray], captions: Sequence[str], title: str, path: Path,
                columns: int) -> None:
    """Draw equally large images, uint8 (H, W), in a grid, each above its caption."""
    height, width = tiles[0].shape
    columns = min(columns, len(tiles))
    lines = -(-len(tiles) // columns)
    step_y = height + 5 + CAPTION_LINE * (captions[0].count('\n') + 1)
    step_x = width + 6
    sheet = np.full((lines * step_y, columns * step_x), 255, np.uint8)
    figure = Figure(figsize=(max(sheet.shape[1] / 52, 4), sheet.shape[0] / 52 + 0.5))
    axes = figure.add_axes((0.01, 0.01, 0.98, 1 - 0.5 / figure.get_figheight()))
    for index, (tile, caption) in enumerate(zip(tiles, captions)):
        y, x = index // columns * step_y, index % columns * step_x
        sheet[y:y + height, x:x + width] = tile
        axes.text(x + width / 2, y + height + 1, caption, fontsize=6, ha='center', va='top')
    axes.imshow(sheet, cmap='gray', vmin=0, vmax=255, interpolation='nearest')
    axes.set_axis_off()
    figure.suptitle(title, fontsize=11, y=1 - 0.12 / figure.get_figheight(), va='top')
    save_figure(figure, path, '')
