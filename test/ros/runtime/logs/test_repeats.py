# SPDX-License-Identifier: Apache-2.0
"""Which lines of a log are printed."""

from emorec_ros.runtime.logs.repeats import BURST
from emorec_ros.runtime.logs.repeats import KINDS
from emorec_ros.runtime.logs.repeats import LONGEST_PAUSE
from emorec_ros.runtime.logs.repeats import Repeats


def test_a_line_that_repeats_comes_ever_more_seldom_with_its_count() -> None:
    """Ten times a second for ten minutes: 15 lines, which count all of them."""
    repeats, printed = Repeats(), []
    for number in range(6000):
        printed += repeats.offer('info', 'time went back', number / 10)
    assert len(printed) == 15
    assert printed[:2] == ['time went back', 'time went back (10 times)']
    assert printed[-1] == 'time went back (600 times)'


def test_numbers_make_no_other_line() -> None:
    """Such as a stamp, or how many bytes were missing."""
    repeats = Repeats()
    assert repeats.offer('warning', 'dropped: 3 bytes', 0.0) == ['dropped: 3 bytes']
    assert repeats.offer('warning', 'dropped: 4 bytes', 0.1) == []
    assert repeats.offer('warning', 'dropped: a label', 0.1) == ['dropped: a label']


def test_the_last_one_is_printed_in_the_end() -> None:
    """Nothing that was said is lost."""
    repeats = Repeats()
    for number in range(3):
        repeats.offer('error', f'it failed {number}', 0.0)
    assert list(repeats.due(0.5)) == []
    assert list(repeats.due(1.5)) == [('error', 'it failed 2 (2 times)')]
    assert list(repeats.due(9.0)) == []


def test_after_a_while_it_is_news_again() -> None:
    """The pause begins anew."""
    repeats = Repeats()
    for now in (0.0, 1.0, 3.0, 200.0, 201.0):
        assert repeats.offer('info', 'images are coming', now) == ['images are coming']


def test_what_will_stay_so_is_said_once() -> None:
    """However often it is told."""
    repeats = Repeats()
    assert repeats.offer('warning', 'encoding x is not read', 0.0, once=True)
    assert not any(repeats.offer('warning', 'encoding x is not read', float(now), once=True)
                   for now in range(1, 1000))
    assert list(repeats.due(1000.0)) == []


def test_lines_that_all_differ_are_bounded_too() -> None:
    """A stranger who writes another letter each time fills no disk either."""
    repeats, printed = Repeats(), []
    texts = [f'dropped: {chr(0x4e00 + number)}' for number in range(10 * KINDS)]
    for text in texts:
        printed += repeats.offer('warning', text, 0.0)
    assert printed == texts[:BURST]
    lines = [text for _, text in repeats.due(LONGEST_PAUSE)]
    assert len(lines) <= BURST
