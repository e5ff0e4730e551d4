# SPDX-License-Identifier: Apache-2.0
"""Looks at the images of a set by each other with SFace, for many splits of the set."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Sequence

from emorec_vision.faces.crop import FaceCrop
from emorec_vision.faces.crop import whole_face
from emorec_vision.identity.embedder import LENGTH
from emorec_vision.identity.embedder import open_embedder
from emorec_vision.identity.gallery import Nearest
from emorec_vision.identity.sface import nearest_photo
import numpy as np


class EmbeddingTable:
    """Answer looks as `EmbeddingRecognizer` does when each enrolled image is kept.

    Args:
        photos: gray uint8 (H, W), cut to the detector's box, as they are enrolled.
        faces: the same as they are looked at; None: the photos.
        tick: called after each image.
    """

    def __init__(self, photos: Sequence[np.ndarray], faces: Sequence[FaceCrop] | None = None,
                 tick: Callable[[], object] = lambda: None) -> None:
        """Embed all images."""
        embedder = open_embedder()
        self.photos = np.empty((len(photos), 2, LENGTH), np.float32)
        self.faces = np.empty((len(photos), 2, LENGTH), np.float32)
        for index, photo in enumerate(photos):
            self.photos[index] = embedder.embed_photo(photo)
            self.faces[index] = embedder.embed_look(
                whole_face(photo) if faces is None else faces[index])
            tick()

    def look(self, image: int, enrolled: np.ndarray, labels: np.ndarray) -> Nearest:
        """Return who is nearest to an image.

        Args:
            enrolled: indices of the enrolled images, (N,).
            labels: whose they are, (N,).
        """
        return nearest_photo(self.faces[image], self.photos[enrolled], labels)
