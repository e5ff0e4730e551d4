# SPDX-License-Identifier: Apache-2.0
"""Whose face an image shows: the nearest of a few embeddings of each person."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Sequence
import math

from emorec_vision.faces.crop import FaceCrop
from emorec_vision.identity.embedder import FaceEmbedder
from emorec_vision.identity.embedder import open_embedder
from emorec_vision.identity.gallery import Nearest
from emorec_vision.identity.recognizer import check_false_accept
from emorec_vision.identity.recognizer import Match
from emorec_vision.identity.templates import k_medoids
from emorec_vision.identity.templates import pooled
from emorec_vision.identity.threshold import calibrate
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.identity.threshold import LEAST_OTHERS
from emorec_vision.identity.threshold import SFACE_STRANGERS
from emorec_vision.identity.threshold import ThresholdCalibration
import numpy as np

PHOTOS = 8
"""Photos of each person that are kept as embeddings, two of each."""
SOFT_COST = 0.05
"""Added to the distance from the second embedding of a photo: it is nearer to all blurred faces,
strangers' too."""
BLURRED_COST = 0.03
"""Added to the distance of a blurred face that is not sharpened, which is nearer to strangers."""


class EmbeddingRecognizer:
    """Recognise faces by their embeddings.

    Args:
        photos: embeddings of photos as `FaceEmbedder.embed_photo` makes them, float32 (N, 2, 128).
        owners: whose each photo is, index of `names`, int (N,).
        names: of the people.
        calibration: says up to which score of a match the face is that person's.
        embedder: None opens the one that all share at the first look.
    """

    def __init__(self, photos: np.ndarray, owners: np.ndarray, names: Sequence[str],
                 calibration: ThresholdCalibration, embedder: FaceEmbedder | None = None) -> None:
        self.names = list(names)
        self.calibration = calibration
        self.threshold = calibration.threshold
        self.photos = photos
        self.owners = owners
        self._embedder = embedder

    @property
    def template_counts(self) -> list[int]:
        """Return how many photos are kept of each person, in the order of `names`."""
        return [int(count) for count in np.bincount(self.owners, minlength=len(self.names))]

    def look(self, face: FaceCrop) -> Match:
        """Return the nearest person, however far; compare its score with `threshold`."""
        if self._embedder is None:
            self._embedder = open_embedder()
        found = nearest_photo(self._embedder.embed_look(face), self.photos, self.owners)
        return Match(self.names[found.label], found.distance, found.second_distance)


def nearest_photo(probe: np.ndarray, photos: np.ndarray, owners: np.ndarray) -> Nearest:
    """Return who is nearest by 1 less the cosine.

    Args:
        probe: a look as `FaceEmbedder.embed_look` makes it, float32 (2, 128), or the first of its
            embeddings only, (1, 128); the nearer one counts.
        photos: float32 (N, 2, 128), N > 0.
        owners: int (N,).
    """
    costs = np.add.outer((0.0, SOFT_COST), (0.0, BLURRED_COST)[:len(probe)])
    distances = (1.0 - photos @ probe.T + costs).min((1, 2))
    first = int(distances.argmin())
    others = distances[owners != owners[first]]
    return Nearest(int(owners[first]), float(distances[first]),
                   float(others.min()) if len(others) else math.nan)


def train_sface(people: Mapping[str, Sequence[np.ndarray]], false_accept: float = FALSE_ACCEPT,
                photos_per_person: int = PHOTOS) -> EmbeddingRecognizer:
    """Learn people, and how far strangers are from them.

    Args:
        people: face images by name, gray uint8 (H, W), cut to the detector's box.
        false_accept: share of looks at strangers that may pass for somebody, 0..1.

    Raises:
        InputError: if the weights cannot be used, or false_accept is out of range.
    """
    check_false_accept(false_accept)
    embedder = open_embedder()
    names = sorted(people)
    chosen = [spread(np.stack([embedder.embed_photo(people[name][source])
                               for source in pooled(len(people[name]))]), photos_per_person)
              for name in names]
    photos = np.concatenate(chosen)
    owners = np.repeat(np.arange(len(names)), [len(theirs) for theirs in chosen])
    return EmbeddingRecognizer(photos, owners, names, _calibration(
        photos, owners, len(names), false_accept), embedder)


def spread(photos: np.ndarray, count: int) -> np.ndarray:
    """Return the embeddings of the photos that stand best for all of a person.

    Args:
        photos: as `FaceEmbedder.embed_photo` makes them, float32 (N, 2, 128).
        count: how many photos at most.
    """
    if len(photos) <= count:
        return photos
    return photos[k_medoids(1.0 - photos[:, 0] @ photos[:, 0].T, count)]


def _calibration(photos: np.ndarray, owners: np.ndarray, people: int,
                 false_accept: float) -> ThresholdCalibration:
    """Look at each photo without its person, as a stranger's, and without itself."""
    strangers, friends = [], []

    def look(photo: int, others: np.ndarray) -> Nearest:
        return nearest_photo(photos[photo, :1], photos[others], owners[others])
    for photo, owner in enumerate(owners):
        theirs = owners == owner
        if people > LEAST_OTHERS:
            strangers.append(look(photo, ~theirs).score)
        if theirs.sum() > 1:
            found = look(photo, np.arange(len(owners)) != photo)
            friends.append(found.score if found.label == owner else math.inf)
    return calibrate(strangers, friends, people, false_accept, SFACE_STRANGERS)
