# SPDX-License-Identifier: Apache-2.0
"""The aggregator node over real topics."""

from collections.abc import Mapping
from collections.abc import Sequence
from math import isnan
from typing import Any

from emorec.msg import Emotion
from emorec.msg import EmotionChange
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec.msg import Identity
from emorec.msg import IdentityArray
from emorec.msg import PeopleSummary
from emorec.msg import PersonChange
from emorec.msg import PersonEmotionArray
from emorec.msg import PersonEvent
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.runtime.qos.profiles import LATCHED
from emorec_vision.geometry import Box
from geometry_msgs.msg import Point
from geometry_msgs.msg import Quaternion
from geometry_msgs.msg import Transform
from geometry_msgs.msg import TransformStamped
from geometry_msgs.msg import Vector3
from patience import PATIENCE
import pytest
from ros_harness import Harness
from ros_harness import Topic
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

FRAME_NS = 33_333_333
START_NS = 1_800_000_000_000_000_001
BOX = Box(10, 20, 60, 60)
LONG = 60.0
"""No machine takes so long to deliver what was sent, s."""


class Chain:
    """Stand in for the detector, the emotion and the identity node before the aggregator."""

    def __init__(self, harness: Harness, **parameters: Any) -> None:
        harness.start('aggregator', **{'join_timeout': LONG, **parameters})
        self.people: Topic = harness.topic(PersonEmotionArray, '/emotions')
        self.changes: Topic = harness.topic(EmotionChange, '/emotion_changes')
        self._faces = harness.publisher(FaceArray, '/faces')
        self._emotions = harness.publisher(FaceEmotionArray, '/face_emotions')
        self._identities = harness.publisher(IdentityArray, '/identities')
        self._people = harness.publisher(PersonChange, '/person_changes')
        self.estimated: set[str] = set()
        """Tracks whose position was not measured."""

    def faces(self, number: int, *track_ids: str, session: str = 's') -> None:
        """Publish the faces of image `number`."""
        roi = RegionOfInterest(x_offset=10, y_offset=20, width=60, height=60)
        self._faces.publish(FaceArray(header=header(number), session=session, faces=[
            Face(track_id=track_id, roi=roi, detected=True, distance=1.5,
                 position=Point(x=0.1, y=0.2, z=1.5), bearing=Vector3(y=0.6, z=0.8),
                 estimated=track_id in self.estimated)
            for track_id in track_ids]))

    def emotions(self, number: int, session: str = 's', **measured: int) -> None:
        """Publish the emotions of image `number`."""
        self._emotions.publish(FaceEmotionArray(header=header(number), session=session, emotions=[
            FaceEmotion(track_id=track_id, emotion=emotion, probabilities=[
                0.94 if index == emotion else 0.01 for index in range(7)])
            for track_id, emotion in measured.items()]))

    def other_emotions(self, number: int, labels: Sequence[str], *rows: Sequence[float]) -> None:
        """Publish the emotions of tracks a, b, ... as another model tells them."""
        self._emotions.publish(FaceEmotionArray(
            header=header(number), session='s', labels=labels, emotions=[
                FaceEmotion(track_id=track_id, label_probabilities=row)
                for track_id, row in zip('abcdef', rows)]))

    def identities(self, number: int, **names: str) -> None:
        """Publish the identities of image `number`."""
        self._identities.publish(IdentityArray(header=header(number), session='s', identities=[
            Identity(track_id=track_id, person=name, known=bool(name))
            for track_id, name in names.items()]))

    def person(self, change: int, name: str, new_name: str = '') -> None:
        """Publish that somebody was enrolled, forgotten or renamed."""
        self._people.publish(PersonChange(change=change, name=name, new_name=new_name))

    def play(self, numbers: range, names: Mapping[str, str] | None = None, /,
             **measured: int) -> PersonEmotionArray:
        """Publish faces, emotions, and names if any, of images and return the last answer."""
        for number in numbers:
            count = len(self.people.messages)
            if names is not None:
                self.identities(number, **names)
            self.faces(number, *measured)
            self.emotions(number, **measured)
            self.people.wait_for_count(count + 1)
        return self.people.messages[-1]


def header(number: int) -> Header:
    """Return the header of image `number`."""
    return Header(stamp=time_from_ns(START_NS + number * FRAME_NS), frame_id='optical')


def numbers(people: Topic) -> list[int]:
    """Return which images were answered, in order."""
    return [(stamp_ns(message.header.stamp) - START_NS) // FRAME_NS
            for message in people.messages]


def test_confirms_after_13_equal_measurements(harness: Harness) -> None:
    """Everything of the face travels through; the emotion is confirmed at the 13th."""
    chain = Chain(harness)
    person, = chain.play(range(12), a=Emotion.HAPPY).people
    assert (person.emotion, person.confirmed, person.label) == (Emotion.NEUTRAL, False, 'Neutral')
    assert person.share == pytest.approx(0.6)
    person, = chain.play(range(12, 13), a=Emotion.HAPPY).people
    assert (person.emotion, person.confirmed, person.label) == (Emotion.HAPPY, True, 'Happy')
    assert (person.track_id, person.known, person.person) == ('a', False, '')
    assert person.frame_emotion == Emotion.HAPPY
    assert person.probabilities[Emotion.HAPPY] == pytest.approx(0.94)
    assert person.probability == pytest.approx(0.94)
    assert list(person.label_probabilities) == pytest.approx(list(person.probabilities))
    assert person.distance == pytest.approx(1.5)
    assert person.roi.width == 60
    assert person.since == header(12).stamp


def test_the_mean_probability_of_what_is_confirmed_is_published(harness: Harness) -> None:
    """Over the whole window; it is not the share, and 0 while nothing is confirmed."""
    chain = Chain(harness)
    chain.play(range(3), a=Emotion.SAD)
    person, = chain.play(range(3, 15), a=Emotion.HAPPY).people
    assert (person.confirmed, person.probability) == (False, 0.0)
    person, = chain.play(range(15, 16), a=Emotion.HAPPY).people
    assert person.share == pytest.approx(0.65)
    assert person.probability == pytest.approx((3 * 0.01 + 13 * 0.94) / 16)
    change, = chain.changes.wait_for_count(1)
    assert change.probability == pytest.approx(person.probability)


def test_the_labels_of_another_model_travel_to_every_answer(harness: Harness) -> None:
    """A label that has no number is OTHER, and its name says which; events say it too."""
    chain = Chain(harness, arrive_after=0.1)
    events = harness.topic(PersonEvent, '/person_events')
    labels = ['Happy', 'Bored', 'Keen']
    for number in range(13):
        chain.faces(number, 'a', 'b')
        chain.other_emotions(number, labels, [0.2, 0.7, 0.1], [0.6, 0.3, 0.1])
        answer = chain.people.wait_for_count(number + 1)[-1]
    assert list(answer.labels) == labels
    bored, happy = answer.people
    assert (bored.emotion, bored.label, bored.confirmed) == (Emotion.OTHER, 'Bored', True)
    assert bored.probability == pytest.approx(0.7)
    assert list(bored.label_probabilities) == pytest.approx([0.2, 0.7, 0.1])
    assert list(bored.probabilities) == pytest.approx([0, 0, 0, 0.2, 0, 0, 0])
    assert (bored.frame_emotion, happy.frame_emotion) == (Emotion.OTHER, Emotion.HAPPY)
    assert (happy.emotion, happy.label, happy.confirmed) == (Emotion.HAPPY, 'Happy', True)
    said = events.wait_for(lambda event: event.event == PersonEvent.EMOTION
                           and event.track_id == 'a')
    assert (said.emotion, said.label) == (Emotion.OTHER, 'Bored')
    first, second = chain.changes.wait_for_count(2)
    assert {first.to_label, second.to_label} == {'Bored', 'Happy'}


def test_another_model_starts_the_windows_anew(harness: Harness) -> None:
    """What one model measured is no vote for another's emotions."""
    chain = Chain(harness)
    chain.play(range(13), a=Emotion.HAPPY)
    chain.faces(13, 'a')
    chain.other_emotions(13, ['Happy', 'Bored'], [0.9, 0.1])
    person, = chain.people.wait_for_count(14)[-1].people
    assert (person.confirmed, round(person.share, 2)) == (False, 0.05)


@pytest.mark.parametrize('labels, row', [
    (['Happy', 'Happy'], [0.9, 0.1]), (['Happy', ''], [0.9, 0.1]), (['Happy', 'Bored'], [1.0])])
def test_labels_that_are_none_are_no_measurement(
    harness: Harness, labels: list[str], row: list[float]
) -> None:
    """A foreign node that sends nonsense stops nobody."""
    chain = Chain(harness)
    chain.faces(0, 'a')
    chain.other_emotions(0, labels, row)
    person, = chain.people.wait_for().people
    assert person.frame_emotion == Emotion.UNKNOWN
    assert chain.play(range(1, 14), a=Emotion.HAPPY).people[0].confirmed


def test_answers_without_emotions_in_order_and_on_time(harness: Harness) -> None:
    """An image whose emotions never come is answered after the time-out, before younger ones."""
    chain = Chain(harness, join_timeout=0.1)
    chain.faces(0, 'a')
    chain.faces(1, 'a')
    chain.emotions(1, a=Emotion.SAD)
    first, second = chain.people.wait_for_count(2)
    assert numbers(chain.people) == [0, 1]
    assert first.people[0].frame_emotion == Emotion.UNKNOWN
    assert all(isnan(value) for value in first.people[0].probabilities)
    assert second.people[0].frame_emotion == Emotion.SAD


def test_an_empty_array_is_answered_empty(harness: Harness) -> None:
    """Nobody in view is an answer as well."""
    assert Chain(harness).play(range(1)).people == []


def test_a_repeated_image_is_answered_again_but_counted_once(harness: Harness) -> None:
    """Twenty repetitions of one happy image confirm nothing."""
    chain = Chain(harness)
    first = chain.play(range(1), a=Emotion.HAPPY)
    for count in range(2, 20):
        chain.faces(0, 'a')
        chain.people.wait_for_count(count)
    assert all(message == first for message in chain.people.messages)


def test_the_last_known_identity_counts_and_is_not_waited_for(harness: Harness) -> None:
    """A name arrives when it arrives and stays with its track."""
    chain = Chain(harness)
    chain.identities(0, a='Ada', b='')
    number = play_until(chain, 0, 'Ada')
    chain.play(range(number, number + 1), a=Emotion.SAD, b=Emotion.SAD)
    known, unknown = chain.people.messages[-1].people
    assert (known.person, known.known) == ('Ada', True)
    assert (unknown.person, unknown.known) == ('', False)


def test_identities_are_waited_for_when_results_must_repeat(harness: Harness) -> None:
    """With a file the answer to an image holds the identity of that very image."""
    chain = Chain(harness, wait_for_identities=True)
    chain.faces(0, 'a')
    chain.emotions(0, a=Emotion.SAD)
    chain.identities(1, a='Bob')
    chain.identities(0, a='Ada')
    assert chain.people.wait_for().people[0].person == 'Ada'


def test_a_new_session_forgets_the_tracks(harness: Harness) -> None:
    """After a restart of the detector nobody inherits a window."""
    chain = Chain(harness)
    chain.play(range(13), a=Emotion.HAPPY)
    chain.faces(13, 'a', session='other')
    chain.emotions(13, session='other', a=Emotion.HAPPY)
    assert not chain.people.wait_for_count(14)[-1].people[0].confirmed


def test_a_jump_back_in_time_forgets_everything(harness: Harness) -> None:
    """A bag that starts again starts afresh."""
    chain = Chain(harness)
    assert chain.play(range(100, 113), a=Emotion.HAPPY).people[0].confirmed
    assert not chain.play(range(1), a=Emotion.HAPPY).people[0].confirmed


def test_a_change_of_a_confirmed_emotion_is_published_once(harness: Harness) -> None:
    """It follows the person from track to track; repeated images and returns add none."""
    chain = Chain(harness)
    ada = {'a': 'Ada', 'b': 'Ada'}  # a message alone may be lost before the other side is found
    chain.play(range(20), ada, a=Emotion.HAPPY)
    chain.play(range(40, 60), ada, b=Emotion.HAPPY)
    chain.play(range(60, 80), ada, b=Emotion.SAD)
    for _ in range(5):
        chain.faces(79, 'b')
    chain.people.wait_for_count(65)
    first, second = chain.changes.wait_for_count(2)
    assert (first.from_emotion, first.from_label) == (Emotion.UNKNOWN, '')
    assert (first.to_emotion, first.to_label) == (Emotion.HAPPY, 'Happy')
    assert (first.header, first.held.sec, first.held.nanosec) == (header(12), 0, 0)
    assert (second.person, second.known, second.track_id) == ('Ada', True, 'b')
    assert (second.from_label, second.to_label) == ('Happy', 'Sad')
    assert (second.header, stamp_ns(second.held)) == (header(72), 60 * FRAME_NS)
    assert len(chain.changes.messages) == 2


def test_a_rename_keeps_the_window_and_forgetting_empties_it(harness: Harness) -> None:
    """At once, and identities with the old name that were on their way change nothing."""
    chain = Chain(harness)
    chain.identities(0, a='Ada')
    chain.play(range(13), a=Emotion.HAPPY)
    chain.person(PersonChange.RENAMED, 'Ada', 'Ada L.')
    number = play_until(chain, 13, 'Ada L.')
    chain.identities(number, a='Ada')
    chain.play(range(number, number + 2), a=Emotion.HAPPY)
    chain.identities(number, a='Ada L.')
    person, = chain.play(range(number + 2, number + 4), a=Emotion.HAPPY).people
    assert (person.person, person.confirmed) == ('Ada L.', True)
    assert person.since == header(12).stamp
    chain.person(PersonChange.FORGOTTEN, 'Ada L.')
    number = play_until(chain, number + 4, '')
    chain.identities(number, a='Ada L.')
    person, = chain.play(range(number, number + 2), a=Emotion.HAPPY).people
    assert (person.person, person.known, person.confirmed) == ('', False, False)
    assert len(chain.changes.messages) == 1


def play_until(chain: Chain, number: int, name: str) -> int:
    """Play images from `number` on until track a has this name, and return the next number."""
    while chain.play(range(number, number + 1), a=Emotion.HAPPY).people[0].person != name:
        number += 1
    return number + 1


def test_people_arrive_are_recognised_and_leave(harness: Harness) -> None:
    """Each event comes once, with the header of the image that brought it."""
    chain = Chain(harness, arrive_after=0.2, leave_after=0.5, engage_after=0.3,
                  engage_distance=2.0)
    events = harness.topic(PersonEvent, '/person_events')
    chain.identities(0, a='Ada')
    chain.play(range(20), a=Emotion.HAPPY)
    chain.play(range(20, 50))
    events.wait_for(lambda message: message.event == PersonEvent.LEFT)
    assert [(message.event_label, message.person, message.known, message.track_id)
            for message in events.messages] == [
        (label, 'Ada', True, 'a') for label in (
            'ARRIVED', 'RECOGNISED', 'ENGAGED', 'EMOTION', 'DISENGAGED', 'LEFT')]
    arrived, *_, left = events.messages
    assert (arrived.event, left.event) == (PersonEvent.ARRIVED, PersonEvent.LEFT)
    assert (arrived.header, left.header) == (header(7), header(35))
    assert (arrived.emotion, arrived.label) == (Emotion.UNKNOWN, '')
    assert (left.emotion, left.label) == (Emotion.HAPPY, 'Happy')


def test_who_asks_later_gets_the_last_summary(harness: Harness) -> None:
    """Who is here, since when, and which emotion is confirmed for how long."""
    chain = Chain(harness, arrive_after=0.2)
    chain.estimated.add('a')
    chain.identities(0, a='Ada')
    chain.play(range(31), a=Emotion.HAPPY)
    harness.topic(PeopleSummary, '/people_summary').wait_for(
        lambda message: message.header == header(30))
    late = harness.topic(PeopleSummary, '/people_summary', LATCHED)
    message = late.wait_for(lambda message: message.people)
    person, = message.people
    assert (message.header, message.watching) == (header(30), True)
    assert (person.person, person.known, person.track_id, person.in_view) == (
        'Ada', True, 'a', True)
    assert (person.since, person.label) == (header(0).stamp, 'Happy')
    assert stamp_ns(person.held) == 18 * FRAME_NS
    assert person.distance == pytest.approx(1.5) and person.estimated


def test_without_images_everybody_has_left_after_a_while(harness: Harness) -> None:
    """A camera that was unplugged leaves nobody behind."""
    chain = Chain(harness, arrive_after=0.2)
    events = harness.topic(PersonEvent, '/person_events')
    summaries = harness.topic(PeopleSummary, '/people_summary')
    chain.play(range(10), a=Emotion.HAPPY)
    events.wait_for(lambda message: message.event == PersonEvent.LEFT)
    assert not summaries.wait_for(
        lambda message: message.header == header(9) and not message.watching).people


def test_a_paused_file_sends_nobody_away(harness: Harness) -> None:
    """Its results repeat, whatever the machine does."""
    chain = Chain(harness, arrive_after=0.2, wait_for_identities=True)
    events = harness.topic(PersonEvent, '/person_events')
    summaries = harness.topic(PeopleSummary, '/people_summary')
    for number in range(10):
        chain.identities(number, a='')
    chain.play(range(10), a=Emotion.HAPPY)
    assert summaries.wait_for(
        lambda message: message.header == header(9) and not message.watching).people
    assert [message.event_label for message in events.messages] == ['ARRIVED']


def test_people_have_frames_if_asked_for(harness: Harness) -> None:
    """In the optical frame of the image, with its stamp, for who has a position."""
    tf2_msgs = pytest.importorskip('tf2_msgs.msg')
    chain = Chain(harness, publish_tf=True)
    frames = harness.topic(tf2_msgs.TFMessage, '/tf')
    chain.estimated.add('b')
    chain.play(range(1), a=Emotion.HAPPY, b=Emotion.HAPPY)
    frame, = frames.wait_for().transforms
    assert (frame.header, frame.child_frame_id) == (header(0), 'person_a')
    assert (frame.transform.translation.z, frame.transform.rotation.w) == (1.5, 1.0)


def test_positions_are_given_in_the_target_frame(harness: Harness) -> None:
    """Of a camera 1.2 m above base_link that looks along its x; unknown until tf2 knows it."""
    tf2_msgs = pytest.importorskip('tf2_msgs.msg')
    pytest.importorskip('tf2_ros')
    chain = Chain(harness, target_frame='base_link')
    answer = chain.play(range(1), a=Emotion.HAPPY)
    assert (answer.header.frame_id, answer.header.stamp) == ('base_link', header(0).stamp)
    assert isnan(answer.people[0].position.x) and answer.people[0].distance == 1.5
    harness.values('aggregator', lambda values: 'base_link' in values.get('last error', ''))
    harness.publisher(tf2_msgs.TFMessage, '/tf_static', LATCHED).publish(tf2_msgs.TFMessage(
        transforms=[TransformStamped(
            header=Header(frame_id='base_link'), child_frame_id='optical', transform=Transform(
                translation=Vector3(z=1.2), rotation=Quaternion(x=-0.5, y=0.5, z=-0.5, w=0.5)))]))
    for number in range(1, 10_000):  # until tf2 has heard of it
        person, = chain.play(range(number, number + 1), a=Emotion.HAPPY).people
        if not isnan(person.position.x):
            break
    position, bearing = person.position, person.bearing
    assert (position.x, position.y, position.z) == pytest.approx((1.5, -0.1, 1.0))
    assert (bearing.x, bearing.y, bearing.z) == pytest.approx((0.8, 0.0, -0.6))


def test_a_target_frame_needs_tf2_ros(harness: Harness) -> None:
    process = harness.start_script(
        'aggregator', WITHOUT_TF2_MSGS.replace('tf2_msgs', 'tf2_ros'), target_frame='base_link')
    assert process.wait(PATIENCE) == 2
    assert 'target_frame needs the ROS package tf2_ros' in harness.log('aggregator')


WITHOUT_TF2_MSGS = """
import sys

sys.modules['tf2_msgs'] = None
from emorec_ros import aggregator
sys.exit(aggregator.main())
"""


def test_without_tf2_msgs_one_line_says_so(harness: Harness) -> None:
    """The graph goes on without frames."""
    process = harness.start_script('aggregator', WITHOUT_TF2_MSGS, publish_tf=True)
    harness.values('aggregator', lambda _: True)
    assert process.poll() is None
    assert harness.log('aggregator').count('tf2_msgs cannot be imported') == 1
