# SPDX-License-Identifier: Apache-2.0
"""People, their names and emotions, as messages."""

from collections.abc import Sequence
from math import nan

from builtin_interfaces.msg import Duration
from emorec.msg import Emotion
from emorec.msg import EmotionChange
from emorec.msg import Face
from emorec.msg import FaceEmotionArray
from emorec.msg import IdentityArray
from emorec.msg import PersonEmotion
from emorec_ros.messages.conversions import time_from_ns
from emorec_vision.emotion.aggregation import PersonInView
from emorec_vision.emotion.person_windows import Change
from emorec_vision.emotions import EMOTIONS
from emorec_vision.stamps import NANOSECONDS
from std_msgs.msg import Header


def names_of(message: IdentityArray) -> dict[str, str]:
    """Return the name of every track by track_id, '' of unknown people."""
    return {identity.track_id: identity.person if identity.known else ''
            for identity in message.identities}


def probabilities_of(message: FaceEmotionArray | None) -> dict[str, Sequence[float]]:
    """Return the seven probabilities of every measured track by track_id."""
    return {} if message is None else {
        emotion.track_id: emotion.probabilities for emotion in message.emotions}


def person_message(face: Face, person: PersonInView) -> PersonEmotion:
    """Return one person as a message."""
    confirmation, probabilities = person.state.confirmation, person.probabilities
    return PersonEmotion(
        person=person.name, known=bool(person.name), track_id=face.track_id,
        emotion=confirmation.emotion, label=EMOTIONS[confirmation.emotion],
        confirmed=confirmation.confirmed, share=confirmation.share,
        frame_emotion=Emotion.UNKNOWN if probabilities is None else _most_probable(probabilities),
        probabilities=[nan] * len(EMOTIONS) if probabilities is None else probabilities,
        since=time_from_ns(person.state.since), roi=face.roi, detected=face.detected,
        depth_checked=face.depth_checked, distance=face.distance, position=face.position,
        estimated=face.estimated, bearing=face.bearing)


def change_message(
    header: Header, track_id: str, person: PersonInView, change: Change
) -> EmotionChange:
    """Return a change of a person's confirmed emotion as a message."""
    emotion = person.state.confirmation.emotion
    before, label = Emotion.UNKNOWN, ''
    if change.before is not None:
        before, label = change.before, EMOTIONS[change.before]
    return EmotionChange(
        header=header, person=person.name, known=bool(person.name), track_id=track_id,
        from_emotion=before, to_emotion=emotion, from_label=label, to_label=EMOTIONS[emotion],
        held=Duration(sec=change.held // NANOSECONDS, nanosec=change.held % NANOSECONDS))


def _most_probable(probabilities: Sequence[float]) -> int:
    return max(range(len(EMOTIONS)), key=lambda index: probabilities[index])
