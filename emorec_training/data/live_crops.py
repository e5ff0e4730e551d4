# SPDX-License-Identifier: Apache-2.0
"""Cuts training images the way the live detector does, so that a network knows its boxes."""

import hashlib
import sys

from emorec_training.data.cache import cache_file
from emorec_training.data.cache import keep
from emorec_training.data.cache import recall
from emorec_training.data.examples import live_cropper
from emorec_vision.errors import InputError
import numpy as np
import tqdm

CACHE_VERSION = 1


def live_crops(images: np.ndarray) -> np.ndarray:
    """Return the live detector's crop of each image, or where it finds no face the image.

    images: uint8 (N, 48, 48), bare faces; returned alike. A hundred take about a second; the
    second time they come from a cache below $XDG_CACHE_HOME/emorec.
    """
    digest = hashlib.sha256(np.ascontiguousarray(images)).hexdigest()
    cache = cache_file(f'live-crops-{digest[:32]}-{CACHE_VERSION}.npz')
    stored = recall(cache)
    if stored:
        return stored['crops']
    find = live_cropper()
    crops = np.stack([_or_whole(find(image), image) for image in tqdm.tqdm(
        images, desc='finding faces', leave=False, file=sys.stderr, disable=None)])
    if np.array_equal(crops, images):
        raise InputError('--live-crops: the detector finds no face in any training image')
    keep(cache, crops=crops)
    return crops


def _or_whole(crop: np.ndarray | None, image: np.ndarray) -> np.ndarray:
    return image if crop is None else crop
