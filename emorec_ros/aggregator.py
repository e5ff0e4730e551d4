# SPDX-License-Identifier: Apache-2.0
"""Join faces, emotions and identities and publish one confirmed emotion per person."""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from math import nan
import sys
from time import monotonic

from builtin_interfaces.msg import Duration
from emorec.msg import Emotion
from emorec.msg import EmotionChange
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import FaceEmotionArray
from emorec.msg import Identity
from emorec.msg import IdentityArray
from emorec.msg import PersonChange
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.flow.newest_pair import MAX_STEP_BACK_NS
from emorec_ros.flow.stamp_join import Joined
from emorec_ros.flow.stamp_join import Key
from emorec_ros.flow.stamp_join import StampJoin
from emorec_ros.messages.conversions import NANOSECONDS
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.runtime.node import EmorecNode
from emorec_ros.runtime.node import run
from emorec_ros.runtime.parameters import parameter
from emorec_ros.runtime.qos import RESULT
from emorec_ros.runtime.timers import steady_timer
from emorec_vision.confirmation import WindowSettings
from emorec_vision.emotion.person_windows import Change
from emorec_vision.emotion.person_windows import PersonState
from emorec_vision.emotion.person_windows import PersonWindows
from emorec_vision.emotions import EMOTIONS
from std_msgs.msg import Header

REMEMBERED = 8
CORRECTED_FOR = 1.0
"""Time for which identities that were on their way may still carry a name that changed, s."""


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
    """Publish exactly one PersonEmotionArray per FaceArray, in stamp order, empty ones too.

    An image is answered when its emotions are in, or `join_timeout` after its faces. When the
    answer confirms another emotion of a person than the last one, an EmotionChange follows it.
    """

    def __init__(self) -> None:
        super().__init__('aggregator', Settings)
        settings = self.settings
        self._windows = PersonWindows(
            WindowSettings(settings.window, settings.min_share, settings.window_seconds,
                           settings.min_probability), settings.expiry)
        self._join = StampJoin(settings.join_timeout, settings.wait_for_identities)
        self._known: dict[str, Identity] = {}
        self._corrections: dict[str, tuple[str, float]] = {}
        self._session = ''
        self._newest = 0
        self._answered: OrderedDict[int, PersonEmotionArray] = OrderedDict()
        self._people = self.create_publisher(PersonEmotionArray, 'emotions', RESULT)
        self._changes = self.create_publisher(EmotionChange, 'emotion_changes', RESULT)
        self.create_subscription(PersonChange, 'person_changes', self._on_person_change, RESULT)
        self.create_subscription(FaceArray, 'faces', self._on_faces, RESULT)
        self.create_subscription(FaceEmotionArray, 'face_emotions', self._on_emotions, RESULT)
        self.create_subscription(IdentityArray, 'identities', self._on_identities, RESULT)
        self._deadline = steady_timer(
            self, max(settings.join_timeout, 0.001), self._answer_overdue, autostart=False)

    def _on_faces(self, message: FaceArray) -> None:
        if message.session != self._session:
            self._join.stop_waiting()
            self._windows.forget_tracks()
            self._answered.clear()
            self._session = message.session
        stamp, _ = key = key_of(message)
        if stamp in self._answered:
            self._people.publish(self._answered[stamp])
            return
        self._join.add_faces(key, message, monotonic())
        self._answer_ready()
        if self._join.waiting:
            self._deadline.reset()

    def _on_emotions(self, message: FaceEmotionArray) -> None:
        self._join.add_emotions(key_of(message), message)
        self._answer_ready()

    def _on_identities(self, message: IdentityArray) -> None:
        self._known = {identity.track_id: identity for identity in message.identities}
        self._join.add_identities(key_of(message), message)
        if self.settings.wait_for_identities:
            self._answer_ready()

    def _on_person_change(self, message: PersonChange) -> None:
        name, until = message.name, monotonic() + CORRECTED_FOR
        if message.change == PersonChange.FORGOTTEN:
            self._windows.forget_person(name)
            self._corrections[name] = ('', until)
        elif message.change == PersonChange.RENAMED:
            self._windows.rename_person(name, message.new_name)
            self._corrections[name] = (message.new_name, until)
            self._corrections.pop(message.new_name, None)
        else:
            self._corrections.pop(name, None)

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
        self._notice_jump(stamp)
        if joined.emotions is None:
            self.warn(f'no emotions within {self.settings.join_timeout:g} s of the faces')
        emotions = {} if joined.emotions is None else {
            emotion.track_id: emotion.probabilities for emotion in joined.emotions.emotions
            if all(map(isfinite, emotion.probabilities))}
        names = self._names(joined)
        states = self._windows.update(stamp, names, emotions)
        answer = PersonEmotionArray(
            header=faces.header, session=faces.session,
            people=[person_message(face, names[face.track_id], states[face.track_id],
                                   emotions.get(face.track_id, ())) for face in faces.faces])
        self._answered[stamp] = answer
        while len(self._answered) > REMEMBERED:
            self._answered.popitem(last=False)
        self._people.publish(answer)
        for track_id, state in states.items():
            if state.change is not None:
                self._changes.publish(change_message(
                    faces.header, names[track_id], track_id, state.confirmation.emotion,
                    state.change))
        self.health.count('answers', monotonic())

    def _names(self, joined: Joined) -> dict[str, str]:
        """Give the name of every face by track_id, '' while unknown."""
        known = self._known if joined.identities is None else {
            identity.track_id: identity for identity in joined.identities.identities}
        now = monotonic()
        self._corrections = {name: (correct, until) for name, (correct, until)
                             in self._corrections.items() if now < until}
        names = {}
        for face in joined.faces.faces:
            identity = known.get(face.track_id)
            name = identity.person if identity is not None and identity.known else ''
            names[face.track_id] = self._corrections.get(name, (name,))[0]
        return names

    def _notice_jump(self, stamp: int) -> None:
        if stamp < self._newest - MAX_STEP_BACK_NS:
            self._windows.clear()
            self._answered.clear()
            self._newest = 0
        self._newest = max(self._newest, stamp)


def key_of(message: FaceArray | FaceEmotionArray | IdentityArray) -> Key:
    """Give the key under which the messages of one image find each other."""
    return stamp_ns(message.header.stamp), message.session


def person_message(
    face: Face, person: str, state: PersonState, probabilities: Sequence[float]
) -> PersonEmotion:
    """Give the state of one person as a message; no probabilities = not measured this time."""
    measured = len(probabilities) == len(EMOTIONS)
    return PersonEmotion(
        person=person, known=bool(person), track_id=face.track_id,
        emotion=state.confirmation.emotion, label=EMOTIONS[state.confirmation.emotion],
        confirmed=state.confirmation.confirmed, share=state.confirmation.share,
        frame_emotion=int(max(range(len(EMOTIONS)), key=lambda index: probabilities[index]))
        if measured else Emotion.UNKNOWN,
        probabilities=probabilities if measured else [nan] * len(EMOTIONS),
        since=time_from_ns(state.since), roi=face.roi, distance=face.distance,
        position=face.position)


def change_message(
    header: Header, person: str, track_id: str, emotion: int, change: Change
) -> EmotionChange:
    """Give a change of a confirmed emotion as a message."""
    before, label = Emotion.UNKNOWN, ''
    if change.before is not None:
        before, label = change.before, EMOTIONS[change.before]
    return EmotionChange(
        header=header, person=person, known=bool(person), track_id=track_id,
        from_emotion=before, to_emotion=emotion, from_label=label, to_label=EMOTIONS[emotion],
        held=Duration(sec=change.held // NANOSECONDS, nanosec=change.held % NANOSECONDS))


def main() -> int:
    """Run the node."""
    return run(Aggregator, 'aggregator')


if __name__ == '__main__':
    sys.exit(main())
