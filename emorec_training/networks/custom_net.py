# SPDX-License-Identifier: Apache-2.0
"""The seven-convolution network that small demonstrations of emotion recognition share."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.layers.blocks import EPSILON
from emorec_training.networks.layers.blocks import penalty
from emorec_vision.errors import InputError
import keras
from keras import layers

STAGES: tuple[tuple[int, int, bool], ...] = (
    (8, 1, False), (16, 1, True), (32, 1, False), (64, 1, True), (128, 2, False),
    (256, 2, True), (256, 2, True))
"""Channels, stride of the pooling, and whether dropout precedes batch normalisation."""

MEAN, DEVIATION = 0.5073955, 0.2551290
"""Of FER2013's gray levels, as shares of 255, as the authors give them."""

WHY: str = (
    'Face_Emotion_CNN of shangeth/Facial-Emotion-Recognition-PyTorch-ONNX, which '
    'kurshakuz/emotion_recognition calls Custom_net. Pooling with stride 1 after the first four '
    'convolutions keeps the maps large, which costs 200 million multiply-adds with few '
    'parameters. Kept to compare against.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out.

    `dropout` is that of four convolutions and of the two dense layers; `kernel_size` is 2 to 4,
    as the unpadded convolutions leave nothing of the image with 5.
    """
    if config.kernel_size > 4:
        raise InputError(f'network.kernel_size: {config.kernel_size} is more than the images '
                         'have room for in custom_net; use 2, 3 or 4')
    inputs = keras.Input((48, 48, 1), name='gray')
    x = layers.Rescaling(1 / (255 * DEVIATION), -MEAN / DEVIATION, dtype='float32')(inputs)
    for filters, stride, drops in STAGES:
        x = layers.Conv2D(filters, config.kernel_size, kernel_regularizer=penalty(config))(x)
        if drops:
            x = layers.Dropout(config.dropout)(x)
        x = layers.BatchNormalization(momentum=0.9, epsilon=EPSILON)(x)
        x = layers.ReLU()(layers.MaxPooling2D(2, stride)(x))
    x = layers.Flatten()(x)
    for width in (512, 256):
        x = layers.Dropout(config.dropout)(layers.Dense(width, activation='relu')(x))
    logits = layers.Dense(config.classes, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='custom_net')
