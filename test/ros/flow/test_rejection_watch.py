# SPDX-License-Identifier: Apache-2.0
"""That one reason takes nearly all detections is said once, with its likely cause."""

from collections.abc import Iterable
import itertools

from emorec_ros.flow.rejection_watch import RejectionWatch
from emorec_vision.stamps import seconds_to_ns as ns
import pytest

Image = tuple[int, list[str]]
START = 1_800_000_000 * 10**9
NARROW: Image = (0, ['too narrow'])
KEPT: Image = (1, [])
EMPTY: Image = (0, [])


def said(images: Iterable[Image], step: float = 0.5) -> list[str]:
    """Return the lines that images some time apart lead to."""
    watch = RejectionWatch()
    return [line for number, image in enumerate(images)
            if (line := watch.seen(START + ns(number * step), *image))]


def test_one_reason_for_nearly_all_is_said_once() -> None:
    assert said([NARROW] * 60) == [
        '11 of 11 detections too narrow in 5 s: does camera_info belong to these images, '
        'and is depth in mm (16UC1) or m (32FC1)?']


def test_a_slow_stream_counts_for_longer() -> None:
    """At 1 Hz with a detection in each second image, ten are there after 18 s."""
    line, = said([NARROW, EMPTY] * 40, 1.0)
    assert line.startswith('10 of 10 detections too narrow in 18 s')


@pytest.mark.parametrize('reason, words', [
    ('too near', 'parameter near'), ('too far', 'beyond far'), ('too wide', 'camera_info'),
    ('flat', 'poster'), ('goes on beside it', 'on a wide surface in 5 s'),
    ('bent the other way', 'aligned'), ('too few readings', 'with too few depth readings in 5 s'),
    ('no depth', 'require_depth')])
def test_each_reason_has_a_likely_cause(reason: str, words: str) -> None:
    line, = said([(0, [reason])] * 20)
    assert words in line


@pytest.mark.parametrize('images', [
    [NARROW] * 10, [NARROW, KEPT] * 30, [*[NARROW] * 4, KEPT] * 10, [*[EMPTY] * 9, NARROW] * 20,
    [(0, ['flat']), NARROW] * 30, [KEPT] * 60, [EMPTY] * 60])
def test_a_short_time_few_detections_or_several_reasons_are_no_news(images: list[Image]) -> None:
    assert said(images) == []


def test_a_reason_comes_again_after_it_was_gone_and_another_one_at_once() -> None:
    lines = said([*[NARROW] * 20, *[KEPT] * 20, *[NARROW] * 20, *[(0, ['flat'])] * 20])
    assert [line.split(' in ')[0].split(' ', 4)[4] for line in lines] == [
        'too narrow', 'too narrow', 'flat']


def test_a_share_that_wavers_is_said_once() -> None:
    waver = [*[NARROW] * 10, KEPT, KEPT, KEPT]
    assert len(said(itertools.chain([NARROW] * 12, waver * 5), 0.4)) == 1


def test_a_stamp_that_steps_back_begins_anew() -> None:
    watch = RejectionWatch()
    for number in range(9):
        assert not watch.seen(START + ns(number * 0.5), *NARROW)
    assert not any(watch.seen(START - ns(100 - 0.5 * number), *NARROW) for number in range(10))
