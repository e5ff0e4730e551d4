# SPDX-License-Identifier: Apache-2.0
"""Where one time line ends and another begins."""

from emorec_vision.stamps import MAX_STEP_BACK_NS
from emorec_vision.stamps import TimeLine
import pytest


@pytest.mark.parametrize('back, anew', [
    (-5, False), (0, False), (MAX_STEP_BACK_NS, False), (MAX_STEP_BACK_NS + 1, True)])
def test_more_than_a_second_back_is_another_time_line(back: int, anew: bool) -> None:
    """A little out of order is still the same camera."""
    line = TimeLine()
    assert not line.add(10**18)
    assert line.begins_anew(10**18 - back) == anew
    assert line.add(10**18 - back) == anew


def test_steps_back_are_counted_from_the_newest_stamp() -> None:
    """Many small ones make a large one; after a new beginning stamps go on from there."""
    line = TimeLine()
    assert [line.add(10**10 - step * 4 * 10**8) for step in range(5)] == [
        False, False, False, True, False]
    assert not line.add(10**10)
