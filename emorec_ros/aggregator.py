# SPDX-License-Identifier: Apache-2.0
"""Join faces, emotions and identities and publish one confirmed emotion per person."""

from collections.abc import Sequence
from dataclasses import dataclass
import sys
from time import monotonic

from emorec.msg import EmotionChange
from emorec.msg import FaceArray
from emorec.msg import FaceEmotionArray
from emorec.msg import IdentityArray
from emorec.msg import PersonChange
from emorec.msg import PersonEmotionArray
from emorec_ros.flow.recent import Recent
from emorec_ros.flow.stamp_join import Joined
from emorec_ros.flow.stamp_join import Key
from emorec_ros.flow.stamp_join import StampJoin
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.labels import adapted_weights
from emorec_ros.messages.labels import labels_of
from emorec_ros.messages.labels import probabilities_of
from emorec_ros.messages.people import change_message
from emorec_ros.messages.people import names_of
from emorec_ros.messages.people import person_message
from emorec_ros.people.frames import PersonFrames
from emorec_ros.people.presence import PresenceTopics
from emorec_ros.people.target_frame import TargetFrame
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.input_switch import InputSwitch
from emorec_ros.runtime.input_switch import LAZY
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_ros.transport.channels import FACE_EMOTIONS
from emorec_ros.transport.channels import FACES
from emorec_ros.transport.channels import IDENTITIES
from emorec_ros.transport.ways import TOPICS
from emorec_ros.transport.ways import Transport
from emorec_vision.confirmation import shares_by_emotion
from emorec_vision.confirmation import WindowSettings
from emorec_vision.emotion.aggregation import Aggregation
from emorec_vision.emotion.person_windows import PersonWindows
from emorec_vision.emotion.presence import Presence
from emorec_vision.emotion.visit import PresenceSettings
from emorec_vision.emotions import EMOTIONS
from emorec_vision.errors import InputError
from emorec_vision.stamps import seconds_to_ns
from std_msgs.msg import Header

REMEMBERED = 8
"""Answers kept for images that come again."""


@dataclass(frozen=True)
class Settings:
    """Parameters of the aggregator."""

    window: int = parameter(
        20, 'measured emotions in a confirmation window', 1, 10000, dynamic=True)
    min_share: float = parameter(
        0.6, 'an emotion is confirmed when it fills more than this part of the window', 0.0, 1.0,
        dynamic=True)
    min_share_by_emotion: str = parameter(
        '', 'min_share of single emotions, such as Happy:0.5,Sad:0.7; the others keep min_share',
        dynamic=True)
    expiry: float = parameter(
        2.0, 'a person who was away for less than this keeps the window, s', 0.0, 3600.0,
        dynamic=True)
    window_seconds: float = parameter(
        0.0, 'age at which a measurement leaves the window, s; 0 = never', 0.0, 3600.0,
        dynamic=True)
    min_probability: float = parameter(
        0.0, 'a measurement below this votes for nobody; 0 = all vote', 0.0, 1.0,
        dynamic=True)
    join_timeout: float = parameter(
        0.1, 'longest wait for the emotions of an image, s', 0.0, 60.0, dynamic=True)
    wait_for_identities: bool = parameter(
        False, 'wait for the identities of an image as well (files: results repeat)')
    arrive_after: float = parameter(
        PresenceSettings.arrive_after, 'time in view after which a person has arrived, s',
        0.0, 60.0)
    leave_after: float = parameter(
        PresenceSettings.leave_after, 'time out of view after which a person has left, s',
        0.0, 3600.0)
    engage_distance: float = parameter(
        PresenceSettings.engage_distance, 'a person who is nearer and faces the camera engages, '
        'm', 0.0, 100.0)
    engage_after: float = parameter(
        PresenceSettings.engage_after, 'time of that after which a person is engaged, s',
        0.0, 60.0)
    disengage_after: float = parameter(
        PresenceSettings.disengage_after, 'time without that after which it is over, s',
        0.0, 60.0)
    target_frame: str = parameter(
        '', 'frame of the positions and bearings on /emotions, such as base_link, through tf2; '
        "empty = the camera's")
    publish_tf: bool = parameter(
        False, 'publish a frame person_<track_id> per person whose position was measured')
    lazy: bool = parameter(False, LAZY, dynamic=True)


class Aggregator(EmorecNode[Settings]):
    """The node that publishes one PersonEmotionArray per FaceArray, in stamp order, always.

    An image is answered when its emotions are in, or `join_timeout` after its faces. When the
    answer confirms another emotion of a person than the last one, an EmotionChange follows it,
    and PersonEvents when somebody arrives, leaves, is recognised or engages.
    """

    def __init__(self, transport: Transport = TOPICS) -> None:
        super().__init__('aggregator', Settings)
        settings = self.settings
        self._windows = PersonWindows(window_settings(settings, None), settings.expiry)
        self._aggregation = Aggregation(self._windows)
        self._labels: Sequence[str] = ()
        self._join = StampJoin(settings.join_timeout, settings.wait_for_identities)
        self._presence = Presence(PresenceSettings(
            settings.arrive_after, settings.leave_after, settings.engage_distance,
            settings.engage_after, settings.disengage_after))
        self._presence_topics = PresenceTopics(
            self, self._presence, leave_when_blind=not settings.wait_for_identities)
        self._frames = PersonFrames(self) if settings.publish_tf else None
        self._target = TargetFrame(self, settings.target_frame) if settings.target_frame else None
        self._answered: Recent[PersonEmotionArray] = Recent(REMEMBERED)
        self._people = self.create_publisher(PersonEmotionArray, 'emotions', RESULT)
        self._changes = self.create_publisher(EmotionChange, 'emotion_changes', RESULT)
        self.create_subscription(PersonChange, 'person_changes', self._on_person_change, RESULT)
        self._deadline = steady_timer(
            self, deadline_period(settings), self._answer_overdue, autostart=False)
        self._input = InputSwitch(
            self,
            [lambda: transport.receive(self, FACES, lambda faces: self._on_faces(faces.message)),
             lambda: transport.receive(self, FACE_EMOTIONS, self._on_emotions),
             lambda: transport.receive(self, IDENTITIES, self._on_identities,
                                       urgent=settings.wait_for_identities)],
            [self._people.get_subscription_count, self._changes.get_subscription_count,
             self._presence_topics.count_listeners])

    def use_settings(self, settings: Settings) -> None:
        """Go on with other settings; nobody loses the confirmation window."""
        self._windows.use(
            window_settings(settings, self._labels), settings.expiry)
        self._join.timeout = settings.join_timeout
        self._deadline.timer_period_ns = seconds_to_ns(deadline_period(settings))
        self._input.update(settings)

    def _on_faces(self, message: FaceArray) -> None:
        if self._aggregation.begin_session(message.session):
            self._join.stop_waiting()
            self._answered.clear()
        stamp, _ = key = key_of(message)
        answer = self._answered.get(stamp)
        if answer is not None:
            self._people.publish(answer)
            return
        self._join.add_faces(key, message, monotonic())
        self._answer_ready()
        if self._join.waiting:
            self._deadline.reset()

    def _on_emotions(self, message: FaceEmotionArray) -> None:
        self._join.add_emotions(key_of(message), message)
        self._answer_ready()

    def _on_identities(self, message: IdentityArray) -> None:
        self._aggregation.set_names(names_of(message))
        self._join.add_identities(key_of(message), message)
        if self.settings.wait_for_identities:
            self._answer_ready()

    def _on_person_change(self, message: PersonChange) -> None:
        if message.change == PersonChange.FORGOTTEN:
            self._aggregation.forgotten(message.name, monotonic())
            self._presence.forgotten(message.name)
        elif message.change == PersonChange.RENAMED:
            self._aggregation.renamed(message.name, message.new_name, monotonic())
            self._presence.renamed(message.name, message.new_name)
        else:
            self._aggregation.enrolled(message.name)

    def _answer_overdue(self) -> None:
        self._answer_ready()
        if not self._join.waiting:
            self._deadline.cancel()

    def _answer_ready(self) -> None:
        for joined in self._join.ready(monotonic()):
            self._answer(joined)

    def _use_labels(self, message: FaceEmotionArray) -> bool:
        """Follow the labels of the model; return False where they are none."""
        if message.labels == self._labels:
            return True
        try:
            labels = labels_of(message)
        except ValueError as error:
            self.drop(f'face_emotions: labels: {error}')
            return False
        self._labels = message.labels
        if labels != self._aggregation.labels:
            self._aggregation.use_labels(labels)
        try:
            window_settings(self.settings, labels)
        except InputError as error:
            self.get_logger().warning(str(error))
        return True

    def _answer(self, joined: Joined) -> None:
        faces: FaceArray = joined.faces
        stamp, _ = joined.key
        if joined.emotions is None:
            self.warn(f'no emotions within {self.settings.join_timeout:g} s of the faces')
        emotions = joined.emotions
        if emotions is not None and not self._use_labels(emotions):
            emotions = None
        people = self._aggregation.update(
            stamp, [face.track_id for face in faces.faces], probabilities_of(emotions),
            monotonic(), None if joined.identities is None else names_of(joined.identities))
        weights = adapted_weights(emotions)
        header = Header(stamp=faces.header.stamp, frame_id=faces.header.frame_id)
        answer = PersonEmotionArray(
            header=header, session=faces.session, labels=self._aggregation.labels,
            people=[person_message(face, people[face.track_id], weights.get(face.track_id))
                    for face in faces.faces])
        if self._target is not None:
            self._target.move(answer)
        self._answered.put(stamp, answer)
        self._people.publish(answer)
        for track_id, person in people.items():
            if person.state.change is not None:
                self._changes.publish(change_message(
                    faces.header, track_id, person, person.state.change))
        self._presence_topics.add(faces, people)
        if self._frames is not None:
            self._frames.publish(faces)
        self.health.count('answers', monotonic())


def window_settings(settings: Settings, labels: Sequence[str] | None) -> WindowSettings:
    """Return the settings of the confirmation windows.

    Args:
        settings: of the node.
        labels: of the model; None: not known yet, any name may be given.

    Raises:
        InputError: if min_share_by_emotion cannot be read, or names what is no label.
    """
    try:
        shares = shares_by_emotion(
            settings.min_share_by_emotion,
            None if labels is None else list(dict.fromkeys([*EMOTIONS, *labels])))
    except InputError as error:
        raise InputError(f'parameter min_share_by_emotion: {error}') from error
    return WindowSettings(settings.window, settings.min_share, settings.window_seconds,
                          settings.min_probability, shares)


def deadline_period(settings: Settings) -> float:
    """Return the period of the timer that answers the overdue, s."""
    return max(settings.join_timeout, 0.001)


def key_of(message: FaceArray | FaceEmotionArray | IdentityArray) -> Key:
    """Return the key under which the messages of one image find each other."""
    return stamp_ns(message.header.stamp), message.session


def main() -> int:
    """Run the node."""
    return run(Aggregator, 'aggregator')


if __name__ == '__main__':
    sys.exit(main())
