# SPDX-License-Identifier: Apache-2.0
"""That faces are not depth-checked is said once, and so is the return of depth."""

from emorec_ros.flow.depth_watch import DepthWatch
from emorec_ros.flow.depth_watch import PATIENCE
import pytest


@pytest.mark.parametrize('depth_images, told', [
    (0, 'no depth on /depth: faces are not depth-checked'),
    (9, 'no depth on /depth within 0.02 s of the images')])
def test_a_missing_depth_is_said_once_with_its_reason(depth_images: int, told: str) -> None:
    """Not at the first image, when depth may still come, and not again and again."""
    watch = DepthWatch('/depth', 0.02)
    said = [watch.seen(False, depth_images) for _ in range(5 * PATIENCE)]
    assert [bool(line) for line in said].index(True) == PATIENCE - 1
    line, = filter(None, said)
    assert line.startswith(told)


def test_the_return_of_depth_is_said_and_gaps_are_not() -> None:
    """An image without its depth now and then is no news."""
    watch = DepthWatch('/depth', 0.02)
    assert not any(watch.seen(number % PATIENCE == 0, number) for number in range(5 * PATIENCE))
    for _ in range(2 * PATIENCE):
        watch.seen(False, 9)
    assert [watch.seen(True, 9) for _ in range(3)] == [
        'depth is coming: faces are depth-checked', '', '']
