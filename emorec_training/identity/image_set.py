# SPDX-License-Identifier: Apache-2.0
"""Which images an evaluation uses: of each person some, perhaps through the live crop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import context_crop
from emorec_vision.faces.crop import face_input
from emorec_vision.faces.detector import Evidence
from emorec_vision.faces.detectors.haar import HaarDetector
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
    """The images of an evaluation.

    Attributes:
        names: of the people.
        images: gray uint8 (H, W) each.
        owners: whose each image is, index into `names`, int (N,).
        warnings: what was left out, one line each.
    """

    names: list[str]
    images: list[np.ndarray]
    owners: np.ndarray
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
    images: dict[str, list[np.ndarray]] = {}
    for name in people.names:
        found = _faces_of(people, name, detector, warnings, tick)
        if len(found) > train_images:
            images[name] = found
        else:
            warnings.append(f'{name} is left out: {len(found)} image(s), and {train_images} are '
                            'enrolled')
    if len(images) < LEAST_PEOPLE:
        raise InputError(
            f'{len(images)} of the people have more than {train_images} images, and an '
            f'evaluation needs {LEAST_PEOPLE}: give a folder with more people, or a smaller '
            '--train-pictures')
    return ImageSet(
        list(images), [image for theirs in images.values() for image in theirs],
        np.repeat(np.arange(len(images)), [len(theirs) for theirs in images.values()]), warnings)


def _faces_of(people: People, name: str, detector: HaarDetector | None, warnings: list[str],
              tick: Callable[[], object]) -> list[np.ndarray]:
    """Return at most `AT_MOST` faces of a person."""
    theirs, faces = people.images[name], []
    for index in np.linspace(0, len(theirs) - 1, min(AT_MOST, len(theirs))).round().astype(int):
        face = theirs[index] if detector is None else live_face(theirs[index], detector)
        tick()
        if face is None:
            warnings.append(f'no face is found in image {index + 1} of {name}')
        else:
            faces.append(face)
    return faces


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
