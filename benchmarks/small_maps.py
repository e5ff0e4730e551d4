# SPDX-License-Identifier: Apache-2.0
"""Time a training step's convolutions of small maps both ways, on one thread, in bfloat16.

Prints a line of JSON per shape: the medians in milliseconds of oneDNN's gradients and of
emorec_training.networks.small_maps, and the ratio of both. Needs PyTorch.
"""

import argparse
import itertools
import json
import statistics
import time

from emorec_training.networks.small_maps import convolve
import torch
from torch.nn import functional

SHAPES: tuple[tuple[int, int, int], ...] = (
    (64, 64, 12), (128, 128, 6), (256, 256, 6), (256, 256, 3), (512, 512, 3))


def main() -> None:
    """Print the times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--runs', type=int, default=20)
    parser.add_argument('--batch', type=int, default=128)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for inputs, outputs, side in SHAPES:
        x, weight = (
            torch.randn(shape, dtype=torch.bfloat16).to(memory_format=torch.channels_last)
            for shape in ((arguments.batch, inputs, side, side), (outputs, inputs, 3, 3)))
        ways = {'onednn': lambda a, b: functional.conv2d(a, b, None, 1, 1),
                'product': lambda a, b: convolve(a, b, 1, 1)}
        times: dict[str, list[float]] = {name: [] for name in ways}
        for _, (name, way) in itertools.product(range(arguments.runs + 1), ways.items()):
            leaves = [part.clone().requires_grad_() for part in (x, weight)]
            start = time.perf_counter()
            result = way(*leaves)
            torch.autograd.grad(result, leaves, result)
            times[name].append(1000 * (time.perf_counter() - start))
        medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}
        print(json.dumps({'inputs': inputs, 'outputs': outputs, 'side': side, **{
            f'{name}_ms': round(value, 2) for name, value in medians.items()},
            'ratio': round(medians['onednn'] / medians['product'], 2)}), flush=True)


if __name__ == '__main__':
    main()
