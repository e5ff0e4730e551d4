# SPDX-License-Identifier: Apache-2.0
"""What a network looks at in images of each class, on one page."""

from collections.abc import Callable
from collections.abc import Sequence
from pathlib import Path

from emorec_training.data.dataset import Split
from emorec_training.plots import save_figure
from emorec_training.report.figures import evenly_spaced
from emorec_vision.drawing.explanation import heat_map
from matplotlib.figure import Figure
import numpy as np

SIDE = 96


def plot_class_grid(split: Split, predict: Callable[[np.ndarray], np.ndarray],
                    weigh: Callable[[np.ndarray, int], np.ndarray], labels: Sequence[str],
                    each: int, title: str, about: str, path: Path) -> int:
    """Draw images of each class beside maps of what speaks for what the network tells.

    Args:
        split: labelled images; its names are all among `labels`.
        predict: from uint8 (N, 48, 48) to probabilities (N, K).
        weigh: from uint8 (48, 48) and a column to a map, float (48, 48).
        labels: the K names.
        each: most images of a class, evenly spread over its rows.
        title: stands above the page.
        about: the model; stands below it, with the date.
        path: the PNG file.

    Returns:
        how many images were drawn.
    """
    figure = Figure(figsize=(2.5 * each + 0.8, 1.55 * len(split.names) + 0.9),
                    layout='constrained')
    grid = figure.subplots(len(split.names), each, squeeze=False)
    drawn = 0
    for number, name in enumerate(split.names):
        rows = evenly_spaced(np.flatnonzero(split.labels == number), each)
        for column, axes in enumerate(grid[number]):
            axes.set_xticks([])
            axes.set_yticks([])
            axes.spines[:].set_visible(False)
            if column == 0:
                axes.set_ylabel(name)
            if column >= len(rows):
                continue
            face = split.images[rows[column]]
            shares = predict(face[None])[0]
            told = int(shares.argmax())
            axes.imshow(np.hstack([heat_map(face, np.zeros(face.shape), SIDE),
                                   heat_map(face, weigh(face, told), SIDE)]))
            axes.set_title(f'{labels[told]} {shares[told]:.0%}', fontsize=8,
                           color='black' if labels[told] == name else 'tab:red')
            drawn += 1
    save_figure(figure, path, about, title)
    return drawn
