# SPDX-License-Identifier: Apache-2.0
"""Smooth the box of a face along its track."""

from __future__ import annotations

import math

from emorec_vision.geometry import Box

MIN_CUTOFF = 1.5
"""Cut-off of a still box's low-pass filter, Hz."""
SPEED_GAIN = 6.0
"""Hz of cut-off added per box side a second of movement."""
SPEED_CUTOFF = 3.0
"""Cut-off of the speed's own low-pass filter, Hz."""


class SmoothBox:
    """Smooth a box: strongly while it stands still, hardly while it moves.

    The 1 euro filter (Casiez, Roussel and Vogel, CHI 2012) on the middle and on the logarithm
    of the sides, with the speed in box sides a second so that near and far faces behave alike.
    """

    def __init__(self, box: Box) -> None:
        self._state = _measure(box)
        self._speed = [0.0] * len(self._state)

    def update(self, box: Box, elapsed: float) -> None:
        """Take in a box measured `elapsed` seconds after the last one."""
        if elapsed <= 0:
            return
        width, height = math.exp(self._state[2]), math.exp(self._state[3])
        for axis, (value, unit) in enumerate(zip(_measure(box), (width, height, 1.0, 1.0))):
            change = (value - self._state[axis]) / unit
            blend = _blend(SPEED_CUTOFF, elapsed)
            self._speed[axis] += blend * (change / elapsed - self._speed[axis])
            cutoff = MIN_CUTOFF + SPEED_GAIN * abs(self._speed[axis])
            self._state[axis] += _blend(cutoff, elapsed) * change * unit

    def movement(self, elapsed: float, most: float) -> tuple[float, float]:
        """Return by how much the middle moves on in a time, s, at most so many sides each, px."""
        width, height = math.exp(self._state[2]), math.exp(self._state[3])
        across, down = (max(-most, min(most, speed * elapsed)) for speed in self._speed[:2])
        return across * width, down * height

    def box(self) -> Box:
        """Return the smoothed box in whole px."""
        width, height = math.exp(self._state[2]), math.exp(self._state[3])
        return Box(round(self._state[0] - width / 2), round(self._state[1] - height / 2),
                   max(round(width), 1), max(round(height), 1))


def _measure(box: Box) -> list[float]:
    """Return middle and logarithm of the sides."""
    return [*box.center, math.log(max(box.width, 1)), math.log(max(box.height, 1))]


def _blend(cutoff: float, elapsed: float) -> float:
    """Return the weight of a new value in a low-pass filter."""
    return 1.0 / (1.0 + 1.0 / (2.0 * math.pi * cutoff * elapsed))
