# SPDX-License-Identifier: Apache-2.0
"""Cuts training images the way the live detector does, so that a network knows its boxes."""

from collections.abc import Callable
import hashlib
import sys

import cv2
from emorec_training.data.cache import cache_file
from emorec_training.data.cache import load_cached
from emorec_training.data.cache import store_cached
from emorec_training.data.dataset import SIDE
from emorec_vision.depth.gate import DepthGate
from emorec_vision.errors import InputError
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.detectors.haar import HaarDetector
from emorec_vision.faces.finder import FaceFinder
import numpy as np
import tqdm

CACHE_VERSION = 1
BARE_FACE_SIDE: int = 96
"""Side in px below which an image is taken for a bare face without its surroundings."""


def live_crops(images: np.ndarray, detector: str = 'auto') -> np.ndarray:
    """Return the live detector's crop of each image, or the image if it finds no face.

    A hundred take about a second; the second time they come from the cache, which keeps those of
    each detector.

    Args:
        images: uint8 (N, 48, 48), bare faces.
        detector: which one, see open_detector.

    Returns:
        uint8 (N, 48, 48).

    Raises:
        InputError: if no face is found in any of them, or the detector cannot be had.
    """
    opened = open_detector(detector)
    kind = '' if isinstance(opened, HaarDetector) else 'yunet-'
    digest = hashlib.sha256(np.ascontiguousarray(images)).hexdigest()
    cache = cache_file(f'live-crops-{kind}{digest[:32]}-{CACHE_VERSION}.npz')
    stored = load_cached(cache)
    if stored:
        return stored['crops']
    crop_face = live_cropper(opened)
    found = [crop_face(image) for image in tqdm.tqdm(
        images, desc='finding faces', leave=False, file=sys.stderr, disable=None)]
    crops = np.stack([image if crop is None else crop for crop, image in zip(found, images)])
    if np.array_equal(crops, images):
        raise InputError('--live-crops: the detector finds no face in any training image')
    store_cached(cache, crops=crops)
    return crops


def live_cropper(detector: FaceDetector) -> Callable[[np.ndarray], np.ndarray | None]:
    """Return a function that cuts the largest face out of an image.

    It takes uint8 (H, W) and returns uint8 (48, 48), or None if there is no face. What it cuts
    is what the emotion node sees of a face that this detector finds.
    """
    finder = FaceFinder(detector, DepthGate(), stills=True)

    def crop_face(gray: np.ndarray) -> np.ndarray | None:
        is_bare = max(gray.shape) < BARE_FACE_SIDE
        faces = finder.process(with_margin(gray) if is_bare else gray, 0).faces
        if not faces:
            return None
        face = max(faces, key=lambda each: each.box.area)
        return face.pixels(SIDE)

    return crop_face


def with_margin(gray: np.ndarray) -> np.ndarray:
    """Return an image at double size in a frame, a quarter as wide, that repeats its edge."""
    large = cv2.resize(gray, None, fx=2, fy=2, interpolation=cv2.INTER_LINEAR)
    high, wide = large.shape[0] // 4, large.shape[1] // 4
    return np.asarray(
        cv2.copyMakeBorder(large, high, high, wide, wide, cv2.BORDER_REPLICATE))
