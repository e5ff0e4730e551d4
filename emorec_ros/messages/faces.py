# SPDX-License-Identifier: Apache-2.0
"""Faces as messages, and back."""

from collections.abc import Callable
from collections.abc import Iterable
from math import nan

from emorec.msg import Face
from emorec_ros.messages.conversions import box_from_roi
from emorec_ros.messages.conversions import roi_from_box
from emorec_ros.messages.images import to_gray
from emorec_ros.messages.images import to_message
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.finder import RejectedFace
from emorec_vision.faces.finder import TrackedFace
from emorec_vision.image_message import ImageMessageError
from geometry_msgs.msg import Point
import numpy as np
from std_msgs.msg import Header


def face_message(face: TrackedFace, header: Header) -> Face:
    """Return a tracked face as a message."""
    x, y, z = (float(value) for value in face.position)
    return Face(
        track_id=face.track_id, roi=roi_from_box(face.box), score=float(face.score),
        detected=face.detected, depth_checked=face.depth_checked, distance=float(face.distance),
        position=Point(x=x, y=y, z=z), crop=to_message(face.crop, 'mono8', header),
        crop_roi=roi_from_box(face.crop_box))


def face_crops(faces: Iterable[Face], drop: Callable[[str], None]) -> list[FaceCrop]:
    """Return the crops of face messages; `drop` is told of each that is malformed."""
    crops = []
    for face in faces:
        try:
            box, crop_box = box_from_roi(face.roi), box_from_roi(face.crop_roi)
            if not box.area or not crop_box.area:
                raise ImageMessageError('its region is empty')
            crops.append(FaceCrop(
                face.track_id, to_gray(face.crop), crop_box, box, face.detected))
        except ImageMessageError as error:
            drop(f'crop of {face.track_id}: {error}')
    return crops


def rejected_message(face: RejectedFace, gray: np.ndarray) -> Face:
    """Return a detection that depth calls false as a message: with the reason, without a crop."""
    return Face(
        rejected_because=face.reason, score=float(face.score), detected=True, depth_checked=True,
        roi=roi_from_box(face.box.clip(gray.shape[1], gray.shape[0])),
        distance=float(face.distance), position=Point(x=nan, y=nan, z=nan))
