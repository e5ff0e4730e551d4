# SPDX-License-Identifier: Apache-2.0
"""Whose emotion it is: names that change, sessions that end, time that begins anew."""

from math import nan

from emorec_vision.emotion.aggregation import Aggregation
from emorec_vision.emotion.aggregation import PersonInView
from emorec_vision.emotion.person_windows import PersonWindows
from emorec_vision.emotion.track_names import CORRECTED_FOR
from emorec_vision.emotions import EMOTIONS
import pytest

FRAME_NS = 33_333_333
START_NS = 10**18
HAPPILY = [0.94 if emotion == 'Happy' else 0.01 for emotion in EMOTIONS]


@pytest.fixture
def aggregation() -> Aggregation:
    """Give an aggregation that has seen nobody."""
    return Aggregation(PersonWindows())


def show(aggregation: Aggregation, *numbers: int, now: float = 0.0) -> PersonInView:
    """Show a happy face on track a in images of these numbers; return the last answer."""
    for number in numbers:
        answer = aggregation.update(
            START_NS + number * FRAME_NS, ['a'], {'a': HAPPILY}, now)['a']
    return answer


def test_the_last_known_name_counts_unless_the_images_own_is_given(
    aggregation: Aggregation
) -> None:
    """A track that nobody named is unknown."""
    aggregation.set_names({'a': 'Ada', 'b': ''})
    people = aggregation.update(START_NS, ['a', 'b', 'c'], {}, 0.0)
    assert {track_id: person.name for track_id, person in people.items()} == {
        'a': 'Ada', 'b': '', 'c': ''}
    people = aggregation.update(START_NS + 1, ['a'], {}, 0.0, names={'a': 'Bob'})
    assert people['a'].name == 'Bob'


def test_what_is_no_number_is_no_measurement(aggregation: Aggregation) -> None:
    """A network that answers NaN confirms nothing."""
    for number in range(20):
        person = aggregation.update(
            START_NS + number, ['a'], {'a': [nan, *HAPPILY[1:]]}, 0.0)['a']
    assert person.probabilities is None
    assert person.state.confirmation.share == 0.0


def test_a_renamed_person_keeps_the_window_under_the_new_name(aggregation: Aggregation) -> None:
    """Identities that were on their way with the old name are corrected, for a while."""
    aggregation.set_names({'a': 'Ada'})
    show(aggregation, *range(13))
    aggregation.renamed('Ada', 'Ada L.', now=0.0)
    person = show(aggregation, 13, now=CORRECTED_FOR / 2)
    assert (person.name, person.state.confirmation.confirmed) == ('Ada L.', True)
    person = show(aggregation, 14, now=CORRECTED_FOR)
    assert (person.name, person.state.confirmation.confirmed) == ('Ada', False)


def test_a_name_that_is_given_back_is_not_corrected(aggregation: Aggregation) -> None:
    """Ada becomes Eve and Ada again, within a moment."""
    aggregation.set_names({'a': 'Ada'})
    aggregation.renamed('Ada', 'Eve', now=0.0)
    aggregation.renamed('Eve', 'Ada', now=0.1)
    assert show(aggregation, 0, now=0.2).name == 'Ada'


@pytest.mark.parametrize('name', ['Ada', 'Eve', 'Mia'])
def test_a_name_that_changes_twice_is_corrected_to_the_last(
    name: str, aggregation: Aggregation
) -> None:
    """Ada becomes Eve and Mia within a moment; identities with each of the names are on their way.

    Then she is forgotten, under the last of them.
    """
    aggregation.set_names({'a': name})
    aggregation.renamed('Ada', 'Eve', now=0.0)
    aggregation.renamed('Eve', 'Mia', now=0.1)
    assert show(aggregation, 0, now=0.2).name == 'Mia'
    aggregation.forgotten('Mia', now=0.3)
    assert show(aggregation, 1, now=0.4).name == ''


def test_a_forgotten_person_is_unknown_at_once_with_an_empty_window(
    aggregation: Aggregation
) -> None:
    """Until somebody is enrolled under that name."""
    aggregation.set_names({'a': 'Ada'})
    show(aggregation, *range(13))
    aggregation.forgotten('Ada', now=0.0)
    person = show(aggregation, 13, now=0.1)
    assert (person.name, person.state.confirmation.share) == ('', 1 / 20)
    aggregation.enrolled('Ada')
    assert show(aggregation, 14, now=0.2).name == 'Ada'


def test_a_new_session_of_the_detector_forgets_the_tracks(aggregation: Aggregation) -> None:
    """Nobody inherits a window by a track_id."""
    assert aggregation.begin_session('first')
    assert show(aggregation, *range(13)).state.confirmation.confirmed
    assert not aggregation.begin_session('first')
    assert show(aggregation, 13).state.confirmation.confirmed
    assert aggregation.begin_session('second')
    assert not show(aggregation, 14).state.confirmation.confirmed


@pytest.mark.parametrize('number, confirmed', [(75, True), (60, False)])
def test_stamps_that_begin_anew_forget_everybody(
    number: int, confirmed: bool, aggregation: Aggregation
) -> None:
    """More than a second back, named people too; a little out of order is nothing."""
    aggregation.set_names({'a': 'Ada'})
    show(aggregation, *range(90, 103))
    assert show(aggregation, number).state.confirmation.confirmed is confirmed
