# SPDX-License-Identifier: Apache-2.0
"""Faces as messages, and back."""

from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Sequence
from math import nan
from typing import Any
from typing import TypeVar

from emorec.msg import Face
from emorec.msg import FaceArray
from emorec_ros.messages.conversions import box_from_roi
from emorec_ros.messages.conversions import roi_from_box
from emorec_ros.messages.images import to_gray
from emorec_ros.messages.images import to_message
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.detector import Landmarks
from emorec_vision.faces.finder import RejectedFace
from emorec_vision.faces.head_pose import HeadPose
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.geometry import NOWHERE
from emorec_vision.geometry import Vector
from emorec_vision.image_message import ImageMessageError
from geometry_msgs.msg import Point
from geometry_msgs.msg import Vector3
import numpy as np

Fields = TypeVar('Fields', Point, Vector3)


class Faces:
    """The faces of one image on their way from node to node.

    Args:
        message: the FaceArray; its crops need no pixels where `found` has them.
        found: the faces of the message in its order; None: the message came over a topic.

    Attributes:
        message: the FaceArray, for all but the pixels of its crops.
    """

    def __init__(self, message: FaceArray, found: Sequence[TrackedFace] | None = None) -> None:
        self.message = message
        self._found = found

    def crops(self, drop: Callable[[str], None]) -> Sequence[FaceCrop]:
        """Return the crops of the faces; `drop` is told of each that is malformed."""
        return face_crops(self.message.faces, drop) if self._found is None else self._found

    def with_pixels(self) -> FaceArray:
        """Return the message with the pixels of its crops, for a topic."""
        for face, found in zip(self.message.faces, self._found or ()):
            if not face.crop.data:
                face.crop = to_message(found.crop, 'mono8', self.message.header)
        return self.message


def face_message(face: TrackedFace) -> Face:
    """Return a tracked face as a message, without the pixels of its crop."""
    return Face(
        track_id=face.track_id, roi=roi_from_box(face.box), score=float(face.score),
        detected=face.detected, depth_checked=face.depth_checked, distance=float(face.distance),
        position=_as(Point, face.position), estimated=face.estimated,
        bearing=_as(Vector3, face.bearing), crop_roi=roi_from_box(face.crop_box),
        **pose_fields(face.landmarks, face.pose))


def pose_fields(landmarks: Landmarks | None = None,
                pose: HeadPose | None = None) -> dict[str, Any]:
    """Return the fields of landmarks and head pose, where known."""
    pose = pose or HeadPose(nan, nan, nan)
    return {'landmarks': np.array(landmarks or [(nan, nan)] * 5, np.float32).ravel(),
            'yaw': pose.yaw, 'pitch': pose.pitch, 'roll': pose.roll, 'facing': pose.facing}


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
        distance=float(face.distance), position=_as(Point, NOWHERE),
        bearing=_as(Vector3, face.bearing), **pose_fields())


def _as(kind: type[Fields], vector: Vector) -> Fields:
    x, y, z = (float(value) for value in vector)
    return kind(x=x, y=y, z=z)
