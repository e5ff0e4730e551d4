# SPDX-License-Identifier: Apache-2.0
"""Parameters that are set while the real nodes run, over their services."""

from typing import Any

from builtin_interfaces.msg import Time
from emorec.msg import Emotion
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotion
from emorec.msg import FaceEmotionArray
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import time_from_ns
import numpy as np
from rcl_interfaces.msg import ParameterEvent
from rcl_interfaces.srv import DescribeParameters
from rcl_interfaces.srv import GetParameters
from rcl_interfaces.srv import SetParametersAtomically
from rclpy.parameter import Parameter
from rclpy.parameter import parameter_value_to_python
from rgbd_camera import one_face
from rgbd_camera import RgbdCamera
from ros_harness import Harness
from std_msgs.msg import Header


class Chain:
    """Stand in for the detector and the emotion node before the aggregator."""

    def __init__(self, harness: Harness) -> None:
        harness.start('aggregator')
        self._people = harness.topic(PersonEmotionArray, '/emotions')
        self._faces = harness.publisher(FaceArray, '/faces')
        self._emotions = harness.publisher(FaceEmotionArray, '/face_emotions')

    def play(self, count: int, emotion: int) -> PersonEmotion:
        """Show one person for so many images and return the last answer."""
        for number in range(len(self._people.messages), len(self._people.messages) + count):
            self._faces.publish(FaceArray(
                header=header(number), session='s', faces=[Face(track_id='a', detected=True)]))
            self._emotions.publish(FaceEmotionArray(
                header=header(number), session='s', emotions=[FaceEmotion(
                    track_id='a', emotion=emotion, probabilities=[
                        0.94 if index == emotion else 0.01 for index in range(7)])]))
            self._people.wait_for_count(number + 1)
        person, = self._people.messages[-1].people
        return person


def header(number: int) -> Header:
    """Return the header of image `number` of a camera."""
    return Header(stamp=time_from_ns(10**10 + number * 33_000_000), frame_id='optical')


def value_of(harness: Harness, node: str, name: str) -> Any:
    """Return what a node says a parameter is."""
    answer = harness.call(GetParameters, f'/{node}/get_parameters', names=[name])
    return parameter_value_to_python(answer.values[0])


def test_min_share_is_tuned_while_the_aggregator_runs(harness: Harness) -> None:
    """The window goes on: 13 of 20 places are enough, then not any more, then again."""
    chain = Chain(harness)
    events = harness.topic(ParameterEvent, '/parameter_events')
    assert chain.play(13, Emotion.HAPPY).confirmed
    assert harness.set_parameters('aggregator', min_share=0.7) == [(True, '')]
    person = chain.play(1, Emotion.HAPPY)
    assert not person.confirmed and round(person.share, 2) == 0.7
    assert harness.set_parameters(
        'aggregator', min_share_by_emotion='Happy:0.5, Sad:0.9') == [(True, '')]
    assert chain.play(1, Emotion.HAPPY).confirmed
    events.wait_for(lambda event: event.node == '/aggregator' and [
        (each.name, each.value.double_value) for each in event.changed_parameters]
        == [('min_share', 0.7)])


def test_a_share_for_an_emotion_of_another_model_is_taken(harness: Harness) -> None:
    """Its name is not known before the model's first answer."""
    harness.start('aggregator', min_share_by_emotion='Bored:0.5')
    faces = harness.publisher(FaceArray, '/faces')
    emotions = harness.publisher(FaceEmotionArray, '/face_emotions')
    people = harness.topic(PersonEmotionArray, '/emotions')
    for number in range(11):
        header = Header(stamp=Time(sec=10, nanosec=number))
        faces.publish(FaceArray(header=header, session='s', faces=[Face(track_id='a')]))
        emotions.publish(FaceEmotionArray(
            header=header, session='s', labels=['Bored', 'Keen'],
            emotions=[FaceEmotion(track_id='a', label_probabilities=[0.9, 0.1])]))
        people.wait_for_count(number + 1)
    person, = people.messages[-1].people
    assert (person.label, person.confirmed) == ('Bored', True)
    (done, reason), = harness.set_parameters('aggregator', min_share_by_emotion='Boed:0.5')
    assert not done and "'Boed' is none of Angry" in reason and 'Neutral, Bored, Keen' in reason
    assert harness.set_parameters('aggregator', min_share=0.7) == [(True, '')]


def test_a_shorter_window_keeps_the_newest_measurements(harness: Harness) -> None:
    """Ten Happy ones leave it, four Sad ones stay; nobody starts anew."""
    chain = Chain(harness)
    chain.play(10, Emotion.HAPPY)
    chain.play(4, Emotion.SAD)
    assert harness.set_parameters('aggregator', window=5) == [(True, '')]
    person = chain.play(1, Emotion.SAD)
    assert (person.emotion, person.confirmed, person.share) == (Emotion.SAD, True, 1.0)


def test_a_value_that_does_not_fit_is_refused_with_its_range(harness: Harness) -> None:
    """An integer serves for a float; what was refused leaves everything as it was."""
    harness.start('aggregator')
    assert harness.set_parameters('aggregator', min_share=7, window=0, join_timeout=1) == [
        (False, 'parameter min_share: 7 is outside 0 to 1'),
        (False, 'parameter window: 0 is outside 1 to 10000'), (True, '')]
    assert value_of(harness, 'aggregator', 'min_share') == 0.6
    assert value_of(harness, 'aggregator', 'join_timeout') == 1.0
    (done, reason), = harness.set_parameters('aggregator', min_share_by_emotion='Hapy:0.5')
    assert not done and "parameter min_share_by_emotion: 'Hapy' is none of Angry" in reason
    (done, reason), = harness.set_parameters('aggregator', wait_for_identities=True)
    assert not done and 'restart aggregator with wait_for_identities:=VALUE' in reason
    fixed, tuned = harness.call(
        DescribeParameters, '/aggregator/describe_parameters',
        names=['wait_for_identities', 'min_share']).descriptors
    assert fixed.read_only and not tuned.read_only
    assert tuned.floating_point_range[0].to_value == 1.0


def test_near_and_far_are_set_together_or_not_at_all(harness: Harness) -> None:
    """Each alone would pass the other; together they fit."""
    harness.start('face_detector')
    (done, reason), = harness.set_parameters('face_detector', near=5.0)
    assert not done and reason == 'parameter near: 5 m is not less than far (4 m)'
    (done, reason), = harness.set_parameters('face_detector', region='0, 0, 2, 1')
    assert not done and reason.startswith("parameter region: '0, 0, 2, 1' is outside the image")
    (done, reason), = harness.set_parameters('face_detector', track_timeout=0.0)
    assert not done and 'track_timeout' in reason
    for near, fits in ((5.0, True), (8.0, False)):
        answer = harness.call(
            SetParametersAtomically, '/face_detector/set_parameters_atomically', parameters=[
                Parameter('near', value=near).to_parameter_msg(),
                Parameter('far', value=7.0).to_parameter_msg()])
        assert answer.result.successful is fits
    assert value_of(harness, 'face_detector', 'near') == 5.0


def test_the_detector_is_tuned_without_losing_its_tracks(
    harness: Harness, astronaut: np.ndarray
) -> None:
    """The face goes on under its id; a larger min_size ends it, a smaller one finds it anew."""
    harness.start('face_detector', track_timeout=0.2)
    camera = RgbdCamera(harness, one_face(astronaut))

    def show(first: int, last: int) -> list[str]:
        """Show the images and return the ids of the faces in the last one."""
        *_, array = (camera.show() for _ in range(first, last))
        return [face.track_id for face in array.faces]

    track_id, = show(0, 4)
    assert harness.set_parameters(
        'face_detector', scale_factor=1.2, min_neighbors=4, min_hits=2) == [(True, '')] * 3
    assert show(4, 8) == [track_id]
    assert harness.set_parameters('face_detector', region='0.6, 0, 0.4, 1') == [(True, '')]
    assert show(8, 10) == []
    assert harness.set_parameters('face_detector', region='', select='nearest') == [
        (True, '')] * 2
    assert show(10, 12) == [track_id]
    assert harness.set_parameters('face_detector', min_size=200) == [(True, '')]
    assert show(12, 24) == []
    assert harness.set_parameters('face_detector', min_size=24) == [(True, '')]
    assert show(24, 34) not in ([], [track_id])


def test_identity_is_tuned(harness: Harness) -> None:
    """What is read at the start says so."""
    harness.start('identity', people='none')
    (budget, _), (looks, _), (people, reason) = harness.set_parameters(
        'identity', look_budget=0.02, agreeing_looks=5, people='/tmp')
    assert budget and looks and not people
    assert reason == ('parameter people is read once, when the node starts: restart identity '
                      'with people:=VALUE')
