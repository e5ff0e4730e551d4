# SPDX-License-Identifier: Apache-2.0
"""The network SFace, run by ONNX Runtime, and the alignment of faces that it was trained with."""

from __future__ import annotations

from pathlib import Path

import cv2
from emorec_vision.model_files.block_quantised import unpacked
from emorec_vision.model_files.session import one_thread_session
import numpy as np

SIDE = 112
"""Side of an aligned face, px."""
ALIGNED = np.array([[38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366],
                    [41.5493, 92.3655], [70.7299, 92.2041]], np.float32)
"""Where the landmarks lie in an aligned face, px: those of OpenCV's FaceRecognizerSF."""


class SFaceNetwork:
    """SFace (Zhong et al. 2021, doi:10.1109/TIP.2020.3048632) on one thread.

    Args:
        path: of the ONNX file.

    Raises:
        OSError: if it cannot be read.
        ValueError: if it is no such file, or ONNX Runtime cannot use it.
    """

    def __init__(self, path: Path) -> None:
        """Read the network and try it."""
        try:
            self._session = one_thread_session(unpacked(path.read_bytes()))
            self._input = self._session.get_inputs()[0].name
            self.embed(np.zeros((SIDE, SIDE), np.uint8))
        except OSError:
            raise
        except Exception as error:  # noqa: B902 - ONNX Runtime's share no narrower base class
            raise ValueError(str(error) or type(error).__name__) from None

    def embed(self, aligned: np.ndarray) -> np.ndarray:
        """Return the embedding of an aligned face, gray (112, 112): float32 (128,) of length 1."""
        planes = np.broadcast_to(aligned.astype(np.float32), (1, 3, SIDE, SIDE))
        found: np.ndarray = self._session.run(
            None, {self._input: np.ascontiguousarray(planes)})[0].ravel()
        return of_length_1(found)


def aligned(gray: np.ndarray, landmarks: np.ndarray) -> np.ndarray:
    """Return a face turned, scaled and moved so that its landmarks lie best at `ALIGNED`.

    The least-squares similarity (Umeyama 1991, doi:10.1109/34.88573, without mirroring): with
    points as complex numbers it is one factor and one shift.

    Args:
        gray: uint8 (H, W).
        landmarks: px, float32 (5, 2).

    Returns:
        uint8 (112, 112), black beyond the image.
    """
    ours, theirs = (points.astype(np.float64) @ (1, 1j) for points in (landmarks, ALIGNED))
    middle, goal = ours.mean(), theirs.mean()
    ours = ours - middle
    factor = np.vdot(ours, theirs - goal) / max(np.vdot(ours, ours).real, 1e-9)
    shift = goal - factor * middle
    return cv2.warpAffine(gray, np.array([[factor.real, -factor.imag, shift.real],
                                          [factor.imag, factor.real, shift.imag]]), (SIDE, SIDE))


def of_length_1(embedding: np.ndarray) -> np.ndarray:
    """Return an embedding scaled to length 1."""
    scaled: np.ndarray = embedding / max(float(np.linalg.norm(embedding)), 1e-9)
    return scaled
