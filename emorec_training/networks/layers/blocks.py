# SPDX-License-Identifier: Apache-2.0
"""Layers that several networks are made of."""

from emorec_training.config import NetworkConfig
import keras
from keras import layers

EPSILON: float = 1e-3
"""Added to the variance in batch normalisation (Keras' default)."""


def penalty(config: NetworkConfig) -> keras.regularizers.Regularizer | None:
    """Return the L2 penalty on a kernel, or None where its weight is 0."""
    return keras.regularizers.L2(config.l2) if config.l2 else None


def conv_bn(x: keras.KerasTensor, filters: int, config: NetworkConfig, strides: int = 1,
            kernel_size: int | None = None) -> keras.KerasTensor:
    """Return a padded convolution without bias, then batch normalisation."""
    x = layers.Conv2D(filters, kernel_size or config.kernel_size, strides=strides,
                      padding='same', use_bias=False, kernel_initializer='he_normal',
                      kernel_regularizer=penalty(config))(x)
    return layers.BatchNormalization(momentum=0.9, epsilon=EPSILON)(x)
