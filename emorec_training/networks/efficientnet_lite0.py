# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0, the one network here that can start from ImageNet's weights."""

from typing import NamedTuple

from emorec_training.config import NetworkConfig
from emorec_training.networks.layers.blocks import conv_bn
from emorec_training.networks.layers.blocks import EPSILON
from emorec_training.networks.layers.blocks import penalty
from emorec_vision.errors import InputError
import keras
from keras import layers

SIDE: int = 96
"""To which FER2013's 48x48 are enlarged; the authors show it 224x224."""

MEAN, SPREAD = 127.0, 128.0
"""What the authors take off each gray level, and divide by."""


class Stage(NamedTuple):
    """Blocks of one width.

    Attributes:
        blocks: how many.
        kernel: side of their depthwise convolutions.
        stride: of the first block.
        expansion: factor by which a block widens its input.
        width: channels that come out.
    """

    blocks: int
    kernel: int
    stride: int
    expansion: int
    width: int


STEM, HEAD = 32, 1280
STAGES: tuple[Stage, ...] = (
    Stage(1, 3, 1, 1, 16), Stage(2, 3, 2, 6, 24), Stage(2, 5, 2, 6, 40), Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112), Stage(4, 5, 2, 6, 192), Stage(1, 3, 1, 6, 320))
"""As in efficientnet_lite_builder.py of tensorflow/tpu, models/official/efficientnet/lite."""

WHY: str = (
    'EfficientNet (Tan & Le 2019, arXiv 1905.11946) without squeeze-and-excitation and with '
    'ReLU6: inverted bottlenecks with depthwise convolutions, of sizes that a search has found. '
    'It is here for its weights from a million photographs (ImageNet), a teacher of another '
    'origin than FER2013. They expect three colours with one scaling for all, so that gray needs '
    'a single channel, whose first kernel is the sum of theirs.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out.

    `dropout` precedes the last layer. Kernels have the sides of STAGES.

    Raises:
        InputError: if another `kernel_size` than 3 is asked for.
    """
    if config.kernel_size != 3:
        raise InputError(f'network.kernel_size: efficientnet_lite0 has kernels of its own, not '
                         f'of {config.kernel_size}; leave it at 3')
    inputs = keras.Input((48, 48, 1), name='gray')
    x = layers.Rescaling(1 / SPREAD, -MEAN / SPREAD, dtype='float32')(inputs)
    x = keras.ops.image.resize(x, (SIDE, SIDE))
    x = layers.ReLU(6.0)(conv_bn(x, STEM, config, strides=2))
    width = STEM
    for stage in STAGES:
        for number in range(stage.blocks):
            x = _block(x, width, stage, 1 if number else stage.stride, config)
            width = stage.width
    x = layers.ReLU(6.0)(conv_bn(x, HEAD, config, kernel_size=1))
    x = layers.Dropout(config.dropout)(layers.GlobalAveragePooling2D()(x))
    logits = layers.Dense(config.classes, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='efficientnet_lite0')


def _block(x: keras.KerasTensor, width: int, stage: Stage, stride: int,
           config: NetworkConfig) -> keras.KerasTensor:
    """Return an inverted bottleneck, beside a skip connection where the shapes agree."""
    before = x
    if stage.expansion > 1:
        x = layers.ReLU(6.0)(conv_bn(x, width * stage.expansion, config, kernel_size=1))
    x = layers.DepthwiseConv2D(
        stage.kernel, strides=stride, padding='same', use_bias=False,
        depthwise_initializer='he_normal', depthwise_regularizer=penalty(config))(x)
    x = layers.ReLU(6.0)(layers.BatchNormalization(momentum=0.9, epsilon=EPSILON)(x))
    x = conv_bn(x, stage.width, config, kernel_size=1)
    return layers.Add()([x, before]) if stride == 1 and width == stage.width else x
