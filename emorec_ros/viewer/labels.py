# SPDX-License-Identifier: Apache-2.0
"""What messages say about people and rejected boxes, as it is drawn into an image."""

from collections.abc import Mapping
from math import isnan
from math import nan
from types import MappingProxyType

from emorec.msg import FaceArray
from emorec.msg import PersonEmotionArray
from emorec_ros.messages.conversions import box_from_roi
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.messages.labels import label_of
from emorec_ros.messages.labels import labels_of
from emorec_ros.messages.labels import shown_probabilities
from emorec_vision.drawing.people import PersonLabel
from emorec_vision.geometry import Box

NOBODY: Mapping[str, float] = MappingProxyType({})


def people_labels(people: PersonEmotionArray, looks: Mapping[str, float] = NOBODY
                  ) -> list[PersonLabel]:
    """Return what is drawn at everybody's face.

    Args:
        looks: distance of the tracks' faces to the known person that they are most like.

    Raises:
        ValueError: if `check_people` refuses the message.
    """
    labels, now = labels_of(people), stamp_ns(people.header.stamp)
    return [PersonLabel(
        box=box_from_roi(person.roi), person=person.person, emotion=label_of(person),
        confirmed=person.confirmed,
        probability=person.probability,
        probabilities=shown_probabilities(people, person),
        distance=_or_none(person.distance),
        estimated=person.estimated, held=max(0, now - stamp_ns(person.since)) / 1e9,
        look=_or_none(looks.get(person.track_id, nan)),
        labels=labels) for person in people.people]


def _or_none(value: float) -> float | None:
    return None if isnan(value) else value


def rejections(faces: FaceArray) -> list[tuple[Box, str]]:
    """Return the boxes of detections that depth calls false, and what is written at them."""
    return [(box_from_roi(face.roi), face.rejected_because if isnan(face.distance)
             else f'{face.rejected_because}  {face.distance:.2f} m') for face in faces.faces]
