# SPDX-License-Identifier: Apache-2.0
"""Landmarks and head pose of a face on their way into a message."""

from emorec_ros.messages.faces import face_message
from emorec_ros.messages.faces import rejected_message
from emorec_vision.depth.gate import NOWHERE
from emorec_vision.faces.detector import Landmarks
from emorec_vision.faces.finder import RejectedFace
from emorec_vision.faces.head_pose import HeadPose
from emorec_vision.faces.tracked_face import TrackedFace
from emorec_vision.geometry import Box
import numpy as np
import pytest

BOX = Box(10, 20, 40, 40)
POINTS = ((20.0, 30.5), (40.0, 31.0), (30.0, 40.0), (22.0, 50.0), (38.0, 50.0))


def face(landmarks: Landmarks | None, pose: HeadPose | None) -> TrackedFace:
    """Return a face with those."""
    return TrackedFace(track_id='a-1', crop=np.zeros((8, 8), np.uint8), crop_box=BOX, box=BOX,
                       detected=True, score=0.9, depth_checked=False, distance=1.0,
                       position=NOWHERE, estimated=False, bearing=NOWHERE,
                       landmarks=landmarks, pose=pose)


def test_landmarks_and_pose_are_published() -> None:
    message = face_message(face(POINTS, HeadPose(10.0, -5.0, 3.0)))
    assert message.landmarks.reshape(5, 2) == pytest.approx(np.array(POINTS))
    assert (message.yaw, message.pitch, message.roll) == (10.0, -5.0, 3.0)
    assert message.facing
    assert not face_message(face(POINTS, HeadPose(40.0, 0.0, 0.0))).facing


@pytest.mark.parametrize('message', [
    face_message(face(None, None)),
    rejected_message(RejectedFace(BOX, 1.0, 2.0, 'flat', NOWHERE),
                     np.zeros((100, 100), np.uint8))])
def test_without_landmarks_nothing_is_known(message: object) -> None:
    values = [*message.landmarks, message.yaw, message.pitch, message.roll]
    assert len(values) == 13 and np.isnan(values).all()
    assert message.facing is False
