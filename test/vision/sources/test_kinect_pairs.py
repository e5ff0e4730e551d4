# SPDX-License-Identifier: Apache-2.0
"""Colour and depth of one moment find each other by the clock of the device."""

from emorec_vision.sources.kinect.pairs import DeviceFrame
from emorec_vision.sources.kinect.pairs import FramePairer
from emorec_vision.sources.kinect.pairs import ticks_between
from emorec_vision.sources.kinect.pairs import TICKS_PER_SECOND
from emorec_vision.sources.kinect.pairs import WRAP
import numpy as np
import pytest

PIXELS = np.zeros((2, 2), np.uint8)
PERIOD = TICKS_PER_SECOND // 30


def pairs_of(frames, first=0):
    """Return (colour, depth) in ms of the pairs that frames like 'c33' or 'd40' make, and drops.

    The letter says the stream, the number the device's time in ms.
    """
    pairer = FramePairer()
    pairs = []
    for name in frames.split():
        ticks = round(first + float(name[1:]) * TICKS_PER_SECOND / 1000) % WRAP
        pair = pairer.add(DeviceFrame(name[0] == 'c', PIXELS, ticks, 0.0))
        if pair is not None:
            pairs.append(tuple(round(ticks_between(frame.ticks, first % WRAP)
                                     * 1000 / TICKS_PER_SECOND)
                               for frame in (pair.colour, pair.depth)))
    return pairs, pairer.dropped


@pytest.mark.parametrize('first', [0, WRAP - 1, WRAP - PERIOD, WRAP // 2])
@pytest.mark.parametrize('frames, pairs, dropped', [
    ('c0 d0 c33 d33', [(0, 0), (33, 33)], 0),
    ('c0 d2 c33 d35', [(0, 2), (33, 35)], 0),
    ('d0 c15 d33 c48', [(15, 0), (48, 33)], 0),             # half a period apart
    ('d0 c17 d33 c50 d66 c83', [(17, 0), (50, 33), (83, 66)], 0),  # steady, not alternating
    ('c0 c33 d33', [(33, 33)], 1),                          # the depth of 0 was lost
    ('c0 d33 c33', [(33, 33)], 1),
    ('d0 d33 d66 c66 c100 d100', [(66, 66), (100, 100)], 2),
    ('c0 c33 d0 d33', [(0, 0), (33, 33)], 0),               # depth comes a frame later
    ('c0 c33 c66 d31', [(33, 31)], 1),                      # the nearest, not the newest
    ('c0 d21 c42 d63', [], 0),                              # never within 20 ms
    ('c0 c33 c66 c100 c133 c166', [], 3),                   # without depth
])
def test_frames_pair_with_the_nearest_and_are_used_once(frames, pairs, dropped, first):
    assert pairs_of(frames, first) == (pairs, dropped)


@pytest.mark.parametrize('ticks, earlier, between', [
    (5, 3, 2), (3, 5, -2), (1, WRAP - 1, 2), (WRAP - 1, 1, -2), (0, 0, 0),
])
def test_the_clock_wraps(ticks, earlier, between):
    assert ticks_between(ticks, earlier) == between
