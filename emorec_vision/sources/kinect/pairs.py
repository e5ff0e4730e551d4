# SPDX-License-Identifier: Apache-2.0
"""Find the colour and the depth image of one moment by the clock of the Kinect."""

from collections import deque
from dataclasses import dataclass

import numpy as np

TICKS_PER_SECOND = 60_000_000
"""Of the clock that a Kinect v1 stamps both streams with (libfreenect issue 681)."""
WRAP = 1 << 32
SLOP = TICKS_PER_SECOND // 50
"""20 ms: the two streams of 30 Hz are not synchronised, so the nearest images are up to half a
period, 16.7 ms, apart; the rest is for jitter."""
WAITING = 3


@dataclass(frozen=True)
class DeviceFrame:
    """One image of one of the streams.

    pixels: uint8 (480, 640, 3) RGB, or uint16 (480, 640) depth in the unit of the depth mode.
    ticks: of the device's clock, 0 .. 2**32 - 1, wrapping. arrived: steady clock, s.
    """

    is_colour: bool
    pixels: np.ndarray
    ticks: int
    arrived: float


@dataclass(frozen=True)
class FramePair:
    """The colour and the depth image of one moment."""

    colour: DeviceFrame
    depth: DeviceFrame


class FramePairer:
    """Pair frames as they come in; each is used once or dropped.

    A frame is paired with the nearest one of the other stream that is there, if that is at most
    `SLOP` ticks away. It never waits for one that might be nearer still.
    """

    def __init__(self) -> None:
        """Start without frames."""
        self.dropped = 0
        """Frames that found no partner, so far."""
        self._waiting: tuple[deque[DeviceFrame], ...] = (deque(), deque())

    def add(self, frame: DeviceFrame) -> FramePair | None:
        """Take a frame and return the pair that it completes, if it does."""
        own, others = self._waiting[frame.is_colour], self._waiting[not frame.is_colour]
        partner = min(others, key=lambda other: abs(ticks_between(frame.ticks, other.ticks)),
                      default=None)
        if partner is None or abs(ticks_between(frame.ticks, partner.ticks)) > SLOP:
            own.append(frame)
            if len(own) > WAITING:
                own.popleft()
                self.dropped += 1
            return None
        while others.popleft() is not partner:
            self.dropped += 1
        self.dropped += len(own)
        own.clear()
        colour, depth = (frame, partner) if frame.is_colour else (partner, frame)
        return FramePair(colour, depth)


def ticks_between(ticks: int, earlier: int) -> int:
    """Return how many ticks one stamp is after another, -2**31 .. 2**31 - 1."""
    return (ticks - earlier + WRAP // 2) % WRAP - WRAP // 2
