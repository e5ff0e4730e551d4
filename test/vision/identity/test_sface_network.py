# SPDX-License-Identifier: Apache-2.0
"""SFace as ONNX Runtime runs it, and the alignment of faces."""

import cv2
from emorec_vision.identity.sface_network import ALIGNED
from emorec_vision.identity.sface_network import aligned
from emorec_vision.identity.sface_network import SFaceNetwork
from emorec_vision.model_files.weights import sface_weights
import numpy as np
import pytest

needs_weights = pytest.mark.skipif(sface_weights() is None, reason='SFace is not installed')


@pytest.mark.parametrize('content', [b'', b'\xff', b'no network at all', b'\x3a\x7f\x00'])
def test_what_is_no_network_is_refused(tmp_path, content):
    path = tmp_path / 'sface.onnx'
    path.write_bytes(content)
    with pytest.raises(ValueError, match='.'):
        SFaceNetwork(path)


def test_landmarks_come_to_where_the_network_expects_them():
    turn = cv2.getRotationMatrix2D((80, 80), 20, 0.8)
    marks = np.zeros((160, 160), np.uint8)
    points = cv2.transform((ALIGNED + 24)[None], turn)[0].astype(np.float32)
    for x, y in points:
        cv2.circle(marks, (round(float(x)), round(float(y))), 3, 255, -1)
    found = aligned(marks, points)
    assert found.shape == (112, 112)
    assert all(found[round(float(y)), round(float(x))] > 200 for x, y in ALIGNED)


@needs_weights
def test_it_says_what_opencv_says(astronaut):
    face = cv2.resize(cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)[65:163, 176:274], (112, 112))
    try:
        reference = cv2.FaceRecognizerSF.create('onnx', np.fromfile(
            sface_weights(), np.uint8), np.empty(0, np.uint8))
    except (cv2.error, AttributeError, TypeError, SystemError):
        pytest.skip('this OpenCV cannot read the weights of SFace')
    theirs = reference.feature(cv2.cvtColor(face, cv2.COLOR_GRAY2BGR)).ravel()
    assert SFaceNetwork(sface_weights()).embed(face) @ theirs == pytest.approx(
        np.linalg.norm(theirs), rel=1e-4)
