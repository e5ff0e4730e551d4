# SPDX-License-Identifier: Apache-2.0
"""How far apart the images of a stream are."""

from itertools import accumulate

from emorec_vision.pace import INTERVALS
from emorec_vision.pace import Pace
import pytest


@pytest.mark.parametrize('steps, interval', [
    ([], 0),
    ([200], 0),
    ([33, 2000], 33),
    ([30, 36, 33, 4000, 31, 66, 33], 33),
    ([33, 0, -10, 43, 33], 33),
    ([33] * 20 + [500] * (INTERVALS // 2 + 1), 500),
])
def test_the_usual_interval_ignores_pauses_and_follows_the_rate(
        steps: list[int], interval: int) -> None:
    pace = Pace()
    for stamp in accumulate([1000, *steps]):
        pace.add(stamp)
    assert pace.interval == interval
