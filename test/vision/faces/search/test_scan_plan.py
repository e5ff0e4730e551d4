# SPDX-License-Identifier: Apache-2.0
"""Check how the search of a whole image is cut into slices."""

from emorec_vision.faces.search.scan_plan import MAX_SLICES
from emorec_vision.faces.search.scan_plan import scan_plan
from emorec_vision.faces.search.scan_plan import SLICE_COST
import pytest

SIZES = [(320, 240), (640, 480), (1280, 720), (1920, 1080)]


@pytest.mark.parametrize(('width', 'height'), SIZES)
def test_every_face_size_is_searched_in_every_row(width: int, height: int) -> None:
    scans = [scan for part in scan_plan(width, height, 1.15, 30) for scan in part]
    size = 32.0
    while size < height / 2:
        rows = sorted((scan.top * scan.shrink, scan.bottom * scan.shrink) for scan in scans
                      if scan.smallest * scan.shrink / 1.08 <= size
                      <= scan.largest * scan.shrink * 1.08)
        assert rows and rows[0][0] == 0 and rows[-1][1] > height - size, size
        for (_, bottom), (top, _) in zip(rows, rows[1:]):
            assert bottom - top >= size / 1.15, size
        size *= 1.07


@pytest.mark.parametrize(('width', 'height'), SIZES)
def test_slices_are_few_and_of_bounded_cost(width: int, height: int) -> None:
    plan = scan_plan(width, height, 1.15, 30)
    costs = [sum(scan.cost for scan in part) for part in plan]
    assert len(plan) <= 1.5 * MAX_SLICES
    assert max(costs) <= max(SLICE_COST, sum(costs) / MAX_SLICES) + 1e-9


def test_faces_below_the_smallest_size_are_not_searched() -> None:
    scans = [scan for part in scan_plan(640, 480, 1.15, 80) for scan in part]
    assert min(scan.smallest * scan.shrink for scan in scans) >= 80


def test_nothing_to_search_in_a_tiny_image() -> None:
    assert scan_plan(20, 20, 1.15, 30) == []
