# SPDX-License-Identifier: Apache-2.0
"""Tracked faces, as they leave the finder."""

from __future__ import annotations

from dataclasses import dataclass
import math

from emorec_vision.camera.face_position import bearing_of
from emorec_vision.camera.face_position import estimated_position
from emorec_vision.depth.gate import DepthAnswer
from emorec_vision.depth.gate import DepthVerdict
from emorec_vision.depth.gate import position_of
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.detector import Landmarks
from emorec_vision.faces.head_pose import head_pose
from emorec_vision.faces.head_pose import HeadPose
from emorec_vision.faces.tracking.tracker import Track
from emorec_vision.geometry import Intrinsics
from emorec_vision.geometry import Vector
import numpy as np


@dataclass(frozen=True, kw_only=True)
class TrackedFace(FaceCrop):
    """A tracked face; its box is clipped to the image.

    Attributes:
        score: of the last detection, higher is surer.
        depth_checked: whether depth says that the face is real, or said so a moment ago while
            this image came without its depth.
        distance: z in the optical frame, m; NaN when unknown; from a moment ago likewise.
        position: (x, y, z) in the optical frame, m; NaN when unknown.
        estimated: whether both were worked out from the width of the box, for want of depth.
        bearing: unit vector from the camera to the middle of the box; NaN without intrinsics.
        landmarks: of this image's detection, px; None without one, or with a detector that
            gives none.
        pose: how the head is turned, from the landmarks; None without them.
    """

    score: float
    depth_checked: bool
    distance: float
    position: Vector
    estimated: bool
    bearing: Vector
    landmarks: Landmarks | None = None
    pose: HeadPose | None = None


def tracked_face(track: Track, answer: DepthAnswer, gray: np.ndarray,
                 intrinsics: Intrinsics | None) -> TrackedFace:
    """Return a track as a face of an image.

    Args:
        track: its box lies in the image, at least partly.
        answer: what depth says of it.
        gray: the image, uint8 (H, W).
        intrinsics: of its camera.
    """
    box = track.box.clip(gray.shape[1], gray.shape[0])
    real = answer.verdict is DepthVerdict.REAL
    position = (position_of(track.box, answer.distance, intrinsics) if real
                else estimated_position(track.box, intrinsics))
    crop, crop_box = context_crop(gray, box)
    landmarks = None if track.detection is None else track.detection.landmarks
    return TrackedFace(
        track_id=track.track_id, crop=crop, crop_box=crop_box, box=box,
        detected=track.detected, score=track.score, depth_checked=real,
        distance=answer.distance if real else position[2], position=position,
        estimated=not real and math.isfinite(position[2]),
        bearing=bearing_of(track.box, intrinsics), landmarks=landmarks,
        pose=None if landmarks is None else head_pose(landmarks, gray.shape, intrinsics))
