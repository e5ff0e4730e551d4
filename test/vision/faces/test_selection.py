# SPDX-License-Identifier: Apache-2.0
"""Whom to watch: nearest, largest or in the middle, a region, and no wavering."""

from math import nan

from emorec_vision.errors import InputError
from emorec_vision.faces.selection import region_of
from emorec_vision.faces.selection import Selection
from emorec_vision.faces.selection import SelectionSettings
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.geometry import Box
import numpy as np
import pytest

SHAPE = (480, 640)
SECOND = 1_000_000_000
LEFT_HALF = (0.0, 0.0, 0.5, 1.0)


def face(track_id: str, x: int = 300, side: int = 60, distance: float = nan,
         y: int = 200, estimated: bool = False) -> TrackedFace:
    """Return a face of a 640x480 image whose upper left corner is given."""
    box = Box(x, y, side, side)
    return TrackedFace(
        track_id=track_id, crop=np.zeros((1, 1), np.uint8), crop_box=box, box=box, detected=True,
        score=1.0, depth_checked=not estimated, distance=distance, position=(nan, nan, distance),
        estimated=estimated, bearing=(nan, nan, nan))


def watched(selection: Selection, *faces: TrackedFace, at: float = 0.0) -> list[str]:
    """Return whom is watched in an image taken at so many seconds."""
    return [each.track_id for each in selection.update(faces, round(at * SECOND), SHAPE)]


FACES = (face('far', x=20, side=90, distance=3.0), face('near', x=500, distance=1.0),
         face('middle', x=290, side=50, distance=2.0))


@pytest.mark.parametrize('settings, chosen', [
    (SelectionSettings(), ['far', 'near', 'middle']),
    (SelectionSettings(max_people=2), ['far', 'near']),  # who came first
    (SelectionSettings('nearest'), ['near']),
    (SelectionSettings('nearest', 2), ['near', 'middle']),
    (SelectionSettings('largest'), ['far']),
    (SelectionSettings('centre'), ['middle']),
    (SelectionSettings('centre', region=LEFT_HALF), ['far']),
    (SelectionSettings('all', region=LEFT_HALF), ['far', 'middle']),
    (SelectionSettings('nearest', 5), ['far', 'near', 'middle']),
])
def test_watches_whom_the_settings_name(settings: SelectionSettings, chosen: list[str]) -> None:
    """The order of the faces stays."""
    assert watched(Selection(settings), *FACES) == chosen


def test_without_a_distance_the_largest_is_the_nearest() -> None:
    """One face of unknown distance is enough: distances and sizes do not compare."""
    assert watched(Selection(SelectionSettings('nearest')), *FACES,
                   face('unknown', side=200)) == ['unknown']


def test_estimated_distances_count_where_there_are_no_others() -> None:
    """Also beside measured ones: all are metres."""
    faces = (face('a', side=90, distance=2.0, estimated=True),
             face('b', side=95, distance=1.0, estimated=True), face('c', distance=1.5))
    assert watched(Selection(SelectionSettings('nearest')), *faces) == ['b']


def test_another_must_be_clearly_nearer_for_a_while() -> None:
    """A fifth nearer and half a second; somebody who only passes changes nothing."""
    selection = Selection(SelectionSettings('nearest'))
    first = face('first', distance=1.0)
    assert watched(selection, first) == ['first']
    assert watched(selection, first, face('b', distance=0.85), at=1.0) == ['first']
    assert watched(selection, first, face('b', distance=0.85), at=9.0) == ['first']
    assert watched(selection, first, face('b', distance=0.5), at=10.0) == ['first']
    assert watched(selection, first, face('b', distance=0.9), at=10.4) == ['first']
    assert watched(selection, first, face('b', distance=0.5), at=10.5) == ['first']
    assert watched(selection, first, face('b', distance=0.5), at=11.0) == ['b']


def test_a_place_that_is_free_is_filled_at_once() -> None:
    """The track of the one who was watched has ended."""
    selection = Selection(SelectionSettings('largest'))
    assert watched(selection, face('a', side=90), face('b')) == ['a']
    assert watched(selection, face('b')) == ['b']


def test_whoever_stands_on_the_edge_of_the_region_does_not_flicker() -> None:
    """In with the middle of the face, out only a bit further off."""
    selection = Selection(SelectionSettings(region=LEFT_HALF))
    assert watched(selection, face('a', x=295)) == []
    assert watched(selection, face('a', x=285)) == ['a']
    assert watched(selection, face('a', x=305)) == ['a']
    assert watched(selection, face('a', x=315)) == []
    assert watched(selection, face('a', x=305)) == []


def test_other_settings_and_a_clock_that_goes_back_keep_whom_is_watched() -> None:
    """They are set while it runs, and a bag may start again."""
    selection = Selection(SelectionSettings(max_people=2))
    faces = (face('a', distance=3.0), face('b', distance=1.0))
    assert watched(selection, *faces, at=100.0) == ['a', 'b']
    selection.settings = SelectionSettings('nearest', 1)
    assert watched(selection, *faces, at=101.0) == ['a']
    assert watched(selection, *faces, at=1.0) == ['a']
    assert watched(selection, *faces, at=1.6) == ['b']


@pytest.mark.parametrize('text, region', [
    ('', (0.0, 0.0, 1.0, 1.0)), ('0.25, 0, 0.5, 1', (0.25, 0.0, 0.5, 1.0))])
def test_a_region_is_read(text: str, region: tuple[float, ...]) -> None:
    """Nothing is the whole image."""
    assert region_of(text) == region


@pytest.mark.parametrize('text', [
    '0,0,1', 'a,b,c,d', '0,0,0,1', '-1,0,1,1', '0,0,nan,1', '1,0,1,1'])
def test_what_is_no_region_is_named(text: str) -> None:
    """The line shows what was given."""
    with pytest.raises(InputError, match=f"'{text}' is"):
        region_of(text)
