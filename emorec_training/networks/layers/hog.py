# SPDX-License-Identifier: Apache-2.0
"""Histograms of oriented gradients as part of a network, equal to those of scikit-image."""

from collections.abc import Iterator
import math

import keras
from keras import ops

ORIENTATIONS: int = 8
EPSILON: float = 1e-5
CLIP: float = 0.2
"""Of the block norm L2-Hys (Dalal & Triggs 2005)."""

SIDE: int = 48
WINDOW: int = 24
STEP: int = 6
WINDOW_CELL: int = 8
IMAGE_CELL: int = 16
SIZES: dict[str, int] = {'none': 0, 'hog': 72, 'hog_windows': 2592}
"""Values of each kind: 9 cells of the image, 18 x 18 cells of its windows, in 8 orientations."""


def windows() -> Iterator[tuple[slice, slice]]:
    """Yield rows and columns of amineHorseman's windows, cut at the image's edge.

    Those that are smaller than a cell there have no histogram.
    """
    starts = [start for start in range(0, SIDE, STEP) if SIDE - start >= WINDOW_CELL]
    for y in starts:
        for x in starts:
            yield slice(y, y + WINDOW), slice(x, x + WINDOW)


def hog(gray: keras.KerasTensor, cell: int) -> keras.KerasTensor:
    """Return skimage.feature.hog of each image, with 8 orientations and blocks of one cell.

    Args:
        gray: float32 (N, H, W), any scale: the norm takes it out.
        cell: side of a cell, px; what does not fill one is left out.

    Returns:
        float32 (N, H // cell * (W // cell) * 8), cells from left to right, then down.
    """
    zero = ops.zeros_like(gray)
    down = ops.concatenate(
        [zero[:, :1], gray[:, 2:] - gray[:, :-2], zero[:, :1]], axis=1)
    right = ops.concatenate(
        [zero[:, :, :1], gray[:, :, 2:] - gray[:, :, :-2], zero[:, :, :1]], axis=2)
    size = ops.sqrt(down * down + right * right)
    # the half circle in which an unsigned direction lies: 0 <= angle < pi
    flipped = ops.where((down < 0) | ((down == 0) & (right < 0)), -1.0, 1.0)
    down, right = down * flipped, right * flipped
    rows, columns = gray.shape[1] // cell, gray.shape[2] // cell
    whole = (slice(None), slice(0, rows * cell), slice(0, columns * cell))
    beyond = [_is_beyond(down, right, math.pi * edge / ORIENTATIONS)
              for edge in range(ORIENTATIONS)] + [zero]
    cells = []
    for here, following in zip(beyond, beyond[1:]):
        votes = ((here - following) * size)[whole]
        votes = ops.reshape(votes, (-1, rows, cell, columns, cell))
        cells.append(ops.mean(votes, axis=(2, 4)))
    histograms = ops.stack(cells, axis=-1)
    histograms = histograms / _length(histograms)
    histograms = ops.minimum(histograms, CLIP)
    histograms = histograms / _length(histograms)
    return ops.reshape(histograms, (-1, rows * columns * ORIENTATIONS))


def _is_beyond(down: keras.KerasTensor, right: keras.KerasTensor, angle: float
               ) -> keras.KerasTensor:
    """Return 1.0 where the direction's angle is at least this one, without an arc tangent."""
    if angle == 0.0:
        return ops.ones_like(down)
    return ops.cast(down * math.cos(angle) - right * math.sin(angle) >= 0, 'float32')


def _length(histograms: keras.KerasTensor) -> keras.KerasTensor:
    return ops.sqrt(ops.sum(histograms * histograms, axis=-1, keepdims=True) + EPSILON ** 2)


@keras.saving.register_keras_serializable('emorec')
class Hog(keras.layers.Layer):
    """The features of a gray image (N, 48, 48, 1) as float32 (N, SIZES[kind]).

    Args:
        kind: hog: of the whole image, cells of 16 px; hog_windows: of windows of 24 px, every
            6 px, cells of 8 px (parity of github.com/amineHorseman's features).
        settings: of Layer.
    """

    def __init__(self, kind: str, **settings: object) -> None:
        """Compute in float32: the norm of small gradients is lost in less."""
        super().__init__(dtype='float32', trainable=False,
                         **{key: value for key, value in settings.items()
                            if key not in ('dtype', 'trainable')})
        self.kind = kind

    def call(self, inputs: keras.KerasTensor) -> keras.KerasTensor:
        """Return the features."""
        gray = ops.cast(inputs[..., 0], 'float32')
        if self.kind == 'hog':
            return hog(gray, IMAGE_CELL)
        return ops.concatenate(
            [hog(gray[:, rows, columns], WINDOW_CELL) for rows, columns in windows()], axis=-1)

    def compute_output_shape(self, shape: tuple[int | None, ...]) -> tuple[int | None, int]:
        """Return (N, values)."""
        return shape[0], SIZES[self.kind]

    def get_config(self) -> dict[str, object]:
        """Return what makes it again."""
        return {**super().get_config(), 'kind': self.kind}
