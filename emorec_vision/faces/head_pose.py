# SPDX-License-Identifier: Apache-2.0
"""Tell where a face looks from its five landmarks."""

from __future__ import annotations

from dataclasses import dataclass
import math

import cv2
from emorec_vision.faces.detector import Landmarks
from emorec_vision.geometry import Intrinsics
from emorec_vision.geometry import Vector
import numpy as np

FACE_MODEL = np.array([(-31.5, 0.0, 0.0), (31.5, 0.0, 0.0), (0.0, 36.0, -30.0),
                       (-27.5, 62.5, -5.0), (27.5, 62.5, -5.0)])
"""The five landmarks of a face that looks into the camera, mm: x to the right of the image, y
down, z away from the camera. x and y are the means of YuNet's on 164 frontal images (Yale) at
63 mm between the eyes; with this z a man who turns around does so as fast in the figures
(docs/detection.md)."""
USUAL_FOCAL = 0.82
"""Focal length of a camera that does not tell its own, in widths of its image: a Kinect's."""
FACING = 20.0
"""A face whose yaw and pitch are at most this looks towards the camera, degrees: all of the 164
frontal images of Yale, 99 % of them at 15 (benchmarks/head_pose.py)."""

HEAD_AXES = np.array([[0.0, 1.0, 0.0], [0.0, 0.0, -1.0], [-1.0, 0.0, 0.0]])
"""The axes of a head that looks back at the camera, as columns in the optical frame."""


@dataclass(frozen=True)
class HeadPose:
    """How a head is turned against the line from the camera to it, degrees.

    All are 0 for a face that looks straight into the camera, wherever in the image it is.

    Attributes:
        yaw: positive when the face looks to the right of the image (to the person's left).
        pitch: positive when it looks up.
        roll: positive when the head is tilted clockwise in the image.
    """

    yaw: float
    pitch: float
    roll: float

    @property
    def facing(self) -> bool:
        """Tell whether the face looks towards the camera."""
        return abs(self.yaw) <= FACING and abs(self.pitch) <= FACING

    def quaternion(self, place: Vector) -> tuple[float, float, float, float]:
        """Return how the head's own frame is turned in the optical frame.

        Args:
            place: of the face in the optical frame (REP 103).

        Returns:
            (x, y, z, w) of a frame with x out of the face, y to the person's left and z to the
            top of the head (REP 155).
        """
        yaw, pitch, roll = (math.radians(angle) for angle in (-self.yaw, -self.pitch, self.roll))
        turned = _towards(np.array(place))
        for vector in ((0, yaw, 0), (pitch, 0, 0), (0, 0, roll)):
            turned = turned @ cv2.Rodrigues(np.array(vector, float))[0]
        vector = cv2.Rodrigues(turned @ HEAD_AXES)[0].ravel()
        angle = float(np.linalg.norm(vector))
        x, y, z = (math.sin(angle / 2) / max(angle, 1e-12) * vector).tolist()
        return x, y, z, math.cos(angle / 2)


def head_pose(landmarks: Landmarks, shape: tuple[int, ...],
              intrinsics: Intrinsics | None = None) -> HeadPose | None:
    """Return how a head is turned; None where its landmarks allow no answer.

    The pose is that of FACE_MODEL which OpenCV's SQPNP (Terzakis and Lourakis, ECCV 2020) finds.

    Args:
        landmarks: of the face, px of the image.
        shape: height and width of the image, px.
        intrinsics: of the camera; None: of a usual one that looks at the middle of the image.
    """
    camera = intrinsics or Intrinsics(USUAL_FOCAL * shape[1], USUAL_FOCAL * shape[1],
                                      shape[1] / 2, shape[0] / 2)
    rays = np.array([camera.ray(x, y) for x, y in landmarks])
    try:
        found, rotation, place = cv2.solvePnP(
            FACE_MODEL, rays, np.eye(3), None, flags=cv2.SOLVEPNP_SQPNP)
    except cv2.error:
        return None
    if not found or not np.isfinite(rotation).all() or place[2, 0] <= 0:
        return None
    turned = _towards(place.ravel()).T @ cv2.Rodrigues(rotation)[0]
    return HeadPose(yaw=math.degrees(math.atan2(-turned[0, 2], turned[2, 2])),
                    pitch=math.degrees(math.asin(max(-1.0, min(1.0, turned[1, 2])))),
                    roll=math.degrees(math.atan2(turned[1, 0], turned[1, 1])))


def _towards(place: np.ndarray) -> np.ndarray:
    """Return the rotation (3, 3), without roll, that turns the optical axis to a place (3,)."""
    x, y, z = place / np.linalg.norm(place)
    across, flat = math.atan2(x, z), math.hypot(x, z)
    turn = np.array([[math.cos(across), 0, math.sin(across)], [0, 1, 0],
                     [-math.sin(across), 0, math.cos(across)]])
    return np.asarray(turn @ np.array([[1, 0, 0], [0, flat, y], [0, -y, flat]]))
