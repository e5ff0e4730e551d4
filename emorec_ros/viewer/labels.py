# SPDX-License-Identifier: Apache-2.0
"""What messages say about people and rejected boxes, as it is drawn into an image."""

from math import isfinite
from math import isnan

from emorec.msg import Emotion
from emorec.msg import FaceArray
from emorec.msg import PersonEmotion
from emorec_ros.messages.conversions import box_from_roi
from emorec_vision.drawing.people import PersonLabel
from emorec_vision.emotions import EMOTIONS
from emorec_vision.geometry import Box


def label(person: PersonEmotion) -> PersonLabel:
    """Return what is drawn at a person's face."""
    measured = person.frame_emotion != Emotion.UNKNOWN and all(map(isfinite, person.probabilities))
    return PersonLabel(
        box=box_from_roi(person.roi), person=person.person, emotion=EMOTIONS[person.emotion],
        confirmed=person.confirmed, share=person.share,
        probabilities=person.probabilities if measured else None,
        distance=None if isnan(person.distance) else person.distance,
        estimated=person.estimated)


def rejections(faces: FaceArray) -> list[tuple[Box, str]]:
    """Return the boxes of detections that depth calls false, and what is written at them."""
    return [(box_from_roi(face.roi), face.rejected_because if isnan(face.distance)
             else f'{face.rejected_because}  {face.distance:.2f} m') for face in faces.faces]
