# SPDX-License-Identifier: Apache-2.0
"""Find faces with OpenCV's Haar cascade for frontal faces (Viola and Jones 2001)."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import check_gray
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.detector import Looks
from emorec_vision.faces.search.looks import ShrunkLooks
from emorec_vision.faces.search.scan_plan import scan_plan
from emorec_vision.geometry import Box
import numpy as np

CASCADE_NAME = 'haarcascade_frontalface_default.xml'
SYSTEM_CASCADES = Path('/usr/share/opencv4/haarcascades')
"""Where Debian's opencv-data puts the cascades."""

LARGE_IMAGE_SHARE = 0.06
"""Smallest face of a large still image, as a share of its shorter side: textures pass for smaller
ones (docs/detection.md)."""
LOOK_WINDOWS = 34 / 24
"""Side to which a known face is shrunk for a quick look, in training windows. Below two OpenCV
steps by two pixels instead of one, which makes a look four times cheaper."""
LOOK_NEIGHBORS = 2
"""Windows beyond the first that are enough where a face is expected."""


class HaarDetector:
    """Search whole images, or parts of them, for frontal faces with OpenCV's Haar cascade.

    Scale factor and neighbours are those of the original emorec, which searched from 30 px on;
    docs/detection.md has what was measured. The score of a face is its number of neighbours. One
    detector must not be used by two threads at once.

    Args:
        scale_factor: ratio of two successive window sizes, > 1.
        min_neighbors: windows beyond the first that must agree on a face, >= 0.
        min_size: side of the smallest face, px.
        cascade: path of another cascade file; None takes OpenCV's frontal face.

    Raises:
        InputError: for a value out of range or a cascade that cannot be read.
    """

    def __init__(self, scale_factor: float = 1.15, min_neighbors: int = 5, min_size: int = 24,
                 cascade: Path | None = None) -> None:
        if not 1.01 <= scale_factor <= 2.0:
            raise InputError(f'scale_factor is {scale_factor}: give a value from 1.01 to 2.0')
        if min_neighbors < 0:
            raise InputError(f'min_neighbors is {min_neighbors}: give 0 or more')
        if min_size < 1:
            raise InputError(f'min_size is {min_size}: give at least 1 px')
        self.scale_factor = scale_factor
        self.min_neighbors = min_neighbors
        self.min_size = min_size
        self.large_image_share = LARGE_IMAGE_SHARE
        self._classifier = load_cascade(find_cascade(cascade))
        self._window = self._classifier.getOriginalWindowSize()[0]

    def detect(self, gray: np.ndarray, min_size: int | None = None, max_size: int | None = None,
               evidence: Evidence = Evidence.SURE) -> list[Detection]:
        """Return the faces of an image, the surest first.

        Args:
            gray: uint8 (H, W).
            min_size: side of the smallest face, px; None takes the detector's own.
            max_size: side of the largest face, px; None means the image's.
            evidence: how many neighbours make a face; ANY returns every single window.

        Raises:
            InputError: when gray is no uint8 image.
        """
        check_gray(gray)
        smallest = self.min_size if min_size is None else min_size
        if min(gray.shape) < max(smallest, self._window):
            return []
        largest = min(gray.shape) if max_size is None else max_size
        neighbors = {Evidence.SURE: self.min_neighbors, Evidence.ANY: 0,
                     Evidence.EXPECTED: min(LOOK_NEIGHBORS, self.min_neighbors)}[evidence]
        boxes, counts = self._classifier.detectMultiScale2(
            np.ascontiguousarray(gray), scaleFactor=self.scale_factor, minNeighbors=neighbors,
            flags=cv2.CASCADE_SCALE_IMAGE, minSize=(smallest, smallest),
            maxSize=(largest, largest))
        found = [Detection(Box(*(int(value) for value in box)), float(count))
                 for box, count in zip(boxes, counts)]
        return sorted(found, key=lambda face: -face.score)

    def looks(self) -> Looks:
        """Return how a stream of images is searched with this detector."""
        return _HaarLooks(self, self._window)


class _HaarLooks(ShrunkLooks):
    """The looks of a cascade that was trained on windows of a side, px."""

    def __init__(self, detector: HaarDetector, window: int) -> None:
        super().__init__(
            detector, detector.scale_factor, LOOK_WINDOWS * window,
            lambda width, height: scan_plan(
                width, height, detector.scale_factor, detector.min_size, window))
        self._factor = detector.scale_factor
        self._window = window

    def gain(self, side: int) -> float:
        """Return 4 where a quick look steps by two pixels and a full search by one, else 1."""
        return 4.0 if side >= 2 * self._window else 1.0

    def rounding(self, side: int) -> float:
        """Return by how much OpenCV's rounding to whole px enlarged a window of this side."""
        steps = round(math.log(side / self._window, self._factor))
        exact = self._window * self._factor ** steps
        return round(exact) / exact


def find_cascade(given: Path | None = None) -> Path:
    """Return the cascade file: the given one, OpenCV's own, or the system's.

    Raises:
        InputError: when there is none.
    """
    if given is not None:
        if Path(given).is_file():
            return Path(given)
        raise InputError(f'no cascade file {given}: name one, or none to take that of OpenCV')
    folders = [SYSTEM_CASCADES]
    if hasattr(cv2, 'data'):
        folders.insert(0, Path(cv2.data.haarcascades))
    for folder in folders:
        if (folder / CASCADE_NAME).is_file():
            return folder / CASCADE_NAME
    raise InputError(f'{CASCADE_NAME} is not in {" or ".join(map(str, folders))}: '
                     'install opencv-data or name the file')


def load_cascade(path: Path) -> cv2.CascadeClassifier:
    """Return the classifier of a cascade file.

    Raises:
        InputError: when the file is no cascade.
    """
    classifier = cv2.CascadeClassifier()
    try:
        loaded = classifier.load(str(path))
    except cv2.error:
        loaded = False
    if not loaded or classifier.empty():
        raise InputError(f'{path} is no cascade file: name an OpenCV cascade (.xml)')
    return classifier
