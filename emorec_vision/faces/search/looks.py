# SPDX-License-Identifier: Apache-2.0
"""Look at parts of an image with a detector: in shrunk copies, with less evidence."""

from __future__ import annotations

from collections.abc import Callable
import math

import cv2
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.search.scan_plan import Scan
from emorec_vision.geometry import Box
import numpy as np

LOOK_SCALES = 1
"""Face sizes tried above and below the last size of a known face."""
WIDE_SCALES = 2
"""The same for a face that was just missed or that a slice proposed."""


class ShrunkLooks:
    """The looks of a detector that finds faces best at one size.

    Args:
        detector: finds faces in the parts.
        step: ratio of two successive face sizes.
        side: to which a known face is shrunk for a quick look, px.
        plan: gives the slices of an image of a width and height, px.
    """

    def __init__(self, detector: FaceDetector, step: float, side: float,
                 plan: Callable[[int, int], list[tuple[Scan, ...]]]) -> None:
        self._detector = detector
        self._step = step
        self._side = side
        self.plan = plan

    def quick(self, gray: np.ndarray, region: Box, side: int, is_wide: bool) -> list[Detection]:
        """Return the faces of about `side` px in a region, searched for in a shrunk copy."""
        shrink = self._step ** max(
            0, round(math.log(max(side, 1) / self._side, self._step)))
        size = (max(round(region.width / shrink), 1), max(round(region.height / shrink), 1))
        patch = _cut(gray, region)
        if shrink > 1:
            patch = cv2.resize(patch, size, interpolation=cv2.INTER_AREA)
        span = self._step ** ((WIDE_SCALES if is_wide else LOOK_SCALES) + 0.5)
        smallest = max(side / span, self._detector.min_size) / shrink
        faces = self._detector.detect(patch, round(smallest), round(side * span / shrink),
                                      Evidence.EXPECTED)
        gain = self.gain(side)
        return [placed(face, region, region.width / size[0], gain,
                       self.rounding(face.box.width) if shrink > 1 else 1.0) for face in faces]

    def thorough(self, gray: np.ndarray, region: Box, side: int) -> list[Detection]:
        """Return the faces of about `side` px in a region as the full search finds them."""
        span = self._step ** (WIDE_SCALES + 0.5)
        faces = self._detector.detect(_cut(gray, region),
                                      max(round(side / span), self._detector.min_size),
                                      round(side * span))
        return [placed(face, region) for face in faces]

    def suspects(self, gray: np.ndarray, scan: Scan) -> list[Detection]:
        """Return where a scan suspects faces; one face may come several times."""
        image = gray
        if scan.shrink > 1:
            size = (gray.shape[1] // scan.shrink, gray.shape[0] // scan.shrink)
            image = cv2.resize(gray, size, interpolation=cv2.INTER_AREA)
        found = self._detector.detect(image[scan.top:scan.bottom], scan.smallest, scan.largest,
                                      Evidence.ANY)
        shown = Box(0, scan.top * scan.shrink, gray.shape[1], gray.shape[0])
        return [placed(face, shown, gray.shape[1] / image.shape[1]) for face in found]

    def gain(self, side: int) -> float:
        """Return by what a quick look at a face of this side scores less than a full search."""
        return 1.0

    def rounding(self, side: int) -> float:
        """Return by how much the detector's rounding enlarged a box of this side."""
        return 1.0


def placed(face: Detection, region: Box, scale: float = 1.0, gain: float = 1.0,
           rounding: float = 1.0) -> Detection:
    """Return a face found in a region, shrunk by `scale`, where it lies in the image."""
    box = face.box
    side = round(box.width * scale / rounding)
    landmarks = face.landmarks and tuple(
        (x * scale + region.x, y * scale + region.y) for x, y in face.landmarks)
    return Detection(Box(round(box.x * scale + region.x), round(box.y * scale + region.y),
                         side, side), face.score * gain, landmarks)


def _cut(gray: np.ndarray, region: Box) -> np.ndarray:
    return gray[region.y:region.bottom, region.x:region.right]
