# SPDX-License-Identifier: Apache-2.0
"""Begins a residual network with the weights of one that has fewer blocks."""

import numpy as np

Weights = list[np.ndarray]

PER_CONVOLUTION: int = 5
"""Arrays of a convolution and its normalisation: kernel, slope, offset, mean, variance."""


def grow(start: Weights, fresh: Weights) -> Weights | None:
    """Return weights with which the larger network answers as the smaller one does.

    Both are residual networks of `residual.build_residual`, in the order of
    keras.Model.get_weights: `start` of one whose stages are as wide and have as many blocks or
    fewer, `fresh` the random weights of the larger one. The blocks that `start` lacks follow
    those it has and add nothing at first: the slope of their last normalisation is 0 (Goyal et
    al. 2017, arXiv 1706.02677), until training moves it. Return None where the two do not fit.
    """
    old, new = _stages(start), _stages(fresh)
    if not old or len(old) != len(new):
        return None
    grown: Weights = []
    for have, want in zip(old, new):
        if [part.shape for part in have] != [part.shape for part in want[:len(have)]]:
            return None
        added = [part.copy() for part in want[len(have):]]
        for slope in added[PER_CONVOLUTION + 1::2 * PER_CONVOLUTION]:
            slope[:] = 0
        grown += have + added
    return grown


def _stages(weights: Weights) -> list[Weights]:
    """Return the arrays of each stage: a convolution that changes the width, then its blocks.

    The last one is the dense layer. Return [] for weights of another kind of network.
    """
    body, dense = weights[:-2], weights[-2:]
    stages: list[Weights] = []
    for first in range(0, len(body), PER_CONVOLUTION):
        layer = body[first:first + PER_CONVOLUTION]
        if [part.ndim for part in layer] != [4, 1, 1, 1, 1]:
            return []
        *_, inputs, outputs = layer[0].shape
        if inputs != outputs:
            stages.append([])
        stages[-1] += layer
    return [*stages, dense]
