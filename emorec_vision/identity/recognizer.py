# SPDX-License-Identifier: Apache-2.0
"""What a recogniser of faces is, and OpenCV's LBPH recogniser, made to bear small shifts."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
import math
from typing import Any
from typing import Protocol

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.identity.gallery import Gallery
from emorec_vision.identity.gallery import margin_score
from emorec_vision.identity.lbp import evenly_lit
from emorec_vision.identity.lbp import GRID
from emorec_vision.identity.lbp import NEIGHBORS
from emorec_vision.identity.lbp import RADIUS
from emorec_vision.identity.lbp import window_histograms
from emorec_vision.identity.templates import choose_templates
from emorec_vision.identity.threshold import calibrate
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.identity.threshold import LEAST_OTHERS
from emorec_vision.identity.threshold import ThresholdCalibration
import numpy as np

FACE_SIZE = 150
"""Side in px to which the detector's box is brought, in enrolled images and in life."""
TEMPLATES = 20
"""Histograms kept of each person."""


@dataclass(frozen=True)
class Match:
    """The enrolled person who is nearest to a face.

    Attributes:
        person: the name.
        distance: the recogniser's own (of LBPH chi-square, of SFace 1 less the cosine), lower is
            nearer.
        second_distance: that of the nearest other person, NaN when only one is enrolled.
    """

    person: str
    distance: float
    second_distance: float = math.nan

    @property
    def score(self) -> float:
        """Return what decides, as `margin_score`."""
        return margin_score(self.distance, self.second_distance)


class Recognizer(Protocol):
    """What decisions per track need: looks, and the score up to which they count."""

    threshold: float

    def look(self, face: FaceCrop) -> Match:
        """Return the nearest person to a face, however far."""


class TrainedRecognizer(Recognizer, Protocol):
    """A recogniser that learned people.

    Attributes:
        names: of the people, sorted.
        calibration: says up to which score of a match the face is that person's.
    """

    names: list[str]
    calibration: ThresholdCalibration

    @property
    def template_counts(self) -> list[int]:
        """Return how many templates are kept of each person, in the order of `names`."""


class FaceRecognizer:
    """Recognise faces by the local binary patterns of their images.

    Args:
        templates: OpenCV's recogniser, trained on `middle_window`s; labels are indices.
        names: of the labels.
        calibration: says up to which score of a match the face is that person's.
    """

    def __init__(self, templates: Any, names: Sequence[str],
                 calibration: ThresholdCalibration) -> None:
        """Read OpenCV's histograms."""
        self.names = list(names)
        self.calibration = calibration
        self.threshold = calibration.threshold
        self._lbph = templates
        self._gallery = Gallery(np.concatenate(templates.getHistograms()),
                                np.asarray(templates.getLabels()).ravel())

    @property
    def template_counts(self) -> list[int]:
        """Return how many histograms are kept of each person, in the order of `names`."""
        return [int(count) for count in
                np.bincount(self._gallery.labels, minlength=len(self.names))]

    def content(self) -> bytes:
        """Return the histograms as the text of a file in OpenCV's own format (YAML)."""
        storage = cv2.FileStorage('.yaml', cv2.FileStorage_WRITE | cv2.FileStorage_MEMORY)
        cv2.Algorithm.write(self._lbph, storage, self._lbph.getDefaultName())
        return storage.releaseAndGetString().encode()

    def look(self, face: FaceCrop) -> Match:
        """Return the nearest person, however far; compare its score with `threshold`."""
        pixels = face.crop if face.box == face.crop_box else face.pixels(FACE_SIZE)
        nearest = self._gallery.nearest(window_histograms(evenly_lit(pixels)))
        return Match(self.names[nearest.label], nearest.distance, nearest.second_distance)


def train(people: Mapping[str, Sequence[np.ndarray]], false_accept: float = FALSE_ACCEPT,
          templates_per_person: int = TEMPLATES) -> FaceRecognizer:
    """Learn people, and how far strangers are from them.

    Args:
        people: face images by name, gray uint8 (H, W), cut to the detector's box.
        false_accept: share of looks at strangers that may pass for somebody, 0..1.

    Raises:
        InputError: if OpenCV has no face module, or false_accept is out of range.
    """
    check_false_accept(false_accept)
    names = sorted(people)
    windows: list[np.ndarray] = []
    origins: list[tuple[int, int]] = []
    for label, name in enumerate(names):
        chosen, sources = choose_templates(people[name], templates_per_person)
        windows += chosen
        origins += [(label, source) for source in sources]
    templates = new_lbph()
    templates.train(windows, np.array([label for label, _ in origins], np.int32))
    gallery = Gallery(np.concatenate(templates.getHistograms()), np.array(origins)[:, 0])
    strangers, friends = _own_scores([people[name] for name in names], gallery, np.array(origins))
    calibration = calibrate(strangers, friends, len(names), false_accept)
    return FaceRecognizer(templates, names, calibration)


def check_false_accept(share: float) -> None:
    """Raise InputError unless a false-accept rate lies between 0 and 1."""
    if not 0.0 < share < 1.0:
        raise InputError(f'the false-accept rate is {share}: give a value between 0 and 1, '
                         f'such as {FALSE_ACCEPT}')


def new_lbph() -> Any:
    """Return an untrained recogniser of OpenCV.

    Raises:
        InputError: if OpenCV has no face module.
    """
    if not hasattr(cv2, 'face'):
        raise InputError('this OpenCV has no face module; install python3-opencv (ROS) or '
                         'opencv-contrib-python (pip)')
    return cv2.face.LBPHFaceRecognizer_create(RADIUS, NEIGHBORS, GRID, GRID)


def _own_scores(images: Sequence[Sequence[np.ndarray]], gallery: Gallery,
                origins: np.ndarray) -> tuple[list[float], list[float]]:
    """Look at the images behind the templates, as strangers' and as friends'.

    Args:
        images: of each person.
        origins: label and index of the image of each template, (T, 2).

    Returns:
        scores without the person, and without the image (infinite if another is nearer).
    """
    strangers, friends = [], []
    for label, source in np.unique(origins, axis=0):
        windows = window_histograms(evenly_lit(images[label][source]))
        theirs = origins[:, 0] == label
        if len(images) > LEAST_OTHERS:
            strangers.append(gallery.nearest(windows, without=theirs).score)
        image = theirs & (origins[:, 1] == source)
        if (theirs & ~image).any():
            found = gallery.nearest(windows, without=image)
            friends.append(found.score if found.label == label else math.inf)
    return strangers, friends
