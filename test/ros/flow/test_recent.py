# SPDX-License-Identifier: Apache-2.0
"""What belongs to the newest stamps is remembered, and no more than that."""

from emorec_ros.flow.recent import Recent
from emorec_vision.stamps import MAX_STEP_BACK_NS


def test_the_oldest_gives_way() -> None:
    """Memory is bounded."""
    recent: Recent[str] = Recent(2)
    for stamp, value in enumerate('abc'):
        recent.put(stamp, value)
    assert [recent.get(stamp) for stamp in range(4)] == [None, 'b', 'c', None]


def test_the_same_stamp_again_takes_no_second_place() -> None:
    """A file source repeats what got no answer."""
    recent: Recent[str] = Recent(2)
    for stamp, value in ((0, 'a'), (1, 'b'), (1, 'again')):
        recent.put(stamp, value)
    assert (recent.get(0), recent.get(1)) == ('a', 'again')


def test_what_is_taken_is_gone() -> None:
    """An image is drawn once."""
    recent: Recent[str] = Recent(2)
    recent.put(0, 'a')
    assert (recent.take(0), recent.take(0), recent.get(0)) == ('a', None, None)


def test_a_new_time_line_forgets_the_other() -> None:
    """The next round of a bag gets no answers of the last one."""
    recent: Recent[str] = Recent(4)
    recent.put(3 * MAX_STEP_BACK_NS, 'old')
    recent.put(2 * MAX_STEP_BACK_NS, 'a little earlier')
    assert recent.get(3 * MAX_STEP_BACK_NS) == 'old'
    assert recent.begins_anew(0)
    recent.put(0, 'new')
    assert recent.get(3 * MAX_STEP_BACK_NS) is None
    assert recent.get(0) == 'new' and not recent.begins_anew(3 * MAX_STEP_BACK_NS)
