# SPDX-License-Identifier: Apache-2.0
"""The messages of ROS4HRI, from those of emorec."""

from collections.abc import Iterable
from math import isfinite
from math import nan

from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import PersonEmotion
from emorec_ros.hri.installed import EngagementLevel
from emorec_ros.hri.installed import Expression
from emorec_ros.hri.installed import FacialLandmarks
from emorec_ros.hri.installed import IdsList
from emorec_ros.hri.installed import IdsMatch
from emorec_ros.hri.installed import NormalizedPointOfInterest2D
from emorec_ros.hri.installed import NormalizedRegionOfInterest2D
from emorec_ros.messages.labels import label_of
from emorec_vision.emotions import EMOTIONS
from std_msgs.msg import Header

EXPRESSIONS = dict(zip(EMOTIONS, (
    'angry', 'disgusted', 'scared', 'happy', 'sad', 'surprised', 'neutral'), strict=True))
"""Names of Expression.msg for the emotions; others go by their own, in small letters."""


def ids_message(header: Header, ids: Iterable[str]) -> 'IdsList':
    """Return ids as a message."""
    return IdsList(header=header, ids=list(ids))


def roi_message(faces: FaceArray, face: Face) -> 'NormalizedRegionOfInterest2D':
    """Return where a face is, as shares of the image; `c` is 0 where the image did not show it."""
    width, height, roi = max(faces.image_width, 1), max(faces.image_height, 1), face.roi
    return NormalizedRegionOfInterest2D(
        header=faces.header, xmin=roi.x_offset / width, ymin=roi.y_offset / height,
        xmax=min((roi.x_offset + roi.width) / width, 1.0),
        ymax=min((roi.y_offset + roi.height) / height, 1.0),
        c=min(max(float(face.score), 0.0), 1.0) if face.detected else 0.0)


def landmarks_message(faces: FaceArray, face: Face) -> 'FacialLandmarks | None':
    """Return the landmarks as shares of the image, None without any.

    Five of the seventy are known, with the confidence of the detector; that of the others is 0.
    """
    if not all(map(isfinite, face.landmarks)):
        return None
    width, height = max(faces.image_width, 1), max(faces.image_height, 1)
    message = FacialLandmarks(header=faces.header, width=width, height=height)
    for code, x, y in zip(
            (FacialLandmarks.RIGHT_PUPIL, FacialLandmarks.LEFT_PUPIL, FacialLandmarks.NOSE,
             FacialLandmarks.MOUTH_OUTER_RIGHT, FacialLandmarks.MOUTH_OUTER_LEFT),
            face.landmarks[::2], face.landmarks[1::2], strict=True):
        if 0 <= x <= width and 0 <= y <= height:
            message.landmarks[code] = NormalizedPointOfInterest2D(
                x=float(x) / width, y=float(y) / height,
                c=min(max(float(face.score), 0.0), 1.0))
    return message


def expression_message(header: Header, person: PersonEmotion) -> 'Expression':
    """Return the confirmed emotion with its share, or neutral with 0 while none is confirmed."""
    emotion = label_of(person)
    return Expression(
        header=header, expression=EXPRESSIONS.get(emotion, emotion.lower()), valence=nan,
        arousal=nan,
        confidence=float(person.share) if person.confirmed else 0.0)


def match_message(face: str, person: str, confidence: float) -> 'IdsMatch':
    """Return how sure it is that a face is a person's; 0 says that it is not."""
    return IdsMatch(id1=face, id1_type=IdsMatch.FACE, id2=person, id2_type=IdsMatch.PERSON,
                    confidence=float(confidence))


def engagement(engaged: bool | None) -> int:
    """Return the constant of EngagementLevel; None: it is not known."""
    return {None: EngagementLevel.UNKNOWN, True: EngagementLevel.ENGAGED,
            False: EngagementLevel.DISENGAGED}[engaged]
