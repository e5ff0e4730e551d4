# SPDX-License-Identifier: Apache-2.0
"""The pictures that the course asks for and no other command draws."""

from collections.abc import Mapping
from pathlib import Path
import struct

import cv2
from emorec_training.plots import save_figure
from emorec_training.train.tensorboard_log import FOLDER
from emorec_training.train.tensorboard_log import SCALARS
from emorec_vision.errors import InputError
from emorec_vision.files.access import read_file
from emorec_vision.files.access import write_png
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from tensorboard.compat.proto.event_pb2 import Event

MAGNIFICATION: int = 10
SMOOTHING: float = 0.6
"""How much TensorBoard smooths by default, 0..1."""

ORANGE = '#ff7043'
HEAD = struct.Struct('<QI')
"""Length of a record and its checksum."""

CHECKSUM: int = 4


def read_scalars(run: Path) -> dict[str, list[tuple[int, float]]]:
    """Return the scalars in the events files of a run: by tag, pairs of step and value.

    Raises:
        InputError: if there is no such file.
    """
    found: dict[str, list[tuple[int, float]]] = {name: [] for name in SCALARS}
    paths = sorted((run / FOLDER).glob('events.out.tfevents.*'))
    if not paths:
        raise InputError(f'{run / FOLDER} holds no events file')
    content, place = read_file(paths[-1]), 0
    while place + HEAD.size < len(content):
        size, _ = HEAD.unpack_from(content, place)
        place += HEAD.size
        event = Event.FromString(content[place:place + size])
        for value in event.summary.value:
            found.setdefault(value.tag, []).append((event.step, value.simple_value))
        place += size + CHECKSUM
    return found


def plot_tensorboard(run: Path, path: Path) -> None:
    """Draw the events file of a run as TensorBoard shows it: a card per scalar, smoothed.

    The picture says that it is drawn, and of which file.
    """
    scalars = read_scalars(run)
    figure = Figure(figsize=(12, 6.6), layout='constrained', facecolor='#f5f5f5')
    axes = figure.subplots(2, 3).ravel()
    for each in axes[len(scalars):]:
        each.axis('off')
    for each, (tag, points) in zip(axes, scalars.items()):
        _draw_card(each, tag, points)
    axes[-1].text(0.0, 0.9, f'Smoothing {SMOOTHING:g}\n\nDrawn by emorec course from the events '
                  f'file\nin {run.name}/{FOLDER}, in the manner of\nTensorBoard; no screenshot.\n'
                  f'The same in a browser:\n\ntensorboard --logdir {run.name}', va='top',
                  parse_math=False)
    save_figure(figure, path, f'{run.name}/{FOLDER}', 'TensorBoard: scalars per epoch')


def _draw_card(axes: Axes, tag: str, points: list[tuple[int, float]]) -> None:
    steps, values = [step for step, _ in points], [value for _, value in points]
    axes.set_facecolor('white')
    marker = 'o' if len(steps) < 3 else None
    axes.plot(steps, values, color=ORANGE, alpha=0.3)
    axes.plot(steps, _smoothed(values), color=ORANGE, marker=marker)
    axes.set_title(tag, loc='left', fontsize=10)
    axes.set_xlabel('step (epoch)', fontsize=8)
    axes.grid(color='0.9')


def _smoothed(values: list[float]) -> list[float]:
    """Return the running mean that TensorBoard draws: exponential, without a bias to 0."""
    last, smoothed = 0.0, []
    for count, value in enumerate(values, start=1):
        last = SMOOTHING * last + (1 - SMOOTHING) * value
        smoothed.append(last / (1 - SMOOTHING ** count))
    return smoothed


def enlarge(folder: Path, names: Mapping[str, str]) -> None:
    """Write images of a folder anew, MAGNIFICATION times as large, each pixel a square.

    Args:
        folder: of the images.
        names: of the files to write, by those of the files to read.
    """
    for small, large in names.items():
        image = cv2.imread(str(folder / small), cv2.IMREAD_GRAYSCALE)
        if image is None:
            raise InputError(f'{folder / small}: cannot be read')
        write_png(folder / large, image.repeat(MAGNIFICATION, 0).repeat(MAGNIFICATION, 1))
