# SPDX-License-Identifier: Apache-2.0
"""Run YuNet with ONNX Runtime, and read its answers as OpenCV's FaceDetectorYN does."""

from __future__ import annotations

import cv2
from emorec_vision.model_files.block_quantised import unpacked
from emorec_vision.model_files.session import give_back
from emorec_vision.model_files.session import one_thread_session
import numpy as np

STRIDES = (8, 16, 32)
"""Each level of the network answers once per so many px; images are padded to whole ones."""
OUTPUTS = ('cls', 'obj', 'bbox', 'kps')
OVERLAP = 0.3
"""IoU from which on the weaker of two boxes is dropped; the value of OpenCV's own example."""
MOST_BOXES = 5000
LARGE_PIXELS = 1920 * 1080
"""From here on, the memory of a search, about 100 bytes a pixel, is given back after it."""


class YuNetNetwork:
    """YuNet of 2023: Wu, Peng and Yu, doi:10.1007/s11633-023-1423-y.

    Answers are those of cv2.FaceDetectorYN (opencv/modules/objdetect/src/face_detect.cpp of
    4.14) with the same file, in half of its time (docs/detection.md), and with any OpenCV.

    Args:
        model: content of face_detection_yunet_2023mar.onnx, or of its int8bq version.
        least_score: with which a face is returned, 0..1.

    Raises:
        Exception: for what is no YuNet; ONNX Runtime's errors share no narrower class.
    """

    def __init__(self, model: bytes, least_score: float) -> None:
        self._session = one_thread_session(unpacked(model))
        self._least_score = least_score
        self._input = self._session.get_inputs()[0].name
        self._names = [f'{name}_{stride}' for stride in STRIDES for name in OUTPUTS]
        self.detect(np.zeros((1, 1), np.uint8))

    def detect(self, gray: np.ndarray) -> np.ndarray:
        """Return the faces of an image uint8 (H, W), the surest first.

        Returns:
            float32 (N, 15) in px: x, y, width and height of the box, x and y of right eye, left
            eye, tip of the nose, right and left corner of the mouth, and the score, 0..1.
        """
        height, width = (-(-side // STRIDES[-1]) * STRIDES[-1] for side in gray.shape)
        padded = np.zeros((1, 3, height, width), np.float32)
        padded[..., :gray.shape[0], :gray.shape[1]] = gray
        large = give_back() if gray.size > LARGE_PIXELS else None
        answers = self._session.run(self._names, {self._input: padded}, large)
        rows = np.concatenate([
            self._level(stride, width // stride, *(each[0] for each in answers[at:at + 4]))
            for stride, at in zip(STRIDES, (0, 4, 8))])
        rows = rows[np.isfinite(rows).all(axis=1)]
        kept = cv2.dnn.NMSBoxes(rows[:, :4].astype(int).tolist(), rows[:, 14].tolist(),
                                self._least_score, OVERLAP, 1.0, MOST_BOXES)
        return rows[np.ravel(np.asarray(kept, int))]

    def _level(self, stride: int, columns: int, cls: np.ndarray, obj: np.ndarray,
               bbox: np.ndarray, kps: np.ndarray) -> np.ndarray:
        """Return the faces of a level, of all its answers (M, 1), (M, 1), (M, 4), (M, 10)."""
        scores = np.sqrt(np.clip(cls[:, 0], 0, 1) * np.clip(obj[:, 0], 0, 1))
        chosen = np.flatnonzero(scores >= self._least_score)
        places = np.stack([chosen % columns, chosen // columns], axis=1).astype(np.float32)
        sides = np.exp(bbox[chosen, 2:]) * stride
        corners = (places + bbox[chosen, :2]) * stride - sides / 2
        points = kps[chosen] * stride + np.tile(places, 5) * stride
        return np.hstack([corners, sides, points, scores[chosen, None]]).astype(np.float32)
