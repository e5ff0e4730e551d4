# SPDX-License-Identifier: Apache-2.0
"""Tracked and rejected faces as messages."""

from math import nan

from emorec.msg import Face
from emorec_ros.messages.conversions import roi_from_box
from emorec_ros.messages.images import to_message
from emorec_vision.faces.finder import RejectedFace
from emorec_vision.faces.finder import TrackedFace
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


def rejected_message(face: RejectedFace, gray: np.ndarray) -> Face:
    """Return a detection that depth calls false as a message: with the reason, without a crop."""
    return Face(
        rejected_because=face.reason, score=float(face.score), detected=True, depth_checked=True,
        roi=roi_from_box(face.box.clip(gray.shape[1], gray.shape[0])),
        distance=float(face.distance), position=Point(x=nan, y=nan, z=nan))
