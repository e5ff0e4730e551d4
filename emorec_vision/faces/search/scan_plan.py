# SPDX-License-Identifier: Apache-2.0
"""Cut the search of a whole image into slices of like cost."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
import math

WINDOW = 24
"""Side of the window that the default Haar cascade was trained on, px."""
SLICE_COST = 3.0
"""Of a slice, ms on one core of the machine it was measured on."""
COST_PER_PX = 2.4e-6
"""Cost of a window per px of face size, ms: the larger a window, the more stages of the cascade it
passes. Fitted to indoor images of 640x480, sizes from 32 to 190 px, to within a third."""
PASS_SMALLEST = 15
"""Side that the smallest face keeps in a pass of a network, px..."""
PASS_NEXT = 20
"""...that the next larger faces keep in the next pass, which is over a smaller image..."""
PASS_RANGE = 4
"""...up to so many times as large ones."""
PASS_COST_PER_PX = 1.7e-5
"""Of a pass of YuNet, ms; from 5.2 ms for 640x480 px on one core (docs/detection.md)."""
PASS_SLICE_COST = 1.5
"""Of a slice of such passes, ms: strips overlap by a face, so many thin ones cost more."""
MAX_SLICES = 12
"""Aimed at: a large image gets dearer slices rather than many more of them."""


@dataclass(frozen=True)
class Scan:
    """One search: a band of face sizes in some rows of the shrunk image.

    All lengths are px of the image shrunk by `shrink`, a power of two at which the faces
    looked for are one to two windows (24 to 48 px): there OpenCV steps by two pixels, above by
    one.
    """

    shrink: int
    smallest: int
    largest: int
    top: int
    bottom: int
    cost: float


def scan_plan(width: int, height: int, scale_factor: float, min_size: int,
              window: int = WINDOW) -> list[tuple[Scan, ...]]:
    """Return the slices that cover every place and every face size of an image once.

    Args:
        width: of the image, px.
        height: of the image, px.
        scale_factor: ratio of two successive window sizes.
        min_size: side of the smallest face, px.
        window: side of the cascade's training window, px.
    """
    return _packed(list(_bands(width, height, scale_factor, min_size, window)), SLICE_COST)


def pass_plan(width: int, height: int, min_size: int) -> list[tuple[Scan, ...]]:
    """Return such slices for a network that finds faces of many sizes in one pass.

    The first band, of faces too small for a shrunk image, costs most. Larger ones, as people
    arrive, are searched for in every second slice.

    Args:
        width: of the image, px.
        height: of the image, px.
        min_size: side of the smallest face, px.
    """
    bands: list[list[Scan]] = []
    smallest = min_size
    while smallest <= min(width, height):
        shrink = 1
        while smallest >= 2 * shrink * PASS_SMALLEST:
            shrink *= 2
        above = PASS_RANGE * smallest if bands else 2 * shrink * PASS_NEXT
        rows = height // shrink
        largest = min(above, width, height) / shrink
        bands.append([Scan(shrink, smallest // shrink, math.ceil(largest), 0, rows,
                           width // shrink * rows * PASS_COST_PER_PX)])
        smallest = above
    small, large = _packed(bands[:1], PASS_SLICE_COST), _packed(bands[1:], PASS_SLICE_COST)
    if not large:
        return small
    return [part for number, scans in enumerate(small)
            for part in (large[number % len(large)], scans)]


def _packed(bands: list[list[Scan]], least_budget: float) -> list[tuple[Scan, ...]]:
    """Return the scans of all bands as slices of like cost."""
    total = sum(scan.cost for band in bands for scan in band)
    budget = max(least_budget, total / MAX_SLICES)
    slices: list[list[Scan]] = [[]]
    for band in bands:
        for scan in _divide(band, budget):
            if slices[-1] and sum(part.cost for part in slices[-1]) + scan.cost > budget:
                slices.append([])
            slices[-1].append(scan)
    return [tuple(part) for part in slices if part]


def _bands(width: int, height: int, scale_factor: float, min_size: int,
           window: int) -> Iterator[list[Scan]]:
    """Yield, for each shrink, one Scan per window size."""
    shrink = 1
    while min(width, height) // shrink >= window:
        columns, rows = width // shrink, height // shrink
        sizes, size = [], float(window)
        while size < 2 * window and size <= min(columns, rows):
            if round(size) * shrink >= min_size:
                places = (columns / size - 1) * (rows / size - 1)
                sizes.append(Scan(shrink, round(size), round(size), 0, rows,
                                  places * window ** 2 / 4 * size * shrink * COST_PER_PX))
            size *= scale_factor
        if sizes:
            yield sizes
        shrink *= 2


def _divide(band: list[Scan], budget: float) -> Iterator[Scan]:
    """Yield the sizes of a band joined up to the budget; one that is dearer is cut by rows."""
    run: list[Scan] = []
    for scan in band:
        if run and sum(part.cost for part in run) + scan.cost > budget:
            yield _join(run)
            run = []
        if scan.cost > budget:
            yield from _strips(scan, budget)
        else:
            run.append(scan)
    if run:
        yield _join(run)


def _join(run: list[Scan]) -> Scan:
    """Return one scan of all the sizes."""
    return Scan(run[0].shrink, run[0].smallest, run[-1].largest, run[0].top, run[0].bottom,
                sum(part.cost for part in run))


def _strips(scan: Scan, budget: float) -> Iterator[Scan]:
    """Yield the scan cut into strips of rows, which overlap by one face."""
    count = int(scan.cost // budget) + 1
    rows = scan.bottom - scan.top
    for part in range(count):
        top = rows * part // count
        bottom = min(rows * (part + 1) // count + scan.largest, rows)
        yield Scan(scan.shrink, scan.smallest, scan.largest, top, bottom, scan.cost / count)
