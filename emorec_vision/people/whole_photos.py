# SPDX-License-Identifier: Apache-2.0
"""The one clear face of a whole photo, cut as `emorec faces acquire` cuts it."""

from __future__ import annotations

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import face_input
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.geometry import Box
from emorec_vision.identity.recognizer import FACE_SIZE
import numpy as np

SEARCHED = 640
"""Longest side at which a photo is searched, px."""
BORDER = 0.2
"""Border added before the search, as a share of the shorter side; faces that fill an image are
not found otherwise."""
FILLS = 0.7
"""A face of this share of the shorter side fills the image: it was cut already."""
SMALL = 200
"""An image without a face that is found counts as a cut one if no side is longer, px."""
BESIDE = 0.5
"""Faces below this share of the largest are in the background and do not count."""


class FaceCutter:
    """Cuts the face out of photos, with YuNet where its weights are, else with Haar."""

    def __init__(self) -> None:
        self._detector: FaceDetector | None = None

    def cut(self, photo: np.ndarray) -> np.ndarray:
        """Return the face of a photo, or the photo itself if a face fills it: gray uint8 (H, W).

        Raises:
            InputError: if it shows no face, or several.
        """
        if photo.shape == (FACE_SIZE, FACE_SIZE):
            return photo
        boxes = self._faces(photo)
        if not boxes and max(photo.shape) <= SMALL:
            return photo
        if len(boxes) != 1:
            raise InputError(f'it shows {len(boxes) or "no"} face{"s" * bool(boxes)}, and one is '
                             'needed')
        box = boxes[0]
        if box.width >= FILLS * min(photo.shape):
            return photo
        return face_input(photo, Box(0, 0, *photo.shape[::-1]), box, FACE_SIZE)

    def _faces(self, photo: np.ndarray) -> list[Box]:
        """Return the faces that count, px of the photo."""
        if self._detector is None:
            self._detector = open_detector()
        scale = min(SEARCHED / max(photo.shape), 1.0)
        small = cv2.resize(photo, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        border = round(BORDER * min(small.shape))
        found = [face.box for face in self._detector.detect(
            cv2.copyMakeBorder(small, *[border] * 4, cv2.BORDER_REPLICATE))]
        largest = max((box.width for box in found), default=0)
        return [Box(round((box.x - border) / scale), round((box.y - border) / scale),
                    round(box.width / scale), round(box.height / scale))
                for box in found if box.width >= BESIDE * largest]
