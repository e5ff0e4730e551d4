# SPDX-License-Identifier: Apache-2.0
"""What depth said is carried over images that come without their depth image."""

from emorec_vision.depth.gate import DepthAnswer
from emorec_vision.depth.gate import DepthVerdict
from emorec_vision.depth.memory import DepthMemory
from emorec_vision.geometry import Box
from emorec_vision.stamps import seconds_to_ns as ns
import pytest

STEP = 1 / 30
FACE = Box(100, 80, 60, 60)
POSTER = Box(300, 80, 60, 60)
REAL = DepthAnswer(DepthVerdict.REAL, 1.2)
FLAT = DepthAnswer(DepthVerdict.FALSE, 2.0, reason='flat')
BLIND = DepthAnswer(DepthVerdict.UNKNOWN, reason='too few readings')
TRACKS = {'a-1': FACE}


@pytest.fixture()
def memory() -> DepthMemory:
    """Return what remains of three images with depth: a real track and a flat poster."""
    memory = DepthMemory()
    for number in range(3):
        memory.next_image(ns(number * STEP), True, TRACKS)
        memory.learn(FACE, REAL)
        memory.learn(POSTER, FLAT)
        memory.keep('a-1', REAL, True)
    return memory


def test_an_image_counts_unless_depth_may_still_answer(memory: DepthMemory) -> None:
    """Depth of two images ago is alive; what was never there, or not for 2 s, is no hope."""
    assert memory.counts
    last = 2 * STEP
    counts = {}
    for seconds in (STEP, 1.0, 1.9, 2.1):
        memory.next_image(ns(last + seconds), False, TRACKS)
        counts[seconds] = memory.counts
    assert counts == {STEP: False, 1.0: False, 1.9: False, 2.1: True}
    without = DepthMemory()
    without.next_image(0, False, {})
    assert without.counts


def test_depth_that_is_offered_is_waited_for_from_the_first_image() -> None:
    """For two seconds of images; what comes late must not find strangers there."""
    memory, counts = DepthMemory(), []
    for seconds in (5.0, 6.9, 7.1):
        memory.next_image(ns(seconds), False, {}, is_offered=True)
        counts.append(memory.counts)
    assert counts == [False, False, True]


def test_depth_that_comes_for_other_images_has_not_stayed_away() -> None:
    """Too late, or for images that a busy machine left out; two seconds after the last it has."""
    memory, counts = DepthMemory(), []
    for number in range(30):
        memory.next_image(ns(5.0 + number * 0.3), False, {}, is_offered=True,
                          is_coming=number < 20)
        counts.append(memory.counts)
    assert counts == [False] * 26 + [True] * 4


def test_a_pause_of_all_images_says_nothing_about_depth(memory: DepthMemory) -> None:
    """A camera that was switched off for a minute starts as at first."""
    memory.next_image(ns(3 * STEP), False, TRACKS)
    memory.next_image(ns(60.0), False, TRACKS)
    assert not memory.counts and memory.recall(POSTER) is None


def test_a_rejected_place_stays_rejected_until_depth_stayed_away(memory: DepthMemory) -> None:
    """Also while what is there moves by more than its own size."""
    for number in range(3, 60):
        memory.next_image(ns(number * STEP), False, TRACKS)
        moved = Box(POSTER.x + 4 * (number - 3), POSTER.y, 60, 60)
        assert memory.recall(moved) == FLAT
    assert memory.recall(POSTER) is None
    memory.next_image(ns(2.2), False, TRACKS)
    assert memory.recall(moved) is None


def test_a_place_that_depth_calls_real_is_no_longer_rejected(memory: DepthMemory) -> None:
    memory.next_image(ns(3 * STEP), True, {})
    memory.learn(POSTER, REAL)
    memory.next_image(ns(4 * STEP), False, {})
    assert memory.recall(POSTER) is None


def test_a_distance_is_held_for_half_a_second(memory: DepthMemory) -> None:
    held = {}
    for seconds in (0.1, 0.5, 0.51, 1.0):
        memory.next_image(ns(2 * STEP + seconds), False, TRACKS)
        held[seconds] = (memory.held('a-1'), memory.recall(FACE))
    assert held == {0.1: (REAL, REAL), 0.5: (REAL, REAL), 0.51: (None, None), 1.0: (None, None)}


def test_depth_without_readings_ends_the_holding_at_once(memory: DepthMemory) -> None:
    """It was there and did not see the face: that is another answer than none."""
    memory.next_image(ns(3 * STEP), True, TRACKS)
    memory.learn(FACE, BLIND)
    memory.keep('a-1', BLIND, True)
    assert memory.counts and memory.held('a-1') is None
    memory.next_image(ns(4 * STEP), False, TRACKS)
    assert memory.held('a-1') is None and memory.recall(FACE) is None


def test_a_track_does_not_shield_the_place_where_depth_rejected_it(memory: DepthMemory) -> None:
    memory.next_image(ns(3 * STEP), True, TRACKS)
    memory.learn(FACE, FLAT)
    memory.next_image(ns(4 * STEP), False, TRACKS)
    assert memory.recall(FACE) == FLAT
    memory.next_image(ns(5 * STEP), True, TRACKS)
    memory.learn(FACE, REAL)
    memory.next_image(ns(6 * STEP), False, TRACKS)
    assert memory.recall(FACE) == REAL


def test_a_track_that_is_nearer_than_a_rejected_place_keeps_its_verdict(
        memory: DepthMemory) -> None:
    """Somebody walks past a poster."""
    beside = {'a-1': Box(285, 80, 60, 60)}
    memory.next_image(ns(3 * STEP), False, beside)
    assert memory.recall(Box(287, 80, 60, 60)) == REAL
    assert memory.recall(Box(299, 80, 60, 60)) == FLAT


def test_only_a_track_that_depth_never_saw_is_exposed(memory: DepthMemory) -> None:
    tracks = {'a-1': FACE, 'a-2': POSTER}
    memory.next_image(ns(2.5), False, tracks)
    memory.keep('a-2', None, True)
    memory.next_image(ns(2.6), True, tracks)
    memory.learn(FACE, FLAT)
    assert memory.exposed() == set()
    memory.learn(POSTER, FLAT)
    assert memory.exposed() == {'a-2'}


def test_a_slow_stream_waits_longer() -> None:
    """At 1 Hz and half the depth nothing blinks: 5 intervals alive, 2.5 held."""
    memory = DepthMemory()
    for second in range(0, 9):
        memory.next_image(ns(second), second % 2 == 0, TRACKS)
        if second % 2 == 0:
            memory.learn(FACE, REAL)
            memory.keep('a-1', REAL, True)
        elif second > 2:
            assert memory.recall(FACE) == REAL
    for second, held, counts in ((10, REAL, False), (11, None, False), (13, None, False),
                                 (14, None, True)):
        memory.next_image(ns(second), False, TRACKS)
        assert (memory.held('a-1'), memory.counts) == (held, counts)


def test_a_stamp_a_little_back_is_no_time(memory: DepthMemory) -> None:
    memory.next_image(ns(STEP), False, TRACKS)
    assert memory.held('a-1') == REAL and not memory.counts
