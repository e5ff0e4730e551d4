# SPDX-License-Identifier: Apache-2.0
"""Search a still image for faces, a large one in a shrunk copy."""

import math

import cv2
from emorec_vision.faces.detector import check_gray
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detector import merged
from emorec_vision.faces.search.looks import placed
from emorec_vision.geometry import Box
import numpy as np

MAX_PIXELS = 1.5e6
"""Images with more pixels are large: they are searched in a copy of about this many. At full size
their noise and textures pass for faces (docs/detection.md)."""


def search_still(detector: FaceDetector, gray: np.ndarray) -> list[Detection]:
    """Return the faces of an image uint8 (H, W), the surest first, in its own px.

    Raises:
        InputError: when gray is no uint8 image.
    """
    check_gray(gray)
    shrink = math.sqrt(gray.size / MAX_PIXELS)
    if shrink <= 1:
        return merged(detector.detect(gray))
    height, width = (max(round(side / shrink), 1) for side in gray.shape)
    small = cv2.resize(gray, (width, height), interpolation=cv2.INTER_AREA)
    smallest = max(detector.min_size, round(detector.large_image_share * min(width, height)))
    whole = Box(0, 0, gray.shape[1], gray.shape[0])
    return [placed(face, whole, gray.shape[1] / width)
            for face in merged(detector.detect(small, smallest))]
