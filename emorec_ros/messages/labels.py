# SPDX-License-Identifier: Apache-2.0
"""What messages say about emotions, by name; needs no ROS to be imported."""

from collections.abc import Sequence
from math import isfinite
from typing import TYPE_CHECKING

from emorec_vision.emotions import check_labels
from emorec_vision.emotions import EMOTIONS
from emorec_vision.emotions import LONGEST_LABEL
from emorec_vision.emotions import NUMBERED
from emorec_vision.emotions import OTHER
from emorec_vision.emotions import UNKNOWN

if TYPE_CHECKING:
    from emorec.msg import FaceEmotionArray
    from emorec.msg import PersonEmotion
    from emorec.msg import PersonEmotionArray


def labels_of(message: 'FaceEmotionArray | PersonEmotionArray') -> tuple[str, ...]:
    """Return the names of the emotions that an array tells apart.

    Raises:
        ValueError: if they are none.
    """
    return check_labels(message.labels) if message.labels else EMOTIONS


def label_of(person: 'PersonEmotion') -> str:
    """Return the name of a person's emotion.

    Raises:
        ValueError: if the message names none.
    """
    if person.emotion < len(NUMBERED):
        return NUMBERED[person.emotion]
    if person.emotion != OTHER or not person.label.isprintable() or not person.label:
        raise ValueError(f'an emotion is {person.emotion} {person.label!r}, which is none')
    return person.label[:LONGEST_LABEL]


def check_people(message: 'PersonEmotionArray') -> None:
    """Check what a message from anywhere says of emotions.

    Raises:
        ValueError: if its labels or the emotion of a person are none.
    """
    labels_of(message)
    for person in message.people:
        label_of(person)


def probabilities_of(message: 'FaceEmotionArray | None') -> dict[str, Sequence[float]]:
    """Return the probabilities of every measured track by track_id, one for each label.

    They are those read against the person's rest, where there are any.
    """
    if message is None:
        return {}
    adapted = adapted_weights(message)
    return {emotion.track_id: (
        emotion.adapted if emotion.track_id in adapted
        else emotion.label_probabilities if message.labels else emotion.probabilities)
        for emotion in message.emotions}


def adapted_weights(message: 'FaceEmotionArray | None') -> dict[str, float]:
    """Return how much is known of the person, 0..1, by track_id of those read against rest."""
    return {} if message is None else {
        emotion.track_id: emotion.adapted_weight for emotion in message.emotions
        if len(emotion.adapted) == len(message.labels or EMOTIONS)
        and all(map(isfinite, emotion.adapted))}


def shown_probabilities(
    people: 'PersonEmotionArray', person: 'PersonEmotion'
) -> Sequence[float] | None:
    """Return the probabilities of a person's image, one for each label; None without any."""
    shares = person.label_probabilities if people.labels else person.probabilities
    measured = person.frame_emotion != UNKNOWN and all(map(isfinite, shares))
    return shares if measured and len(shares) == len(people.labels or EMOTIONS) else None
