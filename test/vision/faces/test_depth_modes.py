# SPDX-License-Identifier: Apache-2.0
"""Check what each depth mode makes of the demo scene: a person, and a poster on the wall."""

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.depth.segmentation import near_regions
from emorec_vision.depth.segmentation import only_inside
from emorec_vision.errors import InputError
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.faces.finder import Findings
from emorec_vision.geometry import Box
from emorec_vision.sources import Frame
from emorec_vision.sources.demo.room import INTRINSICS
from emorec_vision.sources.demo.room import POSTER
from emorec_vision.sources.demo.source import DemoScene
import numpy as np
import pytest


@pytest.fixture(scope='module')
def frame() -> Frame:
    """Return a frame in which both faces are found."""
    return DemoScene().frame(90)


def find(frame: Frame, mode: str, **limits: float) -> Findings:
    """Return what a frame shows."""
    finder = FaceFinder(HaarDetector(), DepthGate(**limits), stills=True, depth_mode=mode)
    gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
    return finder.process(gray, 0, frame.depth, INTRINSICS)


def on_poster(box: Box) -> bool:
    """Tell whether a box lies on the poster."""
    return box.intersection(POSTER) > 0.5 * box.area


def test_off_keeps_the_poster_and_checks_nothing(frame: Frame) -> None:
    found = find(frame, 'off').faces
    assert [on_poster(face.box) for face in found].count(True) == 1
    assert len(found) == 2
    assert not any(face.depth_checked for face in found)


@pytest.mark.parametrize('mode', ['gate', 'segment'])
def test_gate_and_segment_keep_the_person_and_not_the_poster(frame: Frame, mode: str) -> None:
    face, = find(frame, mode).faces
    assert not on_poster(face.box)
    assert face.depth_checked and 0.6 < face.distance < 1.9


def test_the_gate_tells_a_poster_within_reach_by_its_flatness(frame: Frame) -> None:
    found = find(frame, 'gate', far=6.0)
    rejected, = (face for face in found.rejected if on_poster(face.box))
    assert len(found.faces) == 1
    assert rejected.reason in ('flat', 'too wide')
    assert rejected.distance == pytest.approx(4.95, abs=0.2)


def test_segment_searches_what_is_near_and_leaves_the_rest_black() -> None:
    depth = np.full((480, 640), 3000, np.uint16)
    depth[100:300, 200:320] = 1000
    depth[58:63, 58:63] = 1000
    depth[400:, :] = 0
    box, = near_regions(depth, 0.3, 1.5)
    assert box.intersection(Box(200, 100, 120, 200)) == 120 * 200
    assert box.area < 2 * 120 * 200
    kept = only_inside(np.full((480, 640), 9, np.uint8), [box])
    assert (kept > 0).sum() == box.area
    metres = (depth / 1000).astype(np.float32)
    metres[400:] = np.nan
    assert near_regions(metres, 0.3, 1.5) == [box]
    assert near_regions(depth, 0.3, 0.9) == []


def test_an_unknown_mode_is_refused() -> None:
    with pytest.raises(InputError, match='gate, segment, off'):
        FaceFinder(HaarDetector(), DepthGate(), depth_mode='mask')
