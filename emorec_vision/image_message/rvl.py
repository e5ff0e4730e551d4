# SPDX-License-Identifier: Apache-2.0
"""Decode RVL, the lossless compression of depth that compressed_depth_image_transport offers.

A. D. Wilson, Fast Lossless Depth Image Compression, ISS 2017. By turns, runs of zeros and of
readings are counted; of each reading follows the difference to the one before. All numbers are in
groups of three bits, the lowest first, with a fourth bit where another group follows; eight groups
make a little-endian word of 32 bits, from the top.
"""

import numpy as np

MORE = 8
"""The bit that says that another group follows."""
LONGEST = 9
"""Groups of the longest number, a count of pixels; a difference has 17 bits."""


def decode(data: bytes, count: int) -> np.ndarray | None:
    """Return the depth in `data`, uint16 (count,), None where the data is damaged."""
    numbers = _numbers(data)
    depth = np.zeros(count, np.uint16)
    where, which, place, at = [], [], 0, 0
    while place < count:
        if at + 2 > len(numbers):
            return None
        start = place + int(numbers[at])
        run = int(numbers[at + 1])
        place, at = start + run, at + 2 + run
        if place > count or at > len(numbers):
            return None
        where.append((start, place))
        which.append((at - run, at))
    steps = numbers[_ranges(which)]
    depth[_ranges(where)] = np.cumsum(steps >> 1 ^ -(steps & 1))
    return depth


def _numbers(data: bytes) -> np.ndarray:
    """Return all numbers in the data, int32."""
    words = np.frombuffer(data, '<u4', len(data) // 4).astype('>u4').view(np.uint8)
    groups = np.stack([words >> 4, words & 15], axis=1).ravel()
    ends = np.flatnonzero(groups < MORE)
    starts = np.concatenate([[0], ends[:-1] + 1])[:len(ends)]
    numbers = (groups[starts] & 7).astype(np.int32)
    longer = np.flatnonzero(ends > starts)
    for place in range(1, LONGEST):
        numbers[longer] |= (groups[starts[longer] + place] & 7).astype(np.int32) << 3 * place
        longer = longer[ends[longer] > starts[longer] + place]
    return numbers


def _ranges(bounds: list[tuple[int, int]]) -> np.ndarray:
    """Return the numbers from start up to stop of each pair, one after the other."""
    pairs = np.array(bounds, np.int64).reshape(-1, 2)
    lengths = pairs[:, 1] - pairs[:, 0]
    before = np.cumsum(lengths) - lengths
    return np.repeat(pairs[:, 0] - before, lengths) + np.arange(lengths.sum())
