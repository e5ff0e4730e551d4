# SPDX-License-Identifier: Apache-2.0
"""How far apart the images of a stream are."""

from itertools import accumulate

from emorec_vision.pace import INTERVALS
from emorec_vision.pace import LONGEST_PAUSE
from emorec_vision.pace import Pace
from emorec_vision.pace import Playback
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


def test_a_file_is_played_by_its_stamps() -> None:
    playback = Playback()
    stamps = accumulate([5000, 33, 67, 0, 33, -170, 1000])
    assert [playback.step(stamp) for stamp in stamps] == [0, 33, 67, 33, 33, 33, 1000]
    assert playback.take_news() == []


def test_a_long_gap_is_shortened_and_told_once() -> None:
    playback, second = Playback(), 10**9
    stamps = accumulate([0, second, 3600 * second, second, 7200 * second])
    assert [playback.step(stamp) for stamp in stamps] == [
        0, second, LONGEST_PAUSE, second, LONGEST_PAUSE]
    line, = playback.take_news()
    assert 'after 1.00 s go on at 3601.00 s' in line
    assert playback.take_news() == []
