# SPDX-License-Identifier: Apache-2.0
"""The bridge to ROS4HRI over real topics."""

from collections.abc import Mapping
from math import isnan
from math import nan
from typing import Any

from emorec.msg import Emotion
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import Identity
from emorec.msg import IdentityArray
from emorec.msg import PeopleSummary
from emorec.msg import PersonChange
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec.msg import PersonEvent
from emorec.msg import PersonPresence
from emorec_ros.hri.ids import person_id
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_array
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_ros.runtime.qos.profiles import LATCHED
from emorec_ros.runtime.qos.profiles import RESULT
from geometry_msgs.msg import Point
from geometry_msgs.msg import Quaternion
import numpy as np
from patience import wait_until
import pytest
from ros_harness import Harness
from sensor_msgs.msg import Image
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Bool
from std_msgs.msg import Float32
from std_msgs.msg import Header
from std_msgs.msg import String

hri = pytest.importorskip('hri_msgs.msg', reason='hri_msgs is not installed')
ADA = person_id('Ada')
NO_FIELDS: Mapping[str, Any] = {}
NOWHERE = Point(x=nan, y=nan, z=nan)
ROI = RegionOfInterest(x_offset=160, y_offset=120, width=64, height=48)


def header(number: int) -> Header:
    """Return the header of image `number`."""
    return Header(stamp=time_from_ns(10**10 + number * 10**8), frame_id='optical')


class Graph:
    """Stand in for all nodes that the bridge listens to."""

    def __init__(self, harness: Harness, **parameters: Any) -> None:
        self._harness = harness
        self._number = 0
        harness.start('hri_bridge', **parameters)
        self._faces = harness.publisher(FaceArray, '/faces')
        self._identities = harness.publisher(IdentityArray, '/identities')
        self._emotions = harness.publisher(PersonEmotionArray, '/emotions')
        self._events = harness.publisher(PersonEvent, '/person_events')
        self._changes = harness.publisher(PersonChange, '/person_changes')
        self._summary = harness.publisher(PeopleSummary, '/people_summary', LATCHED)

    def show(self, names: Mapping[str, str], face: Mapping[str, Any] = NO_FIELDS,
             **fields: Any) -> Header:
        """Publish what the nodes say of an image with these tracks, and return its header."""
        self._number += 1
        head = header(self._number)
        self._faces.publish(FaceArray(
            header=head, image_width=640, image_height=480, session='s', faces=[
                Face(**{'track_id': track_id, 'roi': ROI, 'score': 7.0, 'detected': True,
                        'position': NOWHERE, 'landmarks': [nan] * 10, 'yaw': nan, 'pitch': nan,
                        'roll': nan, **face})
                for track_id in names]))
        self._identities.publish(IdentityArray(header=head, session='s', identities=[
            Identity(track_id=track_id, person=name, known=bool(name),
                     confidence=0.75 if name else 0.0) for track_id, name in names.items()]))
        person = {'emotion': Emotion.NEUTRAL, 'position': NOWHERE, **fields}
        self._emotions.publish(PersonEmotionArray(header=head, session='s', people=[
            PersonEmotion(track_id=track_id, person=name, known=bool(name), **person)
            for track_id, name in names.items()]))
        return head

    def happens(self, event: int, track_id: str, name: str = '') -> None:
        """Publish that something has happened to a person."""
        self._events.publish(PersonEvent(
            header=header(self._number), event=event, track_id=track_id, person=name))

    def sum_up(self, number: int, **engaged: bool) -> None:
        """Publish who is here, by name, after image `number`."""
        self._summary.publish(PeopleSummary(header=header(number), watching=True, people=[
            PersonPresence(person=name, known=True, track_id='s-1', engaged=each)
            for name, each in engaged.items()]))

    def change(self, change: int, name: str, new_name: str = '') -> None:
        """Publish that a person was forgotten or renamed."""
        self._changes.publish(PersonChange(change=change, name=name, new_name=new_name))

    def lists(self, topic: str) -> Any:
        """Collect a list of ids."""
        return self._harness.topic(hri.IdsList, f'/humans/{topic}')

    def person(self, person: str, topic: str, kind: type, latched: bool = True) -> Any:
        """Collect a topic of a person."""
        return self._harness.topic(
            kind, f'/humans/persons/{person}/{topic}', LATCHED if latched else RESULT)


def rotate(q: Quaternion, own: tuple[float, float, float]) -> np.ndarray:
    """Return a direction in the frame that another one is turned in by a quaternion."""
    axis = np.array([q.x, q.y, q.z])
    return own + 2 * np.cross(axis, np.cross(axis, own) + q.w * np.array(own))


def has_topic(harness: Harness, name: str) -> bool:
    """Tell whether somebody publishes a topic."""
    return harness.node.count_publishers(name) > 0


def test_a_face_has_its_region_and_goes_with_its_topics(harness: Harness) -> None:
    """With the stamp and the frame of the image, as shares of its size."""
    graph = Graph(harness)
    tracked = graph.lists('faces/tracked')
    roi = harness.topic(hri.NormalizedRegionOfInterest2D, '/humans/faces/fs_1/roi')
    graph.show({'s-1': '', 's-2': ''})
    assert tracked.wait_for(lambda message: message.ids).ids == ['fs_1', 'fs_2']
    wait_until(lambda: has_topic(harness, '/humans/faces/fs_1/roi'))
    head = graph.show({'s-1': ''})
    message = roi.wait_for(lambda message: message.header == head)
    assert (message.xmin, message.ymin, message.xmax, message.ymax, message.c) == pytest.approx(
        (0.25, 0.25, 0.35, 0.35, 1.0))
    assert tracked.wait_for(lambda message: message.header == head).ids == ['fs_1']
    names = ('roi', 'landmarks', 'cropped', 'expression')
    wait_until(lambda: not any(has_topic(harness, f'/humans/faces/fs_2/{n}') for n in names))
    assert all(has_topic(harness, f'/humans/faces/fs_1/{name}') for name in names)


def test_five_landmarks_are_known_and_the_others_have_no_confidence(harness: Harness) -> None:
    """At the codes of the message, as shares of the image; nothing where there are none."""
    graph = Graph(harness)
    landmarks = harness.topic(hri.FacialLandmarks, '/humans/faces/fs_1/landmarks')
    points = [160.0, 120.0, 192.0, 120.0, 176.0, 132.0, 168.0, 144.0, 700.0, 144.0]
    wait_until(lambda: graph.show({'s-1': ''}, face={'landmarks': points, 'score': 0.9})
               and landmarks.messages)
    head = graph.show({'s-1': ''})
    message = landmarks.messages[0]
    assert (message.width, message.height) == (640, 480)
    known = {code: pytest.approx((each.x, each.y))
             for code, each in enumerate(message.landmarks) if each.c > 0}
    assert known == {
        hri.FacialLandmarks.RIGHT_PUPIL: (0.25, 0.25), hri.FacialLandmarks.LEFT_PUPIL: (0.3, 0.25),
        hri.FacialLandmarks.NOSE: (0.275, 0.275),
        hri.FacialLandmarks.MOUTH_OUTER_RIGHT: (0.2625, 0.3)}
    assert message.landmarks[hri.FacialLandmarks.NOSE].c == pytest.approx(0.9)
    graph.show({'s-1': ''}, face={'landmarks': points})
    landmarks.wait_for(lambda message: stamp_ns(message.header.stamp) > stamp_ns(head.stamp))
    assert head not in [message.header for message in landmarks.messages]


def test_the_confirmed_emotion_is_the_expression(harness: Harness) -> None:
    """By the names of the message; valence and arousal are not measured."""
    graph = Graph(harness)
    expressions = harness.topic(hri.Expression, '/humans/faces/fs_1/expression')
    wait_until(lambda: graph.show({'s-1': ''}) and expressions.messages)
    for emotion, name in enumerate((
            'ANGRY', 'DISGUSTED', 'SCARED', 'HAPPY', 'SAD', 'SURPRISED', 'NEUTRAL')):
        head = graph.show({'s-1': ''}, emotion=emotion, confirmed=True, share=0.75)
        message = expressions.wait_for(lambda message: message.header == head)
        assert message.expression == getattr(hri.Expression, name)
        assert message.confidence == pytest.approx(0.75)
        assert isnan(message.valence) and isnan(message.arousal)
    head = graph.show({'s-1': ''}, emotion=Emotion.OTHER, label='Bored', confirmed=True)
    assert expressions.wait_for(
        lambda message: message.header == head).expression == 'bored'
    head = graph.show({'s-1': ''}, emotion=Emotion.NEUTRAL, confirmed=False, share=0.5)
    unsure = expressions.wait_for(lambda message: message.header == head)
    assert (unsure.expression, unsure.confidence) == ('neutral', 0.0)


def test_cropped_faces_are_made_for_who_asks(harness: Harness) -> None:
    """Without anybody, images are not even received."""
    graph = Graph(harness)
    graph.show({'s-1': ''})
    wait_until(lambda: has_topic(harness, '/humans/faces/fs_1/cropped'))
    assert harness.node.count_subscribers('/rgb/image_raw') == 0
    crops = harness.topic(Image, '/humans/faces/fs_1/cropped', IMAGE)
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    pixels = np.zeros((480, 640, 3), np.uint8)
    pixels[120:168, 160:224] = (200, 90, 20)
    head = graph.show({'s-1': ''})
    camera.publish(to_message(pixels, 'rgb8', head))
    message = crops.wait_for(lambda message: message.header == head)
    crop = to_array(message)
    assert (crop.shape, message.encoding) == ((128, 128, 3), 'rgb8')
    assert (crop[16:112] == (200, 90, 20)).all() and not crop[:16].any() and not crop[112:].any()
    camera.publish(to_message(pixels, 'rgb8', header(99)))
    graph.show({})
    wait_until(lambda: harness.node.count_subscribers('/rgb/image_raw') == 0)


def test_a_match_is_said_and_taken_back(harness: Harness) -> None:
    """Only of people who are known; also to those who subscribe later."""
    graph = Graph(harness)
    matches = harness.topic(hri.IdsMatch, '/humans/candidate_matches')
    graph.show({'s-1': 'Ada', 's-2': ''})
    message = matches.wait_for()
    assert (message.id1, message.id1_type) == ('fs_1', hri.IdsMatch.FACE)
    assert (message.id2, message.id2_type) == (ADA, hri.IdsMatch.PERSON)
    assert message.confidence == pytest.approx(0.75)
    late = harness.topic(hri.IdsMatch, '/humans/candidate_matches')
    assert late.wait_for() == message
    graph.show({'s-1': 'Bob'})
    assert matches.wait_for(lambda message: message.confidence == 0.0).id2 == ADA
    assert matches.wait_for(lambda message: message.id2 == person_id('Bob')).confidence > 0
    assert {message.id1 for message in matches.messages} == {'fs_1'}


def test_a_recognised_person_takes_over_from_the_anonymous_one(harness: Harness) -> None:
    """What is latched reaches those who subscribe once they know the id."""
    graph = Graph(harness)
    tracked, known = graph.lists('persons/tracked'), graph.lists('persons/known')
    graph.show({'s-1': ''})
    assert tracked.wait_for(lambda message: message.ids).ids == ['as_1']
    assert graph.person('as_1', 'anonymous', Bool).wait_for().data is True
    assert graph.person('as_1', 'face_id', String).wait_for().data == 'fs_1'
    graph.show({'s-1': 'Ada'})
    assert known.wait_for(lambda message: ADA in message.ids).ids == [ADA, 'as_1']
    assert tracked.wait_for(lambda message: ADA in message.ids).ids == [ADA]
    assert graph.person('as_1', 'alias', String).wait_for().data == ADA
    assert graph.person(ADA, 'anonymous', Bool).wait_for().data is False
    assert graph.person(ADA, 'face_id', String).wait_for().data == 'fs_1'
    assert graph.person(ADA, 'name', String).wait_for().data == 'Ada'
    assert not has_topic(harness, f'/humans/persons/{ADA}/alias')


def test_a_renamed_and_a_forgotten_person(harness: Harness) -> None:
    """The former id leads to the present one; after forgetting, no list has it."""
    graph = Graph(harness)
    known = graph.lists('persons/known')
    graph.show({'s-1': 'Adda'})
    graph.change(PersonChange.RENAMED, 'Adda', 'Ada')
    assert graph.person(person_id('Adda'), 'alias', String).wait_for().data == ADA
    graph.change(PersonChange.FORGOTTEN, 'Ada')
    known.wait_for(lambda message: message.ids == ['as_1'])
    wait_until(lambda: not has_topic(harness, f'/humans/persons/{ADA}/name'))


def test_engagement_is_what_presence_says(harness: Harness) -> None:
    """From its events at once, and from its summary where they were missed."""
    graph = Graph(harness)
    levels = graph.person(ADA, 'engagement_status', hri.EngagementLevel, latched=False)
    graph.show({'s-1': 'Ada'})
    levels.wait_for(lambda message: message.level == hri.EngagementLevel.UNKNOWN)
    graph.happens(PersonEvent.ARRIVED, 's-1', 'Ada')
    levels.wait_for(lambda message: message.level == hri.EngagementLevel.DISENGAGED)
    graph.happens(PersonEvent.ENGAGED, 's-1', 'Ada')
    levels.wait_for(lambda message: message.level == hri.EngagementLevel.ENGAGED)
    graph.sum_up(0, Ada=False)  # of an image before the event
    graph.show({'s-1': 'Ada'})
    repeated = graph.person(ADA, 'engagement_status', hri.EngagementLevel, latched=False)
    assert repeated.wait_for().level == hri.EngagementLevel.ENGAGED
    count = len(levels.messages)
    graph.sum_up(2, Ada=False)
    wait_until(lambda: [each.level for each in levels.messages[count:]].count(
        hri.EngagementLevel.DISENGAGED))


def test_a_person_out_of_view_has_no_place_and_goes_when_the_visit_ends(
    harness: Harness
) -> None:
    """A named one stays known, without topics."""
    graph = Graph(harness)
    tracked, known = graph.lists('persons/tracked'), graph.lists('persons/known')
    places = graph.person(ADA, 'location_confidence', Float32, latched=False)
    graph.show({'s-1': 'Ada'})
    graph.happens(PersonEvent.ARRIVED, 's-1', 'Ada')
    places.wait_for(lambda message: message.data == 1.0)
    graph.show({})
    places.wait_for(lambda message: message.data == 0.0)
    assert graph.person(ADA, 'face_id', String).wait_for().data == ''
    tracked.wait_for(lambda message: not message.ids and tracked.messages[0].ids)
    graph.happens(PersonEvent.LEFT, 's-1', 'Ada')
    wait_until(lambda: not any(has_topic(harness, f'/humans/persons/{ADA}/{name}') for name in (
        'anonymous', 'face_id', 'name', 'location_confidence', 'engagement_status')))
    assert known.messages[-1].ids == [ADA]


def test_nobody_is_there_when_no_images_come(harness: Harness) -> None:
    """A camera that was unplugged leaves no face behind."""
    graph = Graph(harness)
    tracked, persons = graph.lists('faces/tracked'), graph.lists('persons/tracked')
    graph.show({'s-1': ''})
    tracked.wait_for(lambda message: message.ids)
    assert tracked.wait_for(lambda message: not message.ids).header == header(1)
    persons.wait_for(lambda message: not message.ids)
    wait_until(lambda: not has_topic(harness, '/humans/faces/fs_1/roi'))


def test_beside_a_person_manager_only_faces_and_matches_are_published(harness: Harness) -> None:
    """persons:=false; and root moves the topics."""
    graph = Graph(harness, persons=False, root='robot/humans')
    tracked = harness.topic(hri.IdsList, '/robot/humans/faces/tracked')
    matches = harness.topic(hri.IdsMatch, '/robot/humans/candidate_matches')
    graph.show({'s-1': 'Ada'})
    assert tracked.wait_for().ids == ['fs_1']
    assert matches.wait_for().id2 == ADA
    names = [name for name, _ in harness.node.get_topic_names_and_types()]
    assert not [name for name in names if '/persons' in name or name.startswith('/humans')]


def test_a_lazy_bridge_listens_while_somebody_wants_it(harness: Harness) -> None:
    """It keeps neither the detector nor the camera awake."""
    harness.start('hri_bridge', lazy=True)
    harness.values('hri_bridge', lambda _: True)
    assert harness.node.count_subscribers('/faces') == 0
    harness.topic(hri.IdsList, '/humans/faces/tracked')
    wait_until(lambda: harness.node.count_subscribers('/faces') == 1)


def test_frames_face_the_camera(harness: Harness) -> None:
    """The face's x points back at the camera and z up; the person is in the same place."""
    tf2_msgs = pytest.importorskip('tf2_msgs.msg')
    graph = Graph(harness)
    frames = harness.topic(tf2_msgs.TFMessage, '/tf')
    place = Point(x=0.1, y=0.2, z=1.5)
    heads = []
    wait_until(lambda: heads.append(graph.show({'s-1': 'Ada'}, face={'position': place}))
               or frames.messages)
    face, person = frames.wait_for().transforms
    assert (face.child_frame_id, person.child_frame_id) == ('face_fs_1', f'person_{ADA}')
    assert face.header == person.header and face.header in heads
    assert face.transform == person.transform
    assert face.transform.translation.z == 1.5
    for own, optical in (((1, 0, 0), (0, 0, -1)), ((0, 0, 1), (0, -1, 0))):
        assert rotate(face.transform.rotation, own) == pytest.approx(optical)


def test_a_turned_head_turns_its_frames_and_has_a_gaze(harness: Harness) -> None:
    """A face straight ahead that looks to the right of the image, 90 degrees."""
    tf2_msgs = pytest.importorskip('tf2_msgs.msg')
    graph = Graph(harness)
    frames = harness.topic(tf2_msgs.TFMessage, '/tf')
    turned = {'yaw': 90.0, 'pitch': 0.0, 'roll': 0.0, 'position': Point(x=0.0, y=0.0, z=1.5)}
    wait_until(lambda: graph.show({'s-1': ''}, face=turned) and frames.messages)
    face, person, gaze = frames.wait_for(lambda message: len(message.transforms) == 3).transforms
    assert (gaze.child_frame_id, gaze.header.frame_id) == ('gaze_fs_1', 'face_fs_1')
    assert face.transform == person.transform
    assert rotate(face.transform.rotation, (1, 0, 0)) == pytest.approx((1, 0, 0), abs=1e-6)
    assert rotate(face.transform.rotation, (0, 0, 1)) == pytest.approx((0, -1, 0), abs=1e-6)
    assert rotate(gaze.transform.rotation, (0, 0, 1)) == pytest.approx((1, 0, 0), abs=1e-6)
    assert rotate(gaze.transform.rotation, (0, 1, 0)) == pytest.approx((0, 0, -1), abs=1e-6)


def test_an_image_that_cannot_be_read_is_dropped(harness: Harness) -> None:
    """The bridge lives on."""
    graph = Graph(harness)
    graph.show({'s-1': ''})
    wait_until(lambda: has_topic(harness, '/humans/faces/fs_1/cropped'))
    harness.topic(Image, '/humans/faces/fs_1/cropped', IMAGE)
    camera = harness.publisher(Image, '/rgb/image_raw', IMAGE)
    camera.publish(Image(header=graph.show({'s-1': ''}), height=480, width=640, step=1))
    harness.values('hri_bridge', lambda values: values.get('dropped') not in (None, '0'))
