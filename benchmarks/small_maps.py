# SPDX-License-Identifier: Apache-2.0
"""Time a training step's convolutions in bfloat16 both ways, on one thread.

Prints a line of JSON per shape: the medians in milliseconds of oneDNN's gradients and of
emorec_training.networks.layers.small_maps, or for depthwise convolutions of
emorec_training.networks.layers.depthwise, and the ratio of both. Then how many images a second of
processor time efficientnet_lite0 learns from, in float32 and bfloat16. Needs PyTorch.
"""

import argparse
import itertools
import json
import statistics
import time
from typing import NamedTuple

from emorec_training.config import load_config
from emorec_training.engines.engine import make_engine
from emorec_training.networks.layers.depthwise import convolve_channels
from emorec_training.networks.layers.small_maps import convolve
import numpy as np
import torch
from torch.nn import functional


class Shape(NamedTuple):
    """A convolution, padded by half of its kernel."""

    inputs: int
    outputs: int
    side: int
    kernel: int = 3
    stride: int = 1
    groups: int = 1


SHAPES: tuple[Shape, ...] = (
    Shape(64, 64, 12), Shape(128, 128, 6), Shape(256, 256, 6), Shape(256, 256, 3),
    Shape(512, 512, 3), Shape(96, 96, 48, 3, 2, 96), Shape(144, 144, 24, 5, 2, 144),
    Shape(240, 240, 12, 5, 1, 240), Shape(672, 672, 6, 5, 1, 672),
    Shape(1152, 1152, 3, 5, 1, 1152))
"""The last five are depthwise convolutions of EfficientNet-Lite0 at 96 px."""


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=20)
    parser.add_argument('--batch', type=int, default=128)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for shape in SHAPES:
        x, weight = (
            torch.randn(sizes, dtype=torch.bfloat16).to(memory_format=torch.channels_last)
            for sizes in ((arguments.batch, shape.inputs, shape.side, shape.side),
                          (shape.outputs, shape.inputs // shape.groups, *[shape.kernel] * 2)))
        how = shape.stride, shape.kernel // 2
        own = convolve if shape.groups == 1 else convolve_channels
        ways = {'onednn': lambda a, b: functional.conv2d(a, b, None, *how, 1, shape.groups),
                'own': lambda a, b: own(a, b, *how)}
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _, (name, way) in itertools.product(range(arguments.runs + 1), ways.items()):
            leaves = [part.clone().requires_grad_() for part in (x, weight)]
            start = time.perf_counter()
            result = way(*leaves)
            torch.autograd.grad(result, leaves, result)
            times[name].append(1000 * (time.perf_counter() - start))
        medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}
        print(json.dumps({**shape._asdict(), **{
            f'{name}_ms': round(value, 2) for name, value in medians.items()},
            'ratio': round(medians['onednn'] / medians['own'], 2)}), flush=True)
    for precision in ('float32', 'bfloat16'):
        print(json.dumps({precision: round(images_a_second(precision, arguments.runs), 1)}))


def images_a_second(precision: str, runs: int) -> float:
    """Return the best of some steps of 64 images."""
    engine = make_engine(load_config(None, {
        'network.name': 'efficientnet_lite0', 'training.engine': 'torch',
        'training.precision': precision}), np.ones(7, np.float32))
    rng, seconds = np.random.default_rng(0), []
    images = rng.integers(0, 256, (64, 48, 48)).astype(np.uint8)
    for _ in range(runs):
        start = time.process_time()
        engine.step(images, np.eye(7, dtype=np.float32)[rng.integers(0, 7, 64)], 0.01)
        seconds.append(time.process_time() - start)
    return 64 / min(seconds)


if __name__ == '__main__':
    main()
