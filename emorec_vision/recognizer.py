# SPDX-License-Identifier: Apache-2.0
"""Whose face a picture shows: local binary pattern histograms of the enrolled people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
import math

import cv2
from emorec_vision.errors import InputError
from emorec_vision.face_crop import face_input
from emorec_vision.geometry import Box
from emorec_vision.people import People
import numpy as np

FACE_SIZE = 150
"""Side in px to which the detector's box is brought, in enrolled pictures and in life."""
BACKGROUND = 0.1
"""Share of the box cut off on each side: what lies there is the room, not the person."""
INPUT_SIZE = 100
"""Side in px of what is left when it is compared."""
DEFAULT_THRESHOLD = 37.5
"""Distance up to which a look is a known person: 1 % of looks at strangers lie below it.

Measured with the default radius and grid on ORL through Haar boxes, 30 people enrolled with 5
pictures each and 10 strangers; test_identity_on_orl.py measures it again.
"""


@dataclass(frozen=True)
class Match:
    """Hold the nearest enrolled person and the LBPH distance (chi-square, lower is nearer).

    second_distance: that of the nearest other person, NaN when there is none.
    """

    person: str
    distance: float
    second_distance: float = math.nan


class FaceRecognizer:
    """Recognise faces with OpenCV's LBPH recogniser, on evenly lit pictures.

    Ahonen, Hadid and Pietikainen 2006, doi:10.1109/TPAMI.2006.244, after the normalisation of
    Tan and Triggs 2010, doi:10.1109/TIP.2010.2042645.

    :param people: who is enrolled.
    :param radius: of the binary pattern, px at a side of `INPUT_SIZE`.
    :param neighbors: points of the pattern.
    :param grid: histograms per row and column of the face.
    :param templates_per_person: pictures used of each, evenly picked; bounds a look's time.
    :param threshold: largest distance at which a look counts as the person.
    :raises InputError: if OpenCV has no face module.
    """

    def __init__(self, people: People, radius: int = 2, neighbors: int = 8, grid: int = 6,
                 templates_per_person: int = 20, threshold: float = DEFAULT_THRESHOLD) -> None:
        """Enrol everybody."""
        if not hasattr(cv2, 'face'):
            raise InputError('this OpenCV has no face module; install python3-opencv (ROS) or '
                             'opencv-contrib-python (pip)')
        self.names = people.names
        self.threshold = threshold
        templates, labels = [], []
        for label, name in enumerate(self.names):
            for picture in _evenly(people.pictures[name], templates_per_person):
                templates.append(_prepared(picture))
                labels.append(label)
        self._lbph = cv2.face.LBPHFaceRecognizer_create(radius, neighbors, grid, grid)
        self._lbph.train(templates, np.array(labels, np.int32))

    def look(self, face: np.ndarray) -> Match:
        """Return the nearest person, however far; compare the distance with `threshold`.

        :param face: uint8 (H, W), cut to the detector's box.
        """
        label, distance = self._lbph.predict(_prepared(face))
        return Match(self.names[label], distance)


def _evenly(pictures: Sequence[np.ndarray], count: int) -> list[np.ndarray]:
    """Return at most `count` pictures, evenly spread over all of them."""
    chosen = np.linspace(0, len(pictures) - 1, min(count, len(pictures))).round().astype(int)
    return [pictures[index] for index in chosen]


def _prepared(face: np.ndarray) -> np.ndarray:
    """Return a face as the recogniser compares it: uint8, its middle, one size, evenly lit.

    Tan and Triggs 2010 with their gamma, tau and alpha, and Gaussians of 1 and 2 px.
    """
    whole = Box(0, 0, face.shape[1], face.shape[0])
    levels = (np.arange(256, dtype=np.float32) + 1.0) ** 0.2
    light = cv2.LUT(face_input(face, whole, whole.expand(-BACKGROUND), INPUT_SIZE), levels)
    local = cv2.GaussianBlur(light, (0, 0), 1.0) - cv2.GaussianBlur(light, (0, 0), 2.0)
    local /= np.mean(np.abs(local) ** 0.1) ** 10 + 1e-6
    local /= np.mean(np.minimum(np.abs(local), 10.0) ** 0.1) ** 10 + 1e-6
    return np.clip(127.5 + 127.0 * np.tanh(local / 10.0), 0, 255).astype(np.uint8)
