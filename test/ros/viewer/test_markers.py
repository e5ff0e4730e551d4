# SPDX-License-Identifier: Apache-2.0
"""The markers of people, answer by answer."""

from math import nan

from emorec.msg import Emotion
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.viewer.markers import PeopleMarkers
from geometry_msgs.msg import Point
import pytest
from std_msgs.msg import Header
from visualization_msgs.msg import Marker
from visualization_msgs.msg import MarkerArray

FRAME_NS = 33_333_333


def answer(number: int, frame_ns: int = FRAME_NS, **distances: float) -> PersonEmotionArray:
    """Return answer `number` with happy people at these distances, by track."""
    header = Header(stamp=time_from_ns(10**12 + number * frame_ns), frame_id='optical')
    return PersonEmotionArray(header=header, people=[
        PersonEmotion(track_id=track_id, person=track_id.upper(), emotion=Emotion.HAPPY,
                      confirmed=True, position=Point(x=0.1, y=0.2, z=distance))
        for track_id, distance in distances.items()])


def shown(array: MarkerArray) -> dict[str, set[int]]:
    """Return the ids of the markers that are added, by the name in their text."""
    added = [marker for marker in array.markers if marker.action == Marker.ADD]
    return {text.text.split('\n')[0]: {text.id, head.id}
            for text, head in zip(added[::2], added[1::2], strict=True)}


def deleted(array: MarkerArray) -> set[int]:
    """Return the ids of the markers that are deleted."""
    return {marker.id for marker in array.markers if marker.action == Marker.DELETE}


@pytest.fixture
def markers() -> PeopleMarkers:
    """Return markers of nobody so far."""
    return PeopleMarkers()


def test_a_person_is_a_text_above_a_head(markers: PeopleMarkers) -> None:
    """Both in the frame of the image; up is -y there, and the face lies before the head."""
    text, head = markers.update(answer(0, ada=1.5)).markers
    assert (text.type, text.text) == (Marker.TEXT_VIEW_FACING, 'ADA\nHappy')
    assert (head.type, head.scale.x) == (Marker.SPHERE, head.scale.z)
    assert 0.15 < head.scale.x < 0.3
    assert text.pose.position.y < head.pose.position.y - head.scale.x / 2
    assert text.pose.position.z == 1.5 < head.pose.position.z
    assert {text.header.frame_id, head.header.frame_id} == {'optical'}
    assert text.color.a == 1.0 > head.color.a


def test_an_estimated_distance_is_written_as_one(markers: PeopleMarkers) -> None:
    """The person is shown there all the same."""
    people = answer(0, ada=1.42)
    people.people[0].estimated, people.people[0].distance = True, 1.42
    text, head = markers.update(people).markers
    assert text.text == 'ADA\nHappy\n~1.4 m'
    assert head.pose.position.z > 1.42


def test_nothing_of_other_publishers_is_deleted(markers: PeopleMarkers) -> None:
    """All markers are in one namespace, and only known ids are deleted, never all."""
    arrays = [markers.update(answer(0, ada=1.0, bob=2.0)), markers.update(answer(1, bob=2.0)),
              markers.update(answer(2))]
    everything = [marker for array in arrays for marker in array.markers]
    assert {marker.ns for marker in everything} == {'emorec'}
    assert {marker.action for marker in everything} == {Marker.ADD, Marker.DELETE}
    assert deleted(arrays[1]) | deleted(arrays[2]) == {0, 1, 2, 3}


def test_a_track_keeps_its_ids_while_others_come_and_go(markers: PeopleMarkers) -> None:
    """Whatever their order is; an id is free again once its marker is deleted."""
    first = shown(markers.update(answer(0, ada=1.0, bob=2.0)))
    assert shown(markers.update(answer(1, bob=2.0, ada=1.0))) == first
    third = markers.update(answer(2, cy=3.0, bob=2.0))
    assert shown(third)['BOB'] == first['BOB']
    assert not shown(third)['CY'] & (first['ADA'] | first['BOB'])
    assert deleted(third) == first['ADA']
    assert shown(markers.update(answer(3, cy=3.0, bob=2.0, eve=1.0)))['EVE'] == first['ADA']


def test_a_track_that_ended_is_deleted_once(markers: PeopleMarkers) -> None:
    """Afterwards there is nothing to publish."""
    markers.update(answer(0, ada=1.0))
    assert deleted(markers.update(answer(1))) == {0, 1}
    assert markers.update(answer(2)).markers == []


def test_labels_do_not_blink(markers: PeopleMarkers) -> None:
    """Where depth has holes the last position holds for two seconds; then it is a guess."""
    markers.update(answer(0, ada=1.0))
    for number in range(1, 60):
        text, _ = markers.update(answer(number, ada=nan)).markers
        assert (text.action, text.pose.position.z) == (Marker.ADD, 1.0)
    assert deleted(markers.update(answer(62, ada=nan))) == {0, 1}
    assert markers.update(answer(63, ada=nan)).markers == []
    assert shown(markers.update(answer(64, ada=1.0))) == {'ADA': {0, 1}}


@pytest.mark.parametrize('interval', [FRAME_NS, 10**9, 5 * 10**9])
def test_a_marker_outlives_the_wait_for_the_next_answer(
    markers: PeopleMarkers, interval: int
) -> None:
    """Also on a slow graph; but not for ever, should the visualizer die."""
    markers.update(answer(0, interval, ada=1.0))
    text, _ = markers.update(answer(1, interval, ada=1.0)).markers
    lifetime = text.lifetime.sec + text.lifetime.nanosec / 1e9
    assert max(2.0, 2 * interval / 1e9) <= lifetime <= 30.0
