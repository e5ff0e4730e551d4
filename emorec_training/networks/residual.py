# SPDX-License-Identifier: Apache-2.0
"""Our residual networks in Keras (He et al. 2015, arXiv 1512.03385)."""

import dataclasses

from emorec_training.config import NetworkConfig
from emorec_training.networks.layers.blocks import conv_bn
import keras
from keras import layers


@dataclasses.dataclass(frozen=True)
class Shape:
    """The sizes of a residual network.

    Attributes:
        name: of the network.
        stem: channels of the first convolution.
        stages: channels and residual blocks of each stage; every stage halves the image.
    """

    name: str
    stem: int
    stages: tuple[tuple[int, int], ...]


def build_residual(shape: Shape, config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out."""
    inputs = keras.Input((48, 48, 1), name='gray')
    x = layers.Rescaling(1 / 64, offset=-2.0, dtype='float32')(inputs)
    x = layers.ReLU()(conv_bn(x, shape.stem, config))
    for width, blocks in shape.stages:
        x = layers.ReLU()(conv_bn(x, width, config, strides=2))
        for _ in range(blocks):
            branch = layers.ReLU()(conv_bn(x, width, config))
            x = layers.ReLU()(layers.Add()([x, conv_bn(branch, width, config)]))
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(config.dropout)(x)
    logits = layers.Dense(config.classes, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name=shape.name)
