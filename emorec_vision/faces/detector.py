# SPDX-License-Identifier: Apache-2.0
"""What a face detector is: it finds faces in an image, and can look at parts of it cheaply."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from emorec_vision.errors import InputError
from emorec_vision.faces.search.scan_plan import Scan
from emorec_vision.geometry import Box
from emorec_vision.geometry import same_face
import numpy as np

Landmarks = tuple[tuple[float, float], ...]
"""Five points (x, y) in px: right eye, left eye, tip of the nose, right and left corner of the
mouth, as the person has them."""
PART_AREA = 2.0
"""A face in whose box another one lies is at least so many times as large..."""
PART_INSIDE = 0.8
"""...and holds at least this share of it, to be the only face of the two."""


@dataclass(frozen=True)
class Detection:
    """A face found in an image.

    Attributes:
        box: a Haar square: eyebrows to chin and a little more, as wide as high, px.
        score: on its detector's own scale, higher is surer.
        landmarks: None where the detector gives none.
    """

    box: Box
    score: float
    landmarks: Landmarks | None = None


class Evidence(Enum):
    """How much evidence makes a face."""

    SURE = 'as much as the detector is set to'
    EXPECTED = 'less, where a face was a moment ago'
    ANY = 'the least suspicion, and one face may come several times'


class FaceDetector(Protocol):
    """Finds faces in whole images.

    Attributes:
        min_size: side of the smallest face, px.
        large_image_share: the same in large still images, as a share of their shorter side;
            the larger of the two counts.
    """

    min_size: int
    large_image_share: float

    def detect(self, gray: np.ndarray, min_size: int | None = None, max_size: int | None = None,
               evidence: Evidence = Evidence.SURE) -> list[Detection]:
        """Return the faces of an image uint8 (H, W), the surest first; sizes in px."""

    def looks(self) -> Looks:
        """Return how a stream of images is searched with this detector."""


class Looks(Protocol):
    """The searches of parts of an image that the search of a stream is made of."""

    def quick(self, gray: np.ndarray, region: Box, side: int, is_wide: bool) -> list[Detection]:
        """Return the faces of about `side` px in a region where one is expected, at low cost.

        `is_wide` allows for a face whose size has changed.
        """

    def thorough(self, gray: np.ndarray, region: Box, side: int) -> list[Detection]:
        """Return the faces of about `side` px in a region as the full search would find them."""

    def plan(self, width: int, height: int) -> list[tuple[Scan, ...]]:
        """Return slices of like cost that together search an image of this size once."""

    def suspects(self, gray: np.ndarray, scan: Scan) -> list[Detection]:
        """Return where a scan suspects faces; one face may come several times."""


def check_gray(gray: np.ndarray) -> None:
    """Raise InputError unless gray is a uint8 image (H, W) with at least one pixel."""
    if not isinstance(gray, np.ndarray) or gray.dtype != np.uint8 or gray.ndim != 2:
        kind = (f'{gray.dtype} {gray.shape}' if isinstance(gray, np.ndarray)
                else type(gray).__name__)
        raise InputError(f'a gray image must be uint8 (height, width), not {kind}')
    if gray.size == 0:
        raise InputError(f'the image is empty: {gray.shape[1]}x{gray.shape[0]} px')


def shows(box: Box, faces: Iterable[Detection]) -> bool:
    """Tell whether one of the faces is that of the box."""
    return any(same_face(box, face.box) for face in faces)


def inside_larger(face: Detection, others: Iterable[Detection]) -> bool:
    """Tell whether a face is only a part of another one, such as its smile.

    It is when it lies almost wholly inside a much larger face that is at least as sure.
    """
    box = face.box
    return any(other.box.area > PART_AREA * box.area and other.score >= face.score
               and other.box.intersection(box) >= PART_INSIDE * box.area for other in others)


def merged(faces: Iterable[Detection]) -> list[Detection]:
    """Return the faces, surest first, without those that show a surer one once more."""
    kept: list[Detection] = []
    for face in sorted(faces, key=lambda face: -face.score):
        if not shows(face.box, kept):
            kept.append(face)
    return kept
