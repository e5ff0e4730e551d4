# SPDX-License-Identifier: Apache-2.0
"""Tell ROS4HRI (REP 155) whom emorec sees: faces, persons and their engagement below /humans."""

from dataclasses import dataclass
import sys
from time import monotonic

from emorec.msg import FaceArray
from emorec.msg import IdentityArray
from emorec.msg import PeopleSummary
from emorec.msg import PersonChange
from emorec.msg import PersonEmotionArray
from emorec.msg import PersonEvent
from emorec_ros.camera.image_subscription import checked_topic
from emorec_ros.camera.image_subscription import ImageSubscription
from emorec_ros.camera.image_subscription import RELIABILITIES
from emorec_ros.camera.image_subscription import TRANSPORT
from emorec_ros.flow.recent import Recent
from emorec_ros.hri.face_topics import FaceTopics
from emorec_ros.hri.frames import HumanFrames
from emorec_ros.hri.ids import face_id
from emorec_ros.hri.ids import person_id
from emorec_ros.hri.installed import check_installed
from emorec_ros.hri.matches import CandidateMatches
from emorec_ros.hri.person_topics import PersonTopics
from emorec_ros.hri.persons import Persons
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.images import AnyImage
from emorec_ros.messages.images import to_rgb
from emorec_ros.messages.labels import check_people
from emorec_ros.people.presence import BLIND_AFTER
from emorec_ros.runtime.executors import run
from emorec_ros.runtime.input_switch import InputSwitch
from emorec_ros.runtime.input_switch import LAZY
from emorec_ros.runtime.input_switch import subscribing
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.qos.profiles import LATCHED
from emorec_ros.runtime.qos.profiles import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.image_message import ImageMessageError
from emorec_vision.image_message.transport import transport_topic
from emorec_vision.image_message.transport import TRANSPORTS
from std_msgs.msg import Header

KEPT = 15
REPEAT_EVERY = 1.0
"""Seconds after which what has not changed is published again, for late subscribers."""


@dataclass(frozen=True)
class Settings:
    """Parameters of the bridge."""

    root: str = parameter(
        '/humans', 'where the topics are; without the slash they are below the namespace')
    persons: bool = parameter(
        True, 'publish persons, too; false beside hri_person_manager, which makes them of '
        'candidate_matches')
    publish_tf: bool = parameter(
        True, 'publish frames face_<id>, gaze_<id> and person_<id> of those whose position was '
        'measured')
    image_transport: str = parameter('raw', TRANSPORT, choices=TRANSPORTS)
    image_reliability: str = parameter(
        'auto', 'how to subscribe to images', choices=RELIABILITIES)
    lazy: bool = parameter(False, LAZY, dynamic=True)


class HriBridge(EmorecNode[Settings]):
    """The node that publishes what ROS4HRI expects of a face detector and a person manager.

    Faces follow /faces, their emotions and the persons /emotions, engagement /person_events and
    /people_summary. Images are subscribed to only while somebody wants cropped faces.

    Raises:
        InputError: if hri_msgs is not installed.
    """

    def __init__(self) -> None:
        check_installed()
        super().__init__('hri_bridge', Settings)
        settings = self.settings
        root = checked_topic(settings.root.rstrip('/'))
        self._faces = FaceTopics(self, root)
        self._matches = CandidateMatches(self, root)
        self._persons = Persons()
        self._person_topics = PersonTopics(self, root) if settings.persons else None
        self._frames = HumanFrames(self, settings.persons) if settings.publish_tf else None
        self._images: ImageSubscription | None = None
        self._waiting: Recent[AnyImage] = Recent(KEPT)
        self._shown: Recent[FaceArray] = Recent(KEPT)
        self._header = Header()
        self._seen_at = monotonic()
        self._event_stamp = 0
        self._input = InputSwitch(
            self,
            [subscribing(self, kind, topic, callback, qos) for kind, topic, callback, qos in (
                (FaceArray, 'faces', self._on_faces, RESULT),
                (IdentityArray, 'identities', self._on_identities, RESULT),
                (PersonEmotionArray, 'emotions', self._on_people, RESULT),
                (PersonEvent, 'person_events', self._on_event, RESULT),
                (PersonChange, 'person_changes', self._on_change, RESULT),
                (PeopleSummary, 'people_summary', self._on_summary, LATCHED))],
            [topics.count_listeners for topics in (
                self._faces, self._matches, self._person_topics) if topics is not None])
        steady_timer(self, 0.5, self._follow_crops)
        steady_timer(self, REPEAT_EVERY, self._repeat)

    def use_settings(self, settings: Settings) -> None:
        """Go on with other settings."""
        self._input.update(settings)

    def _on_faces(self, faces: FaceArray) -> None:
        started = monotonic()
        self._seen_at, self._header = started, faces.header
        self._faces.publish(faces)
        if self._frames is not None:
            self._frames.see(faces)
        if self._images is not None:
            stamp = stamp_ns(faces.header.stamp)
            self._shown.put(stamp, faces)
            self._crop_if_complete(stamp)
        self.health.count('images', started, monotonic() - started)

    def _on_identities(self, message: IdentityArray) -> None:
        self._matches.publish({
            (face_id(identity.track_id), person_id(identity.person)): identity.confidence
            for identity in message.identities if identity.known and identity.confidence > 0})

    def _on_people(self, people: PersonEmotionArray) -> None:
        try:
            check_people(people)
        except ValueError as error:
            self.drop(f'people: {error}')
            return
        self._faces.express(people)
        if self._persons.see({person.track_id: person.person for person in people.people}):
            self._publish_persons()
        if self._frames is not None:
            self._frames.publish(people)

    def _on_event(self, event: PersonEvent) -> None:
        self._event_stamp = stamp_ns(event.header.stamp)
        if event.event == PersonEvent.LEFT:
            self._persons.left(event.track_id, event.person)
        elif event.event in (PersonEvent.ARRIVED, PersonEvent.ENGAGED, PersonEvent.DISENGAGED):
            self._persons.is_here(
                event.track_id, event.person, event.event == PersonEvent.ENGAGED)
        self._publish_persons()

    def _on_summary(self, summary: PeopleSummary) -> None:
        if stamp_ns(summary.header.stamp) < self._event_stamp:
            return
        self._persons.forget_presence()
        for person in summary.people:
            self._persons.is_here(person.track_id, person.person, person.engaged)
        self._publish_persons()

    def _on_change(self, change: PersonChange) -> None:
        if change.change in (PersonChange.RENAMED, PersonChange.FORGOTTEN):
            self._persons.renamed(change.name, change.new_name)
            self._publish_persons()

    def _publish_persons(self, again: bool = False) -> None:
        if self._person_topics is not None:
            self._person_topics.publish(self._header, self._persons, again)

    def _repeat(self) -> None:
        """Tell late subscribers what has not changed, and that there is nobody without images."""
        if monotonic() - self._seen_at > BLIND_AFTER:
            self._faces.clear(self._header)
            self._matches.publish({})
            self._persons.see({})
        self._matches.repeat()
        self._publish_persons(again=True)

    def _follow_crops(self) -> None:
        wanted = self._faces.crops_wanted
        if wanted and self._images is None:
            self._images = ImageSubscription(
                self, transport_topic(self.resolve_topic_name('rgb/image_raw'),
                                      self.settings.image_transport),
                self._on_image, self.settings.image_reliability)
        elif not wanted and self._images is not None:
            self._images.close()
            self._images = None
            self._waiting.clear()
            self._shown.clear()

    def _on_image(self, image: AnyImage) -> None:
        stamp = stamp_ns(image.header.stamp)
        self._waiting.put(stamp, image)
        self._crop_if_complete(stamp)

    def _crop_if_complete(self, stamp: int) -> None:
        image, faces = self._waiting.get(stamp), self._shown.get(stamp)
        if image is None or faces is None:
            return
        self._waiting.take(stamp)
        self._shown.take(stamp)
        try:
            self._faces.crop(faces, to_rgb(image))
        except (ImageMessageError, ValueError) as error:
            self.drop(f'image: {error}')


def main() -> int:
    """Run the node."""
    return run(HriBridge, 'hri_bridge')


if __name__ == '__main__':
    sys.exit(main())
