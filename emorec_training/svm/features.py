# SPDX-License-Identifier: Apache-2.0
"""Hand-made features of gray images."""

from collections.abc import Iterable
from collections.abc import Sequence

from emorec_training.networks.layers.hog import Hog
from emorec_training.networks.layers.hog import SIZES
import keras
from keras import layers
import numpy as np
import tqdm

KINDS: tuple[str, ...] = ('pixels', 'hog', 'hog_windows')
BATCH: int = 256


def size_of(kinds: Iterable[str]) -> int:
    """Return how many values these kinds have together."""
    return sum(48 * 48 if kind == 'pixels' else SIZES[kind] for kind in kinds)


def feature_layers(gray: keras.KerasTensor, kinds: Sequence[str]) -> keras.KerasTensor:
    """Return the features, float32 (N, size_of(kinds)), of gray 0..255 (N, 48, 48, 1)."""
    parts = [layers.Flatten()(layers.Rescaling(1 / 255, dtype='float32')(gray))
             if kind == 'pixels' else Hog(kind)(gray) for kind in kinds]
    return parts[0] if len(parts) == 1 else layers.Concatenate()(parts)


def features_of(images: np.ndarray, kinds: Sequence[str]) -> np.ndarray:
    """Return the features of images uint8 (N, 48, 48), float32 (N, size_of(kinds)).

    A bar says how far it is.
    """
    inputs = keras.Input((48, 48, 1))
    model = keras.Model(inputs, feature_layers(inputs, kinds))
    found = np.empty((len(images), size_of(kinds)), np.float32)
    for start in tqdm.tqdm(range(0, len(images), BATCH), desc='+'.join(kinds), unit='batch',
                           leave=False, disable=None):
        batch = images[start:start + BATCH, ..., None].astype(np.float32)
        found[start:start + BATCH] = model.predict_on_batch(batch)
    return found
