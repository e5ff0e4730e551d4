# SPDX-License-Identifier: Apache-2.0
"""Join faces, emotions and identities and publish one confirmed emotion per person."""

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
from emorec_ros.messages.people import change_message
from emorec_ros.messages.people import names_of
from emorec_ros.messages.people import person_message
from emorec_ros.messages.people import probabilities_of
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.node import run
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.qos import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_ros.transport.channels import FACE_EMOTIONS
from emorec_ros.transport.channels import FACES
from emorec_ros.transport.channels import IDENTITIES
from emorec_ros.transport.ways import TOPICS
from emorec_ros.transport.ways import Transport
from emorec_vision.confirmation import WindowSettings
from emorec_vision.emotion.aggregation import Aggregation
from emorec_vision.emotion.person_windows import PersonWindows

REMEMBERED = 8
"""Answers kept for images that come again."""


@dataclass(frozen=True)
class Settings:
    """Parameters of the aggregator."""

    window: int = parameter(20, 'measured emotions in a confirmation window', 1, 10000)
    min_share: float = parameter(
        0.6, 'an emotion is confirmed when it fills more than this part of the window', 0.0, 1.0)
    expiry: float = parameter(
        2.0, 'a person who was away for less than this keeps the window, s', 0.0, 3600.0)
    window_seconds: float = parameter(
        0.0, 'age at which a measurement leaves the window, s; 0 = never', 0.0, 3600.0)
    min_probability: float = parameter(
        0.0, 'a measurement below this votes for nobody; 0 = all vote', 0.0, 1.0)
    join_timeout: float = parameter(
        0.1, 'longest wait for the emotions of an image, s', 0.0, 60.0)
    wait_for_identities: bool = parameter(
        False, 'wait for the identities of an image as well (files: results repeat)')


class Aggregator(EmorecNode[Settings]):
    """The node that publishes one PersonEmotionArray per FaceArray, in stamp order, always.

    An image is answered when its emotions are in, or `join_timeout` after its faces. When the
    answer confirms another emotion of a person than the last one, an EmotionChange follows it.
    """

    def __init__(self, transport: Transport = TOPICS) -> None:
        super().__init__('aggregator', Settings)
        settings = self.settings
        self._aggregation = Aggregation(PersonWindows(
            WindowSettings(settings.window, settings.min_share, settings.window_seconds,
                           settings.min_probability), settings.expiry))
        self._join = StampJoin(settings.join_timeout, settings.wait_for_identities)
        self._answered: Recent[PersonEmotionArray] = Recent(REMEMBERED)
        self._people = self.create_publisher(PersonEmotionArray, 'emotions', RESULT)
        self._changes = self.create_publisher(EmotionChange, 'emotion_changes', RESULT)
        self.create_subscription(PersonChange, 'person_changes', self._on_person_change, RESULT)
        transport.receive(self, FACES, lambda faces: self._on_faces(faces.message))
        transport.receive(self, FACE_EMOTIONS, self._on_emotions)
        transport.receive(self, IDENTITIES, self._on_identities,
                          urgent=settings.wait_for_identities)
        self._deadline = steady_timer(
            self, max(settings.join_timeout, 0.001), self._answer_overdue, autostart=False)

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
        elif message.change == PersonChange.RENAMED:
            self._aggregation.renamed(message.name, message.new_name, monotonic())
        else:
            self._aggregation.enrolled(message.name)

    def _answer_overdue(self) -> None:
        self._answer_ready()
        if not self._join.waiting:
            self._deadline.cancel()

    def _answer_ready(self) -> None:
        for joined in self._join.ready(monotonic()):
            self._answer(joined)

    def _answer(self, joined: Joined) -> None:
        faces: FaceArray = joined.faces
        stamp, _ = joined.key
        if joined.emotions is None:
            self.warn(f'no emotions within {self.settings.join_timeout:g} s of the faces')
        people = self._aggregation.update(
            stamp, [face.track_id for face in faces.faces], probabilities_of(joined.emotions),
            monotonic(), None if joined.identities is None else names_of(joined.identities))
        answer = PersonEmotionArray(
            header=faces.header, session=faces.session,
            people=[person_message(face, people[face.track_id]) for face in faces.faces])
        self._answered.put(stamp, answer)
        self._people.publish(answer)
        for track_id, person in people.items():
            if person.state.change is not None:
                self._changes.publish(change_message(
                    faces.header, track_id, person, person.state.change))
        self.health.count('answers', monotonic())


def key_of(message: FaceArray | FaceEmotionArray | IdentityArray) -> Key:
    """Return the key under which the messages of one image find each other."""
    return stamp_ns(message.header.stamp), message.session


def main() -> int:
    """Run the node."""
    return run(Aggregator, 'aggregator')


if __name__ == '__main__':
    sys.exit(main())
