# SPDX-License-Identifier: Apache-2.0
"""architecture.txt: what a network consists of, and why it looks like that."""

import os
from pathlib import Path
import textwrap

from emorec_training.config import Config
from emorec_training.networks import NETWORKS
import keras


def multiply_adds(model: keras.Model) -> int:
    """Return the multiply-adds of convolutions and dense layers for one picture."""
    total = 0
    for layer in model.layers:
        if isinstance(layer, keras.layers.Conv2D):
            height, width = layer.output.shape[1:3]
            total += int(layer.kernel.shape[0] * layer.kernel.shape[1] * layer.kernel.shape[2]
                         * layer.filters * height * width)
        elif isinstance(layer, keras.layers.Dense):
            total += int(layer.kernel.shape[0] * layer.kernel.shape[1])
    return total


def write_architecture(model: keras.Model, config: Config, path: Path) -> None:
    """Write model.summary(), the cost of one picture, and the reasons."""
    lines: list[str] = []
    model.summary(line_length=99, print_fn=lambda line, line_break=False: lines.append(line))
    why = textwrap.fill(NETWORKS[config.network.name].WHY, 99)
    cost = (f'{model.count_params():,} parameters, '
            f'{multiply_adds(model) / 1e6:.1f} million multiply-adds per picture')
    temporary = path.with_suffix('.tmp')
    temporary.write_text('\n'.join([*lines, '', cost, '', why, '']))
    os.replace(temporary, path)
