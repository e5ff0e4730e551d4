# SPDX-License-Identifier: Apache-2.0
"""How many images have depth is said when it changes for good, with the numbers."""

from collections.abc import Iterable

from emorec_ros.flow.depth_watch import DepthWatch
from emorec_ros.flow.depth_watch import PATIENCE
from emorec_ros.flow.depth_watch import WINDOW
import pytest

BACK = 'depth is coming: faces are depth-checked'
ALL, NONE = [True] * WINDOW, [False] * WINDOW
HALF = [True, False] * (WINDOW // 2)


def said(images: Iterable[bool], depth_images: int = 9) -> list[str]:
    """Return the lines that images with and without depth lead to."""
    watch = DepthWatch('/depth', 0.02)
    return [line for has_depth in images if (line := watch.seen(has_depth, depth_images))]


@pytest.mark.parametrize('depth_images, told', [
    (0, 'no depth on /depth: faces are not depth-checked'),
    (9, 'no depth on /depth within 0.02 s of the images')])
def test_a_missing_depth_is_said_once_with_its_reason(depth_images: int, told: str) -> None:
    """Not at the first image, when depth may still come, and not again and again."""
    watch = DepthWatch('/depth', 0.02)
    lines = [watch.seen(False, depth_images) for _ in range(5 * WINDOW)]
    assert [bool(line) for line in lines].index(True) == PATIENCE - 1
    line, = filter(None, lines)
    assert line.startswith(told)


@pytest.mark.parametrize('before', [[], ALL, ALL[:11], 7 * ALL[:17]])
def test_half_the_depth_is_said_once_with_its_numbers(before: list[bool]) -> None:
    line, = said([*before, *10 * HALF])
    assert line.startswith('depth comes with 15 of 30 images on /depth: verdicts are carried over')


def test_depth_that_stays_away_or_comes_back_later_is_said() -> None:
    lines = said([*2 * ALL, *4 * NONE, *3 * HALF, *4 * ALL])
    assert [line.split(' on ')[0] for line in lines] == [
        'no depth', 'depth comes with 15 of 30 images', BACK]


def test_the_return_of_depth_is_said_once() -> None:
    assert said([*NONE, *4 * ALL])[1:] == [BACK]


@pytest.mark.parametrize('images', [
    [*3 * ALL, *NONE, *3 * ALL],
    [*ALL[:11], *NONE, *3 * ALL],
    [number % 5 > 0 for number in range(10 * WINDOW)],
    [False] * (PATIENCE - 1) + 4 * ALL])
def test_a_pause_and_gaps_now_and_then_are_no_news(images: list[bool]) -> None:
    assert said(images) == []


def test_a_share_that_wavers_about_a_limit_is_said_once() -> None:
    waver = [number % step > 0 for step in (5, 4) for number in range(WINDOW)]
    assert len(said([*3 * HALF, *10 * waver])) == 1
    seldom = [number % 40 == 20 for number in range(20 * WINDOW)]
    assert len(said([*NONE, *seldom])) == 1
