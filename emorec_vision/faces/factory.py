# SPDX-License-Identifier: Apache-2.0
"""Open a face detector by its name."""

from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.haar import HaarDetector
from emorec_vision.faces.yunet import YuNetDetector

DETECTORS = ('haar', 'yunet')


def open_detector(name: str = '', model: str | Path = '', min_size: int = 24,
                  scale_factor: float = 1.15, min_neighbors: int = 5,
                  cascade: str | Path = '') -> FaceDetector:
    """Return a detector.

    Args:
        name: one of DETECTORS; '' takes yunet where a model is given, else haar.
        model: path of YuNet's ONNX file.
        min_size: side of the smallest face, px.
        scale_factor: ratio of two face sizes that haar searches.
        min_neighbors: windows beyond the first that make a face of haar.
        cascade: another cascade file for haar; '' takes OpenCV's frontal face.

    Raises:
        InputError: for an unknown name, a value out of range, or a file that is missing or none
            of the detector's kind.
    """
    name = name or ('yunet' if str(model) else 'haar')
    if name == 'yunet':
        return YuNetDetector(model, min_size)
    if name != 'haar':
        raise InputError(f'detector is {name!r}: give one of {", ".join(DETECTORS)}')
    return HaarDetector(scale_factor, min_neighbors, min_size, Path(cascade) if cascade else None)
