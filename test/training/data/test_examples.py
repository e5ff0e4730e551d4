# SPDX-License-Identifier: Apache-2.0
"""Labelled images to measure a network on."""
from pathlib import Path

import cv2
from emorec_training.data import examples
from emorec_vision.emotions import EMOTIONS
from emorec_vision.faces.crop import face_input
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.geometry import Box
import numpy as np


def test_detected_faces_are_what_the_live_crop_cuts(
        tmp_path: Path, astronaut: np.ndarray) -> None:
    """An image without a face is left out, and counted."""
    gray = cv2.cvtColor(astronaut, cv2.COLOR_RGB2GRAY)
    for folder, image in (('Happy', gray), ('Sad', np.full((200, 300), 90, np.uint8))):
        (tmp_path / folder).mkdir()
        cv2.imwrite(str(tmp_path / folder / 'a.png'), image)
    found = examples.from_folder(tmp_path, EMOTIONS, HaarDetector())
    boxes = [face.box for face in HaarDetector().detect(gray)]
    largest = max(boxes, key=lambda box: box.area)
    expected = face_input(gray, Box(0, 0, 512, 512), largest, 48)
    assert np.abs(found.images[0].astype(int) - expected).mean() < 2
    assert found.sources == ['Happy/a.png'] and found.without_face == 1 and not found.notes
    bare = examples.detect_faces(found, [found.images[0]], HaarDetector())
    assert '1 images below 96 px were enlarged' in bare.notes[0]
