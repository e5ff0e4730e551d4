# SPDX-License-Identifier: Apache-2.0
"""What is learnt of a face at rest, and what is not."""

from emorec_vision.emotion.rest import Adapted
from emorec_vision.emotion.rest import HALF_KNOWN
from emorec_vision.emotion.rest import LONGEST
from emorec_vision.emotion.rest import Rest
from emorec_vision.emotions import EMOTIONS
from expressive import FRAME_S
from expressive import place
from expressive import raw
from expressive import space
import numpy as np
import pytest

HAPPY, SAD, NEUTRAL = (EMOTIONS.index(name) for name in ('Happy', 'Sad', 'Neutral'))
MILD = place('Sad', 0.52)
"""A rest that the network reads as Sad."""


def show(rest: Rest, coordinates: np.ndarray, seconds: float) -> Adapted:
    """Show a face for some time; return how it is read at the end."""
    for _ in range(round(seconds / FRAME_S)):
        rest.add(raw(coordinates), coordinates, FRAME_S)
    return rest.read(raw(coordinates), coordinates)


def test_of_a_new_face_the_network_alone_is_heard() -> None:
    """Nothing is known, so nothing is taken off."""
    rest = Rest(space())
    adapted = rest.read(raw(MILD), MILD)
    assert (rest.weight, adapted.weight) == (0, 0)
    assert adapted.probabilities == pytest.approx(raw(MILD))


def test_the_weight_grows_with_the_seconds_of_rest() -> None:
    """Half after HALF_KNOWN seconds; always below one."""
    assert Rest(space(), HALF_KNOWN).weight == pytest.approx(0.5)
    assert 0.9 < Rest(space(), LONGEST).weight < 1


def test_a_rest_that_looks_sad_becomes_neutral() -> None:
    """And sadness from there is read as such."""
    rest = Rest(space())
    assert raw(MILD).argmax() == SAD
    assert show(rest, MILD, 20).probabilities.argmax() == NEUTRAL
    assert np.linalg.norm(rest.mean - MILD) < 0.2
    sadder = MILD + place('Sad')
    assert rest.read(raw(sadder), sadder).probabilities.argmax() == SAD


@pytest.mark.parametrize('emotion', ['Happy', 'Surprise', 'Angry'])
def test_who_only_ever_shows_one_emotion_keeps_it(emotion: str) -> None:
    """After a minute of nothing else it is read with at least 95 % of the network's share."""
    number, face = EMOTIONS.index(emotion), place(emotion, 1.0)
    adapted = show(Rest(space()), face, 60)
    assert adapted.probabilities.argmax() == number
    assert adapted.probabilities[number] >= 0.95 * raw(face)[number]


def test_an_unusual_rest_is_learnt_in_minutes_and_not_in_seconds() -> None:
    """It lies too far from Neutral to be told from an expression at once."""
    face = place('Sad', 0.7)
    rest = Rest(space())
    show(rest, face, 30)
    assert rest.weight < 0.1
    show(rest, face, 570)
    assert rest.weight > 0.5
    assert rest.read(raw(face), face).probabilities.argmax() == NEUTRAL


def test_old_seconds_fade() -> None:
    """Never more than LONGEST are kept, so that a rest may change."""
    rest = Rest(space())
    show(rest, np.zeros(6), 200)
    assert rest.seconds == LONGEST
    before = rest.mean
    show(rest, 0.3 * MILD, 30)
    assert np.linalg.norm(rest.mean - before) > 0.05


def test_rests_of_one_person_join_by_their_seconds() -> None:
    """What is empty changes nothing."""
    rest = Rest(space(), 10, np.full(6, 1.0))
    rest.join(Rest(space()))
    assert (rest.seconds, rest.mean[0]) == (10, 1.0)
    rest.join(Rest(space(), 30, np.full(6, 2.0)))
    assert (rest.seconds, rest.mean[0]) == (40, pytest.approx(1.75))


def test_time_that_is_no_number_teaches_nothing() -> None:
    """The rest stays what it was."""
    rest = Rest(space(), 10, np.full(6, 1.0))
    rest.add(raw(MILD), MILD, float('inf'))
    assert (rest.seconds, rest.mean[0]) == (10, 1.0)


def test_own_expressions_are_read_by() -> None:
    """Somebody's own sadness, which generally is none, is read as Sad once it is known."""
    rest, faint = Rest(space(), 30), place('Sad', 0.2)
    assert rest.read(raw(faint), faint).probabilities.argmax() == NEUTRAL
    own = space().expressions.copy()
    own[SAD] = faint
    assert rest.read(raw(faint), faint, own).probabilities.argmax() == SAD
