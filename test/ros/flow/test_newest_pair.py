# SPDX-License-Identifier: Apache-2.0
"""Pairing colour with depth, newest first."""

from threading import Thread
from time import monotonic
from time import sleep

from emorec_ros.flow.newest_pair import LONGEST_WAIT
from emorec_ros.flow.newest_pair import NewestPair
from emorec_ros.flow.newest_pair import PLACES
import pytest

MILLISECOND = 1_000_000


class Clock:
    """Count time by being asked."""

    def __init__(self, now: float = 0.0, step: float = 0.01) -> None:
        self.now = now
        self._step = step

    def __call__(self) -> float:
        """Return the present time, a step later each time."""
        self.now += self._step
        return self.now


def test_a_burst_is_kept() -> None:
    """After a stall images come at once; all are answered, in order."""
    pairs = NewestPair(slop=0.02, wait=0.04)
    for stamp in range(PLACES):
        assert not pairs.put_colour(stamp, stamp, now=0.0)
    assert [pairs.take(Clock())[1] for _ in range(PLACES)] == list(range(PLACES))


def test_the_newest_images_win() -> None:
    """One more than there are places pushes out the oldest, and that is told."""
    pairs = NewestPair(slop=0.02, wait=0.04)
    pushed_out = [pairs.put_colour(stamp, stamp, now=0.0) for stamp in range(PLACES + 1)]
    assert pushed_out == [False] * PLACES + [True]
    assert pairs.take(Clock())[1] == 1


def test_a_image_that_waited_long_gives_way_to_a_newer_one() -> None:
    """Where the search is slower than the camera, what is taken is not old."""
    pairs = NewestPair(slop=0.02, wait=0.04, max_age=0.05)
    pairs.put_colour(1, 'old', now=0.0)
    assert pairs.put_colour(2, 'new', now=0.06)
    assert pairs.take(Clock())[1] == 'new'


def test_a_file_loses_no_image_however_long_it_waits() -> None:
    """A file source sends no third one."""
    pairs = NewestPair(slop=0.02, wait=0.04, max_age=0.0)
    pairs.put_colour(1, 'first', now=0.0)
    assert not pairs.put_colour(2, 'second', now=60.0)
    assert [pairs.take(Clock())[1], pairs.take(Clock())[1]] == ['first', 'second']


@pytest.mark.parametrize('difference_ms, expected', [(0, 'depth'), (20, 'depth'), (21, None)])
def test_depth_belongs_to_a_image_within_the_slop(
    difference_ms: int, expected: str | None
) -> None:
    """Stamps may differ by the slop and no more."""
    pairs = NewestPair(slop=0.02, wait=0.04)
    pairs.put_depth(1000 * MILLISECOND + difference_ms * MILLISECOND, 'depth', now=0.0)
    pairs.put_colour(1000 * MILLISECOND, 'colour', now=0.0)
    assert pairs.take(Clock(now=1.0))[2] == expected


def test_the_nearest_depth_is_taken() -> None:
    """Of two depth images within the slop the nearer one counts."""
    pairs = NewestPair(slop=0.02, wait=0.04)
    pairs.put_depth(985 * MILLISECOND, 'far', now=0.0)
    pairs.put_depth(1001 * MILLISECOND, 'near', now=0.0)
    pairs.put_colour(1000 * MILLISECOND, 'colour', now=0.0)
    assert pairs.take(Clock())[2] == 'near'


def test_a_image_goes_on_alone_when_its_depth_does_not_come() -> None:
    """While depth is alive it is waited for, but not longer than allowed."""
    pairs = NewestPair(slop=0.02, wait=0.04)
    pairs.put_depth(1, 'long ago', now=0.0)
    pairs.put_colour(1000 * MILLISECOND, 'colour', now=0.0)
    clock = Clock()
    assert pairs.take(clock)[2] is None
    assert clock.now >= 0.04


def play(pairs: NewestPair, delays: list[float]) -> float:
    """Put images at 30 Hz, each with its depth so many seconds later; return the last time, s."""
    events = [(number / 30 + delay, pairs.put_depth, number)
              for number, delay in enumerate(delays)]
    events += [(number / 30, pairs.put_colour, number) for number in range(len(delays))]
    for now, put, number in sorted(events, key=lambda event: event[0]):
        put(number * 33 * MILLISECOND, 'image', now)
    return max(now for now, _, _ in events)


@pytest.mark.parametrize('wait, delays, waited', [
    (0.04, [0.1] * 3, 0.125),
    (0.04, [0.0, 0.1, 0.0], 0.04),
    (0.04, [0.03] * 3, 0.04),
    (0.04, [0.7] * 3, LONGEST_WAIT),
    (0.0, [0.1] * 3, 0.0)])
def test_depth_that_always_comes_late_is_waited_for(
    wait: float, delays: list[float], waited: float
) -> None:
    """As long as it usually needs and a quarter more; one stall is nothing, and 0 never waits."""
    pairs = NewestPair(slop=0.02, wait=wait, max_age=0.0)
    now = play(pairs, delays)
    for _ in delays:
        assert pairs.take(Clock(now))[2] == 'image'
    pairs.put_colour(1000 * MILLISECOND, 'colour', now)
    clock = Clock(now, step=0.05)
    assert pairs.take(clock)[2] is None
    assert now + waited <= clock.now < now + waited + 0.051


@pytest.mark.parametrize('stamp_ms, pulse', [(1015, True), (1500, False)])
def test_depth_of_an_image_that_went_without_it_is_a_sign_of_life(
    stamp_ms: int, pulse: bool
) -> None:
    """Told once; depth that belongs to no image is none."""
    pairs = NewestPair(slop=0.02, wait=0.04)
    pairs.put_colour(1000 * MILLISECOND, 'colour', now=0.0)
    assert pairs.take(Clock())[2] is None
    assert not pairs.take_pulse()
    pairs.put_depth(stamp_ms * MILLISECOND, 'depth', now=0.9)
    assert pairs.take_pulse() is pulse
    assert not pairs.take_pulse()


def test_images_that_wait_for_late_depth_do_not_push_out_each_other() -> None:
    """At 60 Hz, with depth 0.15 s late, all images get their depth."""
    pairs = NewestPair(slop=0.005, wait=0.04, max_age=0.04)
    play(pairs, [0.15] * 3)
    pairs.clear()
    assert not any(pairs.put_colour((1000 + 17 * number) * MILLISECOND, 'colour', 1 + number / 60)
                   for number in range(10))


def test_without_a_depth_stream_nothing_is_waited_for() -> None:
    """A webcam does not pay for the absence of depth."""
    pairs = NewestPair(slop=0.02, wait=10.0)
    pairs.put_colour(1, 'colour', now=0.0)
    clock = Clock()
    pairs.take(clock)
    assert clock.now < 0.1


def test_depth_from_before_a_jump_of_time_is_forgotten() -> None:
    """A looping bag does not pair with the depth of its last round."""
    pairs = NewestPair(slop=0.02, wait=0.04)
    pairs.put_depth(9000 * MILLISECOND, 'old', now=0.0)
    pairs.put_depth(0, 'new', now=0.0)
    pairs.put_colour(9000 * MILLISECOND, 'colour', now=0.0)
    assert pairs.take(Clock(now=5.0))[2] is None


def test_closing_lets_the_worker_go() -> None:
    """A closed mailbox hands out nothing."""
    pairs = NewestPair(slop=0.02, wait=0.04)
    pairs.close()
    assert pairs.take(Clock()) is None


@pytest.mark.parametrize('late_by', [0.01, 0.036, 0.06, None])
def test_late_depth_never_starves_the_detector(late_by: float | None) -> None:
    """At 30 Hz, depth that comes after a frame's time or never matches costs no more than it must.

    While an image waits for its depth, younger ones come; they must not restart the wait.
    """
    pairs = NewestPair(slop=0.02, wait=0.04)
    taken: list[int] = []

    def work() -> None:
        while (pair := pairs.take(monotonic)) is not None:
            taken.append(pair[0])

    worker = Thread(target=work)
    worker.start()
    events = [(number / 30, 'colour', number) for number in range(30)]
    events += [(number / 30 + (late_by or 0.0), 'depth', number) for number in range(30)]
    started = monotonic()
    for due, kind, number in sorted(events):
        sleep(max(0.0, started + due - monotonic()))
        stamp = number * 33 * MILLISECOND
        if kind == 'colour':
            pairs.put_colour(stamp, 'colour', monotonic())
        else:
            pairs.put_depth(stamp + (10**12 if late_by is None else 0), 'depth', monotonic())
    sleep(0.1)
    pairs.close()
    worker.join(1)
    assert len(taken) > 12


def test_a_repeated_image_does_not_push_out_an_older_one() -> None:
    """A file source repeats what got no answer; the order stays that of the stamps."""
    pairs = NewestPair(slop=0.02, wait=0.04, max_age=0.0)
    for stamp in (2, 1, 2, 1):
        assert not pairs.put_colour(stamp, 'image', now=0.0)
    assert [pairs.take(Clock())[0], pairs.take(Clock())[0]] == [1, 2]
