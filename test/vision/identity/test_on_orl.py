# SPDX-License-Identifier: Apache-2.0
"""The default threshold keeps strangers out: measured on the AT&T (ORL) faces."""

from pathlib import Path

import cv2
from emorec_vision.faces.crop import face_input
from emorec_vision.faces.crop import whole_face
from emorec_vision.geometry import Box
from emorec_vision.identity.recognizer import FACE_SIZE
from emorec_vision.identity.recognizer import train
import numpy as np

ENROLLED, STRANGERS, IMAGES = range(1, 31), range(31, 41), 5


def haar_faces(folder: Path, cascade: cv2.CascadeClassifier) -> list[np.ndarray]:
    """Return the ten faces of one person as the live crop shows them."""
    faces = []
    for number in range(1, 11):
        gray = cv2.imread(str(folder / f'{number}.pgm'), cv2.IMREAD_GRAYSCALE)
        gray = cv2.copyMakeBorder(gray, 20, 20, 20, 20, cv2.BORDER_REPLICATE)
        boxes = cascade.detectMultiScale(gray, 1.1, 3, minSize=(60, 60))
        box = Box(*map(int, max(boxes, key=lambda each: each[2])))
        whole = Box(0, 0, gray.shape[1], gray.shape[0])
        faces.append(face_input(gray, whole, box, FACE_SIZE))
    return faces


def test_strangers_are_rejected_and_friends_are_recognised(shared_data):
    cascade = cv2.CascadeClassifier(
        cv2.data.haarcascades + 'haarcascade_frontalface_default.xml')
    faces = {number: haar_faces(shared_data / 'identity' / 'orl' / f's{number}', cascade)
             for number in (*ENROLLED, *STRANGERS)}
    recognizer = train({str(n): faces[n][::2] for n in ENROLLED})
    matches = [(str(n), recognizer.look(whole_face(face)))
               for n in ENROLLED for face in faces[n][1::2]]
    distances = np.array([match.score for _, match in matches])
    right = np.array([match.person == name for name, match in matches])
    strangers = np.array([recognizer.look(whole_face(face)).score
                          for n in STRANGERS for face in faces[n]])
    accepted = distances <= recognizer.threshold
    false_accept = (strangers <= recognizer.threshold).mean()
    print(f'closed set {right.mean():.3f}, true accept {(right & accepted).mean():.3f}, '
          f'false accept {false_accept:.3f}, '
          f'threshold for 1 % {np.quantile(strangers, 0.01):.1f}')
    assert right.mean() > 0.93
    assert (right & accepted).mean() > 0.80
    assert false_accept <= 0.03
