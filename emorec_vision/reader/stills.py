# SPDX-License-Identifier: Apache-2.0
"""The faces of images that have nothing to do with each other, and the emotion of each."""

from collections.abc import Sequence
from typing import Protocol

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.identity.recognizer import Recognizer
from emorec_vision.reader.readings import FaceReading
import numpy as np


class EmotionTeller(Protocol):
    """What tells emotions apart, as EmotionModel does.

    Attributes:
        labels: the K emotions.
        input_size: S, px.
    """

    labels: tuple[str, ...]
    input_size: int

    def predict(self, inputs: np.ndarray) -> np.ndarray:
        """Return the probabilities, float (N, K), of uint8 (N, S, S)."""


class StillFaces:
    """Find the faces of still images as the live detector does, and tell their emotions.

    Everything but streams uses this class, so that one image gets one answer everywhere. It must
    not be used by two threads at once.

    Args:
        model: tells the emotions.
        detector: finds the faces; None means what auto takes.
        recognizer: tells who they are; None: everybody is unknown.
    """

    def __init__(self, model: EmotionTeller, detector: FaceDetector | None = None,
                 recognizer: Recognizer | None = None) -> None:
        self._finder = FaceFinder(detector or open_detector(), DepthGate(), stills=True)
        self._model = model
        self._recognizer = recognizer

    def predict(self, rgb: np.ndarray) -> list[FaceReading]:
        """Return the faces of an image, uint8 (H, W, 3) RGB, from left to right."""
        faces = self._finder.process(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 0).faces
        faces.sort(key=lambda face: (face.box.x, face.box.y))
        if not faces:
            return []
        inputs = np.stack([face.pixels(self._model.input_size) for face in faces])
        labels = self._model.labels
        return [FaceReading(face.box, crop, dict(zip(labels, map(float, row), strict=True)),
                            name, face.score, face.landmarks, face.pose)
                for face, crop, row, name
                in zip(faces, inputs, self._model.predict(inputs), self._names(faces),
                       strict=True)]

    def _names(self, faces: Sequence[FaceCrop]) -> list[str]:
        """Return who the faces are; of two that look like one person the nearer one is."""
        if self._recognizer is None:
            return [''] * len(faces)
        names = [''] * len(faces)
        looks = [(self._recognizer.look(face), number) for number, face in enumerate(faces)]
        for match, number in sorted(looks, key=lambda look: look[0].distance):
            if match.score <= self._recognizer.threshold and match.person not in names:
                names[number] = match.person
        return names
