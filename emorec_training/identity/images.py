# SPDX-License-Identifier: Apache-2.0
"""The images of an evaluation: a folder per person, perhaps through the live crop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import face_input
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.haar import HaarDetector
from emorec_vision.geometry import Box
from emorec_vision.identity.recognizer import FACE_SIZE
from emorec_vision.people.folder import People
import numpy as np

BORDER = 20
"""Border added before the search, px; faces that fill an image are not found otherwise."""
AT_MOST = 40
"""Images of one person that are used, evenly picked."""
LEAST_PEOPLE = 4


@dataclass(frozen=True)
class ImageSet:
    """Hold images, gray uint8 (H, W), owners (indices into names), what was left out."""

    names: list[str]
    images: list[np.ndarray]
    people: np.ndarray
    warnings: list[str]


def image_set(people: People, train_images: int, detector: HaarDetector | None,
              tick: Callable[[], object] = lambda: None) -> ImageSet:
    """Return the images of all people who have more than are enrolled.

    Args:
        detector: cuts the largest face out of each image; None takes images as they are.
        tick: called after each image.

    Raises:
        InputError: if there are too few people.
    """
    warnings = list(people.warnings)
    names: list[str] = []
    images: list[np.ndarray] = []
    owners: list[int] = []
    for name in people.names:
        theirs = people.images[name]
        if len(theirs) <= train_images:
            warnings.append(f'{name} is left out: {len(theirs)} image(s), and {train_images} '
                            'are enrolled')
            continue
        chosen = np.linspace(0, len(theirs) - 1, min(AT_MOST, len(theirs))).round().astype(int)
        for index in chosen:
            face = theirs[index] if detector is None else live_face(theirs[index], detector)
            tick()
            if face is None:
                warnings.append(f'no face is found in image {index + 1} of {name}')
                continue
            images.append(face)
            owners.append(len(names))
        names.append(name)
    if len(names) < LEAST_PEOPLE:
        raise InputError(
            f'{len(names)} of the people have more than {train_images} images, and an '
            f'evaluation needs {LEAST_PEOPLE}: give a folder with more people, or a smaller '
            '--train-pictures')
    return ImageSet(names, images, np.array(owners), warnings)


def live_face(gray: np.ndarray, detector: HaarDetector) -> np.ndarray | None:
    """Return the largest face of an image as the live graph would see it, None if there is none.

    Args:
        gray: uint8 (H, W).

    Returns:
        uint8 (FACE_SIZE, FACE_SIZE).
    """
    padded = cv2.copyMakeBorder(gray, *[BORDER] * 4, cv2.BORDER_REPLICATE)
    for evidence in (Evidence.SURE, Evidence.EXPECTED, Evidence.ANY):
        found = detector.detect(padded, evidence=evidence)
        if found:
            box: Box = max((face.box for face in found), key=lambda box: box.area)
            return face_input(*context_crop(padded, box), box, FACE_SIZE)
    return None
