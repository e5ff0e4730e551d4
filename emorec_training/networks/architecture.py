# SPDX-License-Identifier: Apache-2.0
"""architecture.txt: what a network consists of, and why it looks like that."""

import math
import os
from pathlib import Path
import textwrap

from emorec_training.config import Config
from emorec_training.networks import NETWORKS
from emorec_vision.files.access import write_text
import keras

WEIGHED: tuple[type[keras.layers.Layer], ...] = (
    keras.layers.Conv2D, keras.layers.DepthwiseConv2D, keras.layers.SeparableConv2D,
    keras.layers.Dense)
"""Layers whose kernels are applied once per place of their output."""


SUMMARY_WIDTH: int = 150
"""Columns in which the summary of every network has room."""


def multiply_adds(model: keras.Model) -> int:
    """Return the multiply-adds of convolutions and dense layers for one image."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, WEIGHED):
            places = math.prod(layer.output.shape[1:-1])
            total += places * sum(math.prod(weight.shape) for weight in layer.weights
                                  if weight.name.endswith('kernel'))
    return total


def trainable_parameters(model: keras.Model) -> int:
    """Return the number of weights that training changes, which is what papers count."""
    return sum(math.prod(weight.shape) for weight in model.trainable_weights)


def summary_lines(model: keras.Model) -> list[str]:
    """Return model.summary() as lines of up to SUMMARY_WIDTH columns, none of them cut.

    Keras draws it by rich, which cuts at the width of the terminal whatever Keras is told; it
    takes that width from COLUMNS.
    """
    parts: list[str] = []
    before = os.environ.get('COLUMNS')
    os.environ['COLUMNS'] = str(SUMMARY_WIDTH)
    try:
        model.summary(line_length=SUMMARY_WIDTH,
                      print_fn=lambda line, line_break=False: parts.append(line))
    finally:
        if before is None:
            del os.environ['COLUMNS']
        else:
            os.environ['COLUMNS'] = before
    return [line.rstrip() for part in parts for line in part.splitlines()]


def write_architecture(model: keras.Model, config: Config, path: Path) -> None:
    """Write model.summary(), the cost of one image, and the reasons."""
    why = textwrap.fill(NETWORKS[config.network.name].WHY, 99)
    cost = (f'{trainable_parameters(model):,} trainable parameters, '
            f'{multiply_adds(model) / 1e6:.1f} million multiply-adds per image')
    write_text(path, '\n'.join([*summary_lines(model), '', cost, '', why, '']))
