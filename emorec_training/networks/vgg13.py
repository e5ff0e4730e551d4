# SPDX-License-Identifier: Apache-2.0
"""The VGG13 of the FER+ paper."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.layers.blocks import penalty
import keras
from keras import layers

SIDE: int = 64
"""To which the paper enlarges FER2013's 48x48."""

STAGES: tuple[tuple[int, int], ...] = ((64, 2), (128, 2), (256, 3), (256, 3))
"""Channels and convolutions of each stage; pooling ends it."""

WHY: str = (
    'The network with which Barsoum et al. 2016 (arXiv 1608.01041, microsoft/FERPlus) compare '
    'ways to learn from FER+ votes: ten padded convolutions without batch normalisation, and two '
    'wide dense layers. The paper also equalises histograms and subtracts a fitted plane of gray '
    'from each image, which is left out here. Kept to compare against.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out.

    `dropout` follows each pooling, and dropout + 0.25 each dense layer; `l2` weighs the penalty
    of the convolutions.
    """
    inputs = keras.Input((48, 48, 1), name='gray')
    x = layers.Rescaling(1 / 64, offset=-2.0, dtype='float32')(inputs)
    x = keras.ops.image.resize(x, (SIDE, SIDE))
    for filters, count in STAGES:
        for _ in range(count):
            x = layers.Conv2D(filters, config.kernel_size, padding='same', activation='relu',
                              kernel_regularizer=penalty(config))(x)
        x = layers.Dropout(config.dropout)(layers.MaxPooling2D()(x))
    x = layers.Flatten()(x)
    for _ in range(2):
        x = layers.Dense(1024, activation='relu')(x)
        x = layers.Dropout(min(config.dropout + 0.25, 0.95))(x)
    logits = layers.Dense(config.classes, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='vgg13')
