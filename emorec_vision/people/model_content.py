# SPDX-License-Identifier: Apache-2.0
"""What recognisers learned, as the content of a file: OpenCV's YAML, or NumPy's arrays."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

from emorec_vision.identity import lbp as lbph
from emorec_vision.identity.embedder import LENGTH
from emorec_vision.identity.factory import LBPH
from emorec_vision.identity.factory import SFACE
from emorec_vision.identity.recognizer import FaceRecognizer
from emorec_vision.identity.recognizer import new_lbph
from emorec_vision.identity.recognizer import TEMPLATES
from emorec_vision.identity.recognizer import TrainedRecognizer
from emorec_vision.identity.sface import EmbeddingRecognizer
from emorec_vision.identity.sface import PHOTOS
from emorec_vision.identity.threshold import ThresholdCalibration
import numpy as np

FORMATS: dict[str, dict[str, Any]] = {
    LBPH: {'version': 2, 'radius': lbph.RADIUS, 'neighbors': lbph.NEIGHBORS, 'grid': lbph.GRID,
           'window': lbph.WINDOW, 'face_side': lbph.FACE_SIDE, 'templates': TEMPLATES},
    SFACE: {'version': 1, 'recognizer': SFACE, 'length': LENGTH, 'photos': PHOTOS}}
"""What must be equal for a model to be read, by the recogniser; another one is trained anew."""
SUFFIXES = {LBPH: '.yaml', SFACE: '.npy'}


def kind_of(recognizer: TrainedRecognizer) -> str:
    """Return which recogniser it is."""
    return SFACE if isinstance(recognizer, EmbeddingRecognizer) else LBPH


def content_of(recognizer: TrainedRecognizer) -> bytes:
    """Return what a recogniser learned, as the content of a file."""
    if isinstance(recognizer, EmbeddingRecognizer):
        stream = BytesIO()
        np.save(stream, recognizer.photos, allow_pickle=False)
        return stream.getvalue()
    assert isinstance(recognizer, FaceRecognizer)
    return recognizer.content()


def recognizer_from(path: Path, people: list[dict[str, Any]],
                    calibration: ThresholdCalibration) -> TrainedRecognizer:
    """Return the recogniser that was written to a file.

    Args:
        people: name and number of templates of each person, as in the model's index.

    Raises:
        ValueError: if the file is none; so do TypeError and OpenCV's error.
    """
    names = [str(person['name']) for person in people]
    if path.suffix == SUFFIXES[LBPH]:
        templates = new_lbph()
        templates.read(str(path))
        return FaceRecognizer(templates, names, calibration)
    photos = np.load(path, allow_pickle=False)
    owners = np.repeat(np.arange(len(names)), [int(person['templates']) for person in people])
    if photos.dtype != np.float32 or photos.shape != (len(owners), 2, LENGTH):
        raise ValueError(f'embeddings {photos.dtype} {photos.shape}')
    return EmbeddingRecognizer(photos, owners, names, calibration)
