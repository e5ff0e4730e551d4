# SPDX-License-Identifier: Apache-2.0
"""What the tests of enrolment share."""

import cv2
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.geometry import Box
import numpy as np
import pytest


@pytest.fixture(scope='module')
def portrait(astronaut: np.ndarray) -> tuple[np.ndarray, Box]:
    """Return a gray image and the box of the face in it."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    return gray, max((found.box for found in HaarDetector().detect(gray)),
                     key=lambda box: box.width)
