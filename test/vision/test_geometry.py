# SPDX-License-Identifier: Apache-2.0
"""Check the boxes."""

from emorec_vision.geometry import Box
import pytest


@pytest.mark.parametrize(('other', 'expected'), [
    (Box(0, 0, 10, 10), 1.0),
    (Box(5, 0, 10, 10), 50 / 150),
    (Box(10, 0, 10, 10), 0.0),
    (Box(2, 2, 5, 5), 0.25),
    (Box(3, 3, 0, 0), 0.0),
])
def test_iou_is_shared_area_over_joint_area(other: Box, expected: float) -> None:
    box = Box(0, 0, 10, 10)
    assert box.iou(other) == pytest.approx(expected)
    assert other.iou(box) == pytest.approx(expected)


@pytest.mark.parametrize(('box', 'expected'), [
    (Box(10, 10, 20, 20), Box(10, 10, 20, 20)),
    (Box(-5, -6, 20, 20), Box(0, 0, 15, 14)),
    (Box(90, 40, 20, 20), Box(90, 40, 10, 10)),
    (Box(-30, 0, 20, 20), Box(0, 0, 0, 20)),
    (Box(120, 60, 20, 20), Box(100, 50, 0, 0)),
])
def test_clip_keeps_the_part_inside_the_image(box: Box, expected: Box) -> None:
    assert box.clip(100, 50) == expected


def test_expand_adds_the_fraction_on_each_side() -> None:
    assert Box(100, 100, 40, 20).expand(0.25) == Box(90, 95, 60, 30)


def test_expand_by_a_negative_fraction_keeps_the_middle_and_at_least_a_pixel() -> None:
    assert Box(100, 100, 40, 20).expand(-0.25) == Box(110, 105, 20, 10)
    assert Box(0, 0, 4, 4).expand(-0.5).area == 1


def test_right_and_bottom_are_one_past_the_last_pixel() -> None:
    box = Box(3, 4, 10, 20)
    assert (box.right, box.bottom, box.area, box.center) == (13, 24, 200, (8.0, 14.0))
