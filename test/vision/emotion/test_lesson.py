# SPDX-License-Identifier: Apache-2.0
"""What a person is asked for, and whose frames are taken."""

from emorec_vision.emotion.lesson import Lesson
from emorec_vision.emotion.lesson import READY
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from expressive import FRAME_NS
from expressive import FRAME_S
import numpy as np
import pytest

FACE = np.zeros(7), np.zeros(6)


def show(lesson: Lesson, seconds: float, names: dict[str, str], *measured: str) -> None:
    """Show tracks with these names for some time, of which some are measured."""
    for _ in range(round(seconds / FRAME_S)):
        lesson.add(lesson.stamp + FRAME_NS, names, {track: FACE[0] for track in measured},
                   {track: FACE[1] for track in measured})


def lesson(*wanted: str, track_id: str = '') -> Lesson:
    """Return a lesson of Ada whose clock runs."""
    made = Lesson('Ada', EMOTIONS, wanted, 2.0, track_id)
    made.add(10**18, {}, {}, {})
    return made


def test_rest_comes_first_and_each_has_its_time() -> None:
    """The first second of each does not count."""
    taught = lesson('Sad', 'Happy')
    assert (taught.expression, taught.prompt) == (
        'Neutral', 'look at the camera with a resting face')
    assert taught.longest == 6
    show(taught, 2.05, {'a': ''}, 'a')
    assert (taught.expression, taught.prompt) == ('Sad', 'look sad')
    show(taught, READY, {'a': ''}, 'a')
    assert taught.frames <= 1
    show(taught, 3.1, {'a': ''}, 'a')
    assert taught.done and taught.expression == taught.prompt == ''
    assert {label: len(each.coordinates) for label, each in taught.shown.items()} == {
        'Neutral': pytest.approx(10, abs=1), 'Sad': pytest.approx(10, abs=1),
        'Happy': pytest.approx(10, abs=1)}


def test_all_are_asked_for_unless_some_are_wanted() -> None:
    """Once each; a name that the model does not tell is refused."""
    assert lesson().longest == 14
    assert lesson('Sad', 'Sad', 'Neutral').longest == 4
    with pytest.raises(InputError, match="'Bored' is none of Angry"):
        lesson('Bored')
    with pytest.raises(InputError, match='give more than 1'):
        Lesson('Ada', EMOTIONS, (), 0.5)


def test_what_is_skipped_is_not_shown_and_rest_cannot_be() -> None:
    """The next one follows at once."""
    taught = lesson('Sad', 'Happy')
    with pytest.raises(InputError, match='cannot be skipped'):
        taught.skip()
    show(taught, 2.05, {'a': ''}, 'a')
    taught.skip()
    assert taught.expression == 'Happy'
    show(taught, 2.1, {'a': ''}, 'a')
    assert taught.done and set(taught.shown) == {'Neutral', 'Happy'}


@pytest.mark.parametrize('names, hint', [
    ({}, 'no face in view'), ({'a': '', 'b': ''}, '2 faces in view'),
    ({'a': 'Bob'}, 'the face in view is that of Bob')])
def test_nobody_elses_frames_are_taken(names: dict[str, str], hint: str) -> None:
    """The time stands still meanwhile, and it is said why."""
    taught = lesson()
    show(taught, 5, names, *names)
    assert (taught.hint, taught.frames, taught.expression) == (hint, 0, 'Neutral')


def test_the_track_with_the_name_is_taken_among_others() -> None:
    """Or the one that was given."""
    taught = lesson()
    show(taught, 1.5, {'a': '', 'b': 'Ada'}, 'a', 'b')
    assert (taught.track_id, taught.hint) == ('b', '') and taught.frames > 0
    given = lesson(track_id='a')
    show(given, 1.5, {'b': ''}, 'b')
    assert (given.hint, given.frames) == ('a is not in view', 0)


def test_the_time_runs_only_while_the_face_is_measured() -> None:
    """A track that lives on without being found shows nothing."""
    taught = lesson()
    show(taught, 10, {'a': ''})
    assert taught.expression == 'Neutral'
    assert taught.frames == 0
