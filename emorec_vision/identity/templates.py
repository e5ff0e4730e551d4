# SPDX-License-Identifier: Apache-2.0
"""Which images of a person are kept as templates."""

from __future__ import annotations

from collections.abc import Sequence

from emorec_vision.identity import lbp as lbph
import numpy as np

POOL = 40
"""Images of one person that are considered, evenly picked; their mirror images come on top."""
ROUNDS = 10


def choose_templates(images: Sequence[np.ndarray],
                     count: int) -> tuple[list[np.ndarray], list[int]]:
    """Return the windows that stand best for all images of a person, mirror images included.

    Args:
        images: gray uint8 (H, W), cut to the detector's box.
        count: how many windows at most.

    Returns:
        uint8 (WINDOW, WINDOW) each, and the index of the image that each is from.
    """
    sources = pooled(len(images))
    lit = [lbph.evenly_lit(images[source]) for source in sources]
    windows = [lbph.middle_window(face) for face in lit]
    windows += [np.ascontiguousarray(window[:, ::-1]) for window in windows]
    chosen = list(range(len(windows)))
    if len(windows) > count:
        histograms = np.stack([lbph.histogram(window) for window in windows])
        chosen = k_medoids(lbph.chi_square(histograms, histograms.T), count)
    return [windows[index] for index in chosen], [int(np.tile(sources, 2)[i]) for i in chosen]


def pooled(count: int) -> np.ndarray:
    """Return which of so many images of a person are considered, int (N,)."""
    return np.linspace(0, count - 1, min(POOL, count)).round().astype(int)


def k_medoids(distances: np.ndarray, count: int) -> list[int]:
    """Return the indices of `count` medoids, sorted: Park and Jun 2009 after a greedy start.

    doi:10.1016/j.eswa.2008.01.039

    Args:
        distances: (N, N), symmetric, N > count.
    """
    medoids: list[int] = []
    nearest = np.full(len(distances), np.inf)
    for _ in range(count):
        costs = np.minimum(nearest[:, None], distances).sum(0)
        costs[medoids] = np.inf
        medoids.append(int(costs.argmin()))
        nearest = np.minimum(nearest, distances[:, medoids[-1]])
    for _ in range(ROUNDS):
        groups = distances[:, medoids].argmin(1)
        better = []
        for group, medoid in enumerate(medoids):
            members = np.flatnonzero(groups == group)
            costs = distances[np.ix_(members, members)].sum(0)
            better.append(int(members[costs.argmin()]) if len(members) else medoid)
        if better == medoids:
            break
        medoids = better
    return sorted(medoids)
