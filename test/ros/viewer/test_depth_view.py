# SPDX-License-Identifier: Apache-2.0
"""Depth stands beside colour while it comes."""

from time import monotonic

from emorec_ros.messages.images import to_message
from emorec_ros.viewer import depth_view
from emorec_ros.viewer.depth_view import DepthView
from emorec_vision.image_message import ImageMessageError
import numpy as np
import pytest
from std_msgs.msg import Header

COLOUR = np.full((120, 160, 3), 90, np.uint8)


def test_depth_stands_on_the_right_while_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Near is red, far is blue, what is not known is black; old depth goes."""
    view = DepthView()
    assert view.beside(COLOUR) is COLOUR
    depth = np.zeros((60, 80), np.uint16)
    depth[:20], depth[20:40] = 600, 4900
    view.add(to_message(depth, '16UC1', Header()))
    both = view.beside(COLOUR)
    assert both.shape == (120, 320, 3) and (both[:, :160] == COLOUR).all()
    near, far, unknown = (both[row, 200].astype(int) for row in (20, 60, 100))
    assert near[0] > near[2] and far[2] > far[0] and not unknown.any()
    later = monotonic() + 2 * depth_view.KEPT
    monkeypatch.setattr(depth_view, 'monotonic', lambda: later)
    assert view.beside(COLOUR) is COLOUR


def test_what_is_no_depth_is_refused() -> None:
    """The node says so and shows colour alone."""
    with pytest.raises(ImageMessageError):
        DepthView().add(to_message(COLOUR, 'rgb8', Header()))
