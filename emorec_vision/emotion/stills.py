# SPDX-License-Identifier: Apache-2.0
"""The faces of images that have nothing to do with each other, and the emotion of each."""

from dataclasses import dataclass

import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.geometry import Box
import numpy as np


@dataclass(frozen=True)
class StillFace:
    """One face: its box in px, its network input and the probability of each label by name.

    crop: uint8 (S, S), exactly what the network saw.
    """

    box: Box
    crop: np.ndarray
    probabilities: dict[str, float]

    @property
    def emotion(self) -> str:
        """Return the most probable emotion."""
        return max(self.probabilities, key=self.probabilities.__getitem__)

    @property
    def probability(self) -> float:
        """Return the probability of that emotion (0..1)."""
        return self.probabilities[self.emotion]


class StillFaces:
    """Find the faces of still images as the live detector does, and tell their emotions.

    Everything but the live graph uses this class, so that one image gets one answer
    everywhere. It must not be used by two threads at once.
    """

    def __init__(self, model: EmotionModel, detector: FaceDetector | None = None) -> None:
        """Take the emotion model and what finds faces; None means what auto takes."""
        self._finder = FaceFinder(detector or open_detector(), DepthGate(), stills=True)
        self._model = model

    def predict(self, rgb: np.ndarray) -> list[StillFace]:
        """Return the faces of an image, uint8 (H, W, 3) RGB, from left to right."""
        faces = self._finder.process(cv2.cvtColor(rgb, cv2.COLOR_RGB2GRAY), 0).faces
        faces.sort(key=lambda face: (face.box.x, face.box.y))
        if not faces:
            return []
        inputs = np.stack([face.pixels(self._model.input_size) for face in faces])
        labels = self._model.labels
        return [StillFace(face.box, crop, dict(zip(labels, map(float, row), strict=True)))
                for face, crop, row
                in zip(faces, inputs, self._model.predict(inputs), strict=True)]
