# SPDX-License-Identifier: Apache-2.0
"""The four-convolution network of the Kinect project that emorec is made after."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.layers.blocks import penalty
import keras
from keras import layers

WHY: str = (
    'The network of stefaniavallone/emotion-recognition-kinect: four unpadded convolutions, '
    'batch normalisation after pooling, one wide dense layer. Kept to compare against.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out.

    `kernel_size` was 2, 3 or 5; `dropout` follows each pooling, and dropout + 0.25 the dense
    layer; `l2` weighs the penalty of the second to fourth convolution.
    """
    inputs = keras.Input((48, 48, 1), name='gray')
    x = layers.Rescaling(1 / 255, dtype='float32')(inputs)
    x = layers.Conv2D(32, config.kernel_size, activation='relu')(x)
    for filters in (64, 128, 128):
        x = layers.Conv2D(filters, config.kernel_size, activation='relu',
                          kernel_regularizer=penalty(config))(x)
        x = layers.MaxPooling2D()(x)
        x = layers.BatchNormalization()(x)
        x = layers.Dropout(config.dropout)(x)
    x = layers.Flatten()(x)
    x = layers.Dense(1024, activation='relu')(x)
    x = layers.Dropout(min(config.dropout + 0.25, 0.95))(x)
    logits = layers.Dense(config.classes, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='original')
