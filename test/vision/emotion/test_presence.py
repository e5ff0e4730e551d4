# SPDX-License-Identifier: Apache-2.0
"""When somebody arrives, leaves, is recognised and engages."""

from collections.abc import Iterable
from math import nan

from emorec_vision.emotion.presence import PersonNews
from emorec_vision.emotion.presence import Presence
from emorec_vision.emotion.visit import Event
from emorec_vision.emotion.visit import PresenceSettings
from emorec_vision.emotion.visit import Seen
import pytest

TENTH = 100_000_000
"""Between two images, ns."""
HAPPY, SAD = 'Happy', 'Sad'


def seen(
    name: str = '', distance: float = 3.0, detected: bool = True, emotion: str | None = None,
    width: float = 0.0
) -> Seen:
    """Return what an image shows of somebody far away."""
    return Seen(name, detected, distance, width, emotion)


class Stream:
    """Ten images a second, and what happened in them."""

    def __init__(self, settings: PresenceSettings = PresenceSettings()) -> None:
        self.presence = Presence(settings)
        self.stamp = 10**12
        self.news: list[PersonNews] = []

    def play(self, seconds: float, step: int = TENTH, **people: Seen) -> list[tuple[str, str]]:
        """Show these people, by track, for a time, and return the new events with the names."""
        before = len(self.news)
        for _ in range(round(seconds * 1e9 / step)):
            self.stamp += step
            self.news += self.presence.update(self.stamp, people)
        return told(self.news[before:])


def told(news: Iterable[PersonNews]) -> list[tuple[str, str]]:
    """Return the events with the names of their people."""
    return [(each.event.name, each.name) for each in news]


@pytest.fixture
def stream() -> Stream:
    """Return a stream with nobody so far."""
    return Stream()


def test_who_is_in_view_for_a_second_arrives_once(stream: Stream) -> None:
    """A shorter track is nobody; the event carries the track."""
    assert stream.play(0.9, a=seen()) == []
    assert stream.play(5.0, a=seen()) == [('ARRIVED', '')]
    assert stream.news[0] == PersonNews(Event.ARRIVED, 'a', '', None)


def test_a_track_that_is_not_found_any_more_does_not_arrive(stream: Stream) -> None:
    """A false face that lives on for the time-out of its track is no visitor."""
    stream.play(0.9, a=seen())
    assert stream.play(0.5, a=seen(detected=False)) == []
    assert stream.play(4.0) == []
    assert stream.presence.visits == []


def test_who_is_out_of_view_for_three_seconds_has_left(stream: Stream) -> None:
    """Once, and with the last track and emotion."""
    stream.play(2.0, a=seen(emotion=HAPPY))
    assert stream.play(2.8) == []
    assert stream.play(2.0) == [('LEFT', '')]
    assert stream.news[-1] == PersonNews(Event.LEFT, 'a', '', HAPPY)


def test_a_recognised_person_goes_on_with_another_track(stream: Stream) -> None:
    """Neither LEFT nor ARRIVED, also when the name of the new track takes its time."""
    assert stream.play(2.0, a=seen('Ada')) == [('ARRIVED', 'Ada'), ('RECOGNISED', 'Ada')]
    assert stream.play(0.5) == []
    assert stream.play(2.0, b=seen()) == []
    assert stream.play(5.0, b=seen('Ada')) == []
    visit, = stream.presence.visits
    assert (visit.track_id, visit.in_view) == ('b', True)
    assert stream.play(4.0) == [('LEFT', 'Ada')]


def test_an_unknown_person_arrives_once_the_missed_one_has_left(stream: Stream) -> None:
    """Until then it may be that one; if it is, after all, the name follows."""
    stream.play(2.0, a=seen('Ada'))
    assert stream.play(4.0, b=seen()) == [('LEFT', 'Ada'), ('ARRIVED', '')]
    assert stream.play(1.0, b=seen('Ada')) == [('RECOGNISED', 'Ada')]


def test_a_name_of_another_person_begins_a_visit_of_its_own(stream: Stream) -> None:
    """A moment of confusion says nothing; if it lasts, one has left and the other come."""
    stream.play(2.0, a=seen('Ada'))
    assert stream.play(0.5, a=seen('Bob')) == []
    assert stream.play(4.0, a=seen('Ada')) == []
    assert stream.play(4.0, a=seen('Bob')) == [
        ('ARRIVED', 'Bob'), ('RECOGNISED', 'Bob'), ('LEFT', 'Ada')]


def test_two_tracks_may_exchange_a_name_without_anybody_coming(stream: Stream) -> None:
    """Who was unknown takes the other track."""
    stream.play(2.0, a=seen('Ada'), b=seen())
    assert stream.play(5.0, a=seen(), b=seen('Ada')) == []
    assert {visit.track_id: visit.name for visit in stream.presence.visits} == {
        'a': '', 'b': 'Ada'}


def test_a_second_unknown_track_of_a_known_person_leaves(stream: Stream) -> None:
    """Both were announced, so one of them is taken back."""
    stream.play(2.0, a=seen('Ada'), b=seen())
    stream.play(0.5, b=seen())
    assert stream.play(5.0, b=seen('Ada')) == [('LEFT', '')]
    assert [visit.name for visit in stream.presence.visits] == ['Ada']


def test_a_lost_name_is_kept_for_the_visit(stream: Stream) -> None:
    """Looks that fail make nobody a stranger."""
    stream.play(2.0, a=seen('Ada'))
    assert stream.play(5.0, a=seen()) == []
    assert stream.play(4.0) == [('LEFT', 'Ada')]


def test_renamed_and_forgotten_people_carry_the_new_name_or_none(stream: Stream) -> None:
    """At once, and without an event."""
    stream.play(2.0, a=seen('Ada'))
    stream.presence.renamed('Ada', 'Ada L.')
    assert stream.play(1.0, a=seen('Ada L.')) == []
    stream.presence.forgotten('Ada L.')
    assert [visit.name for visit in stream.presence.visits] == ['']
    assert stream.play(5.0, a=seen()) == []
    assert stream.play(4.0) == [('LEFT', '')]


def test_a_newly_confirmed_emotion_is_told_once(stream: Stream) -> None:
    """Also the one that was confirmed before the arrival; a pause in between is no change."""
    assert stream.play(2.0, a=seen(emotion=HAPPY)) == [('ARRIVED', ''), ('EMOTION', '')]
    assert stream.play(2.0, a=seen(emotion=None)) == []
    assert stream.play(2.0, a=seen(emotion=HAPPY)) == []
    assert stream.play(2.0, a=seen(emotion=SAD)) == [('EMOTION', '')]
    assert stream.news[-1].emotion == SAD


def test_near_and_detected_for_a_second_is_engaged(stream: Stream) -> None:
    """A glance while walking by is not."""
    stream.play(2.0, a=seen())
    assert stream.play(0.5, a=seen(distance=1.0)) == []
    assert stream.play(1.0, a=seen()) == []
    assert stream.play(5.0, a=seen(distance=1.4)) == [('ENGAGED', '')]


@pytest.mark.parametrize('step', [TENTH, 5 * TENTH, 10 * TENTH], ids=['10', '2', '1'])
def test_slow_graphs_engage_as_well(stream: Stream, step: int) -> None:
    """At ten, two and one images a second."""
    assert stream.play(4.0, step, a=seen(distance=1.0)) == [('ARRIVED', ''), ('ENGAGED', '')]


def test_a_lost_detection_or_a_step_back_is_not_disengaged(stream: Stream) -> None:
    """Two seconds of it are; the distance has a hysteresis."""
    stream.play(3.0, a=seen(distance=1.4))
    assert stream.play(3.0, a=seen(distance=1.7)) == []
    assert stream.play(1.5, a=seen(distance=1.4, detected=False)) == []
    assert stream.play(0.1, a=seen(distance=1.4)) == []
    assert stream.play(2.5, a=seen(distance=2.0)) == [('DISENGAGED', '')]
    assert stream.play(3.0, a=seen(distance=1.7)) == []


def test_without_distance_a_large_face_is_near(stream: Stream) -> None:
    """A tenth of the image is 1.3 m, a twentieth 2.6 m."""
    stream.play(2.0, a=seen(distance=nan, width=0.05), b=seen(distance=nan, width=0.10))
    assert [each.track_id for each in stream.news if each.event == Event.ENGAGED] == ['b']


def test_who_leaves_is_disengaged_first(stream: Stream) -> None:
    """ENGAGED and DISENGAGED come in pairs."""
    stream.presence = Presence(PresenceSettings(leave_after=1.0, disengage_after=5.0))
    stream.play(3.0, a=seen(distance=1.0))
    assert stream.play(3.0) == [('DISENGAGED', ''), ('LEFT', '')]


def test_when_nobody_looks_any_more_all_have_left(stream: Stream) -> None:
    """Those who never arrived go silently; who is there afterwards arrives again."""
    stream.play(2.0, a=seen('Ada'))
    stream.play(0.5, a=seen('Ada'), b=seen())
    assert told(stream.presence.everybody_left()) == [('LEFT', 'Ada')]
    assert stream.play(2.0, a=seen('Ada'))[0] == ('ARRIVED', 'Ada')


def test_stamps_that_begin_anew_end_all_visits(stream: Stream) -> None:
    """A bag that loops."""
    stream.play(2.0, a=seen())
    stream.stamp -= 10**10
    assert stream.play(0.1, a=seen()) == [('LEFT', '')]
