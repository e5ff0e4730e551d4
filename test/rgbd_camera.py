# SPDX-License-Identifier: Apache-2.0
"""A colour camera with a face in view, perhaps with depth, that waits for every answer."""

from typing import Any

import cv2
from emorec.msg import FaceArray
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.geometry import Box
from heads import with_head
import numpy as np
from ros_harness import Harness
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from std_msgs.msg import Header

MILLISECOND = 1_000_000
INTERVAL = 33
"""Milliseconds from one image to the next."""
FACE = Box(94, 53, 75, 75)
"""Where `one_face` shows the face."""


def one_face(astronaut: np.ndarray) -> np.ndarray:
    """Return a 320x240 image with one face."""
    return cv2.resize(astronaut[0:300, 60:460], (320, 240), interpolation=cv2.INTER_AREA)


def head_at(metres: float, wall: float = 3.0) -> np.ndarray:
    """Return depth (uint16, mm) of a head where the face is, before a wall."""
    return with_head(np.full((240, 320), int(1000 * wall), np.uint16), FACE, 1000 * metres)


def header(milliseconds: int, frame_id: str = 'optical') -> Header:
    """Return a header of this time of the camera."""
    return Header(stamp=time_from_ns(10**10 + milliseconds * MILLISECOND), frame_id=frame_id)


def depth_message(depth: np.ndarray, header: Header) -> Image:
    """Return depth in mm (uint16) or metres (float32) as a message."""
    return to_message(depth, '16UC1' if depth.dtype == np.uint16 else '32FC1', header)


class RgbdCamera:
    """Publishes an image, its depth and camera_info, and returns what is answered.

    Args:
        harness: of the test; the node is started.
        image: that is shown.
        has_depth: whether there is a depth topic.
        info: camera_info of every image.
        answered: type and topic of the answers, one per image.

    Attributes:
        answers: all that came.
    """

    def __init__(self, harness: Harness, image: np.ndarray, has_depth: bool = False,
                 info: CameraInfo | None = None,
                 answered: tuple[type, str] = (FaceArray, '/faces')) -> None:
        self.answers = harness.topic(*answered)
        self._image = image
        self._shown = 0
        self._info = info
        self._colour = harness.publisher(Image, '/rgb/image_raw', IMAGE)
        if has_depth:
            self._depth = harness.publisher(Image, '/depth_registered/image_raw', IMAGE)
        if info is not None:
            self._infos = harness.publisher(CameraInfo, '/rgb/camera_info', IMAGE)

    def show(self, depth: np.ndarray | None = None, at: int | None = None,
             depth_frame: str = 'optical') -> Any:
        """Publish the image once more and return its answer.

        Args:
            depth: of it, mm (uint16) or metres (float32); None: none comes.
            at: its time, ms; None: 33 ms after the one before.
            depth_frame: frame id of the depth.
        """
        at = INTERVAL * self._shown if at is None else at
        self._shown += 1
        if self._info is not None:
            self._infos.publish(self._info)
        if depth is not None:
            self._depth.publish(depth_message(depth, header(at, depth_frame)))
        self._colour.publish(to_message(self._image, 'rgb8', header(at)))
        return self.answers.wait_for_count(self._shown)[self._shown - 1]
