# SPDX-License-Identifier: Apache-2.0
"""What the two networks of amineHorseman share: a branch of features beside that of the image."""

from collections.abc import Sequence

from emorec_training.config import NetworkConfig
from emorec_training.networks.layers.blocks import EPSILON
from emorec_training.networks.layers.hog import Hog
import keras
from keras import layers

FEATURE_UNITS: int = 1024


def convolutions(x: keras.KerasTensor, sizes: Sequence[tuple[int, int, bool]],
                 config: NetworkConfig) -> keras.KerasTensor:
    """Return padded convolutions, each with ReLU, batch norm and maybe pooling (3 by 2).

    Args:
        x: (N, H, W, C).
        sizes: filters, side of the kernel, and whether it is pooled.
        config: norm.
    """
    for filters, side, pooled in sizes:
        x = layers.Conv2D(filters, side, padding='same', activation='relu')(x)
        if config.norm == 'batch':
            x = layers.BatchNormalization(momentum=0.9, epsilon=EPSILON)(x)
        if pooled:
            x = layers.MaxPooling2D(3, 2, padding='same')(x)
    return x


def with_features(x: keras.KerasTensor, gray: keras.KerasTensor, units: int,
                  config: NetworkConfig) -> keras.KerasTensor:
    """Return the image's values, and the feature branch beside them where there is one.

    Args:
        x: (N, values) of the image.
        gray: the image, (N, 48, 48, 1).
        units: to which both branches come down before they are joined.
        config: features.
    """
    if config.features == 'none':
        return x
    image = layers.Dense(units, activation='relu')(x)
    features = Hog(config.features, name=config.features)(gray)
    features = layers.Dense(FEATURE_UNITS, activation='relu')(features)
    features = layers.Dense(units, activation='relu')(features)
    return layers.Concatenate()([image, features])


def scaled(gray: keras.KerasTensor) -> keras.KerasTensor:
    """Return gray 0..255 as 0..1; the originals took it as it is, and needed batch norm for it."""
    return layers.Rescaling(1 / 255, dtype='float32')(gray)
