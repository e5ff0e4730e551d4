# SPDX-License-Identifier: Apache-2.0
"""People, their names and emotions, as messages."""

from array import array
from collections.abc import Sequence
from functools import lru_cache
from math import nan

from builtin_interfaces.msg import Duration
from emorec.msg import Emotion
from emorec.msg import EmotionChange
from emorec.msg import Face
from emorec.msg import IdentityArray
from emorec.msg import PersonEmotion
from emorec_ros.messages.conversions import time_from_ns
from emorec_vision.emotion.aggregation import PersonInView
from emorec_vision.emotion.person_windows import Change
from emorec_vision.emotions import EMOTIONS
from emorec_vision.emotions import number_of
from emorec_vision.stamps import NANOSECONDS
from std_msgs.msg import Header


def names_of(message: IdentityArray) -> dict[str, str]:
    """Return the name of every track by track_id, '' of unknown people."""
    return {identity.track_id: identity.person if identity.known else ''
            for identity in message.identities}


def seven_of(labels: tuple[str, ...], probabilities: Sequence[float]) -> Sequence[float]:
    """Return the probabilities of EMOTIONS of those for each label, 0 for what is no label."""
    columns = _columns(labels)
    if columns is None:
        return probabilities
    return [0.0 if column is None else float(probabilities[column]) for column in columns]


@lru_cache(maxsize=16)
def _columns(labels: tuple[str, ...]) -> list[int | None] | None:
    """Return where in the labels each of EMOTIONS stands; None where they are the same."""
    return None if labels == EMOTIONS else [
        labels.index(name) if name in labels else None for name in EMOTIONS]


def person_message(face: Face, person: PersonInView,
                   adapted_weight: float | None = None) -> PersonEmotion:
    """Return one person as a message.

    Args:
        face: of the person.
        person: with the probabilities that entered the window.
        adapted_weight: how much of them comes from what is known of the person, 0..1; None: they
            are the network's.
    """
    confirmation, probabilities = person.state.confirmation, person.probabilities
    message = PersonEmotion(
        person=person.name, known=bool(person.name), track_id=face.track_id,
        emotion=number_of(confirmation.emotion), label=confirmation.emotion,
        confirmed=confirmation.confirmed, share=confirmation.share,
        probability=confirmation.probability, frame_emotion=Emotion.UNKNOWN,
        since=time_from_ns(person.state.since), roi=face.roi, detected=face.detected,
        depth_checked=face.depth_checked, distance=face.distance, position=face.position,
        estimated=face.estimated, bearing=face.bearing)
    if probabilities is None:
        message.probabilities = [nan] * len(EMOTIONS)
    else:
        message.adapted = adapted_weight is not None
        message.adapted_weight = adapted_weight or 0.0
        top = max(range(len(person.labels)), key=lambda index: probabilities[index])
        message.frame_emotion = number_of(person.labels[top])
        message.probabilities = seven_of(person.labels, probabilities)
        message.label_probabilities = array('f', probabilities)
    return message


def change_message(
    header: Header, track_id: str, person: PersonInView, change: Change
) -> EmotionChange:
    """Return a change of a person's confirmed emotion as a message."""
    confirmation = person.state.confirmation
    return EmotionChange(
        header=header, person=person.name, known=bool(person.name), track_id=track_id,
        from_emotion=Emotion.UNKNOWN if change.before is None else number_of(change.before),
        to_emotion=number_of(confirmation.emotion), from_label=change.before or '',
        to_label=confirmation.emotion, probability=confirmation.probability,
        held=Duration(sec=change.held // NANOSECONDS, nanosec=change.held % NANOSECONDS))
