# SPDX-License-Identifier: Apache-2.0
"""Tell whether a face in an image is worth a photo, and what would make it so.

The thresholds were chosen on eight clips of signing people at VGA size and on one of a person who
turns around in front of a Kinect-class camera. On ORL, which had no part in that, 195 of 200 faces
are worth a photo, and 5 are asked to look at the camera.
"""

from __future__ import annotations

import cv2
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.detectors.haar import find_cascade
from emorec_vision.faces.detectors.haar import load_cascade
from emorec_vision.identity.recognizer import FACE_SIZE
import numpy as np

MIN_SIDE = 60
"""Side of the smallest face, px; all are measured at this size, so that near and far count alike.
"""
MAX_STRETCH = 1.15
"""Ratio of a box's sides from which on the image's border has cut it."""
MIN_SHARPNESS = 0.06
"""Variance of the Laplacian over that of the face. In the clips 90 % lie in 0.185..0.283; smeared
by 15 % of the face's width, 70 % fall below; blurred by a Gaussian of 2 % of it, all."""
MIN_LEVEL = 50.0
"""Mean gray level. Distances of LBPH between a man and himself and between two men are 10 apart in
normal light and 4 apart at this level."""
MAX_CLIPPED = 0.2
"""Share of pixels at the upper end (from `CLIPPED` on); distances go astray from here on."""
CLIPPED = 250
MIN_CONTRAST = 12.0
"""Standard deviation of gray levels; 25 and more in the clips, 10 at a third of their light."""
MIN_VOTES = 45
"""Windows of the frontal cascade that must agree. Frontal faces of the clips get 55..190, those
with a hand before them 10..40; turning sideways, 100 fall to 50 at about 30 degrees, and to 20
within 5 degrees more. The symmetry of the face follows the light more than the turning (0.2 for a
man lit from the side, 0.5 for one turned away), and the eye cascade finds both eyes of only half
of the frontal faces."""
VOTE_SCALE = 1.05
SIGNATURE_SIDE = 48


class FrontalCheck:
    """Tell how frontal faces are, with a cascade of its own.

    Raises:
        InputError: if the cascade cannot be found.
    """

    def __init__(self) -> None:
        """Load the cascade."""
        self._cascade = load_cascade(find_cascade())

    def complaint_of_pose(self, face: FaceCrop) -> str:
        """Return what to do about a face that is turned away or covered; '' if it is frontal."""
        return '' if self.votes(face) >= MIN_VOTES else 'look at the camera'

    def votes(self, face: FaceCrop) -> int:
        """Return how many windows of the frontal cascade agree on a face."""
        around = face.pixels(MIN_SIDE + MIN_SIDE // 2, margin=0.25)
        smallest, largest = round(0.7 * MIN_SIDE), round(1.4 * MIN_SIDE)
        _, votes = self._cascade.detectMultiScale2(
            np.ascontiguousarray(around), scaleFactor=VOTE_SCALE, minNeighbors=2,
            flags=cv2.CASCADE_SCALE_IMAGE, minSize=(smallest, smallest),
            maxSize=(largest, largest))
        return int(max(votes, default=0))


def complaint_of_place(face: FaceCrop) -> str:
    """Return why a face can make no photo at all, whatever else it is like; '' if it can."""
    box = face.box
    if max(box.width, box.height) > MAX_STRETCH * min(box.width, box.height):
        return 'move to the middle of the image'
    return 'come closer' if min(box.width, box.height) < MIN_SIDE else ''


def complaint_of_light(face: FaceCrop) -> str:
    """Return what is wrong with the light or the focus, in plain words; '' if nothing is."""
    small = np.ascontiguousarray(face.pixels(MIN_SIDE))
    if float(np.mean(small >= CLIPPED)) > MAX_CLIPPED:
        return 'too bright'
    if float(small.mean()) < MIN_LEVEL:
        return 'too dark'
    if float(small.std()) < MIN_CONTRAST:
        return 'more light from the front'
    return 'hold still' if sharpness(small) < MIN_SHARPNESS else ''


def photo_of(face: FaceCrop) -> np.ndarray:
    """Return a face as it is kept and recognised: uint8 (150, 150), cut to the detector's box."""
    return face.pixels(FACE_SIZE)


def signature(photo: np.ndarray) -> np.ndarray:
    """Return what two photos are compared by: edges, whatever the light, float32 (2304,).

    Its length is 1; a scalar product of 1 means the same photo.
    """
    small = cv2.resize(np.ascontiguousarray(photo), (SIGNATURE_SIDE, SIGNATURE_SIDE),
                       interpolation=cv2.INTER_AREA).astype(np.float32)
    edges: np.ndarray = cv2.GaussianBlur(small, (0, 0), 1.0) - cv2.GaussianBlur(small, (0, 0), 4.0)
    edges = np.tanh(edges / (np.abs(edges).mean() + 1e-6))
    edges -= edges.mean()
    return (edges / max(float(np.linalg.norm(edges)), 1e-6)).ravel()


def sharpness(small: np.ndarray) -> float:
    """Return the variance of the Laplacian of a face, gray (H, W), over its own variance.

    Pech-Pacheco et al. 2000, doi:10.1109/ICPR.2000.903548, made independent of the contrast.
    """
    levels = small.astype(np.float32)
    return float(cv2.Laplacian(levels, cv2.CV_32F).var() / max(float(levels.var()), 1.0))
