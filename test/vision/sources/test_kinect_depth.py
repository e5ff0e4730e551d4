# SPDX-License-Identifier: Apache-2.0
from emorec_vision.sources.kinect.depth import BASELINE
from emorec_vision.sources.kinect.depth import COLOUR_INTRINSICS
from emorec_vision.sources.kinect.depth import DEPTH_INTRINSICS
from emorec_vision.sources.kinect.depth import raw_to_millimetres
from emorec_vision.sources.kinect.depth import register_depth
import numpy as np
import pytest


@pytest.mark.parametrize('raw, millimetres', [
    (700, 887), (1000, 3864),  # what libfreenect itself answers
    (2047, 0), (4000, 0),  # no reading
    (1091, 0),  # beyond 10 m
    (0, 317),
])
def test_raw_depth_becomes_the_millimetres_of_libfreenect(raw, millimetres):
    """The nearest raw value to the farthest, and what is no reading."""
    assert raw_to_millimetres(np.array([[raw]], np.uint16)).tolist() == [[millimetres]]


def test_raw_depth_grows_with_distance():
    """No jump or turn in the table below 10 m."""
    table = raw_to_millimetres(np.arange(2048)).astype(int)
    known = table[table > 0]
    assert known.max() > 9000
    assert (np.diff(known) >= 0).all()
    assert not table[len(known):].any()


@pytest.mark.parametrize('distance', [800, 1200, 3500])
def test_a_point_is_registered_to_where_the_colour_camera_sees_it(distance):
    """Projected by hand through both pinhole cameras, to within a pixel."""
    depth = np.zeros((480, 640), np.uint16)
    depth[100, 500] = distance
    rows, columns = np.nonzero(register_depth(depth))
    z = distance / 1000
    x = (500 - DEPTH_INTRINSICS.cx) * z / DEPTH_INTRINSICS.fx - BASELINE
    y = (100 - DEPTH_INTRINSICS.cy) * z / DEPTH_INTRINSICS.fy
    assert columns == pytest.approx(COLOUR_INTRINSICS.fx * x / z + COLOUR_INTRINSICS.cx, abs=0.51)
    assert rows == pytest.approx(COLOUR_INTRINSICS.fy * y / z + COLOUR_INTRINSICS.cy, abs=0.51)


def test_the_nearer_surface_hides_the_farther_one():
    """A box before a wall keeps its distance, a shadow beside it has none, no hole inside."""
    depth = np.full((480, 640), 3000, np.uint16)
    depth[200:300, 300:400] = 800
    registered = register_depth(depth)
    rows, columns = np.nonzero(registered == 800)
    assert np.ptp(columns) == pytest.approx(100 * 525 / 575.8, abs=2)
    assert (registered[rows.min():rows.max(), columns.min():columns.max()] == 800).all()
    assert registered[240, columns.max() + 5] == 0
    assert set(np.unique(registered)) == {0, 800, 3000}


def test_depth_without_readings_stays_empty():
    """Nothing in, nothing out."""
    assert not register_depth(np.zeros((480, 640), np.uint16)).any()
