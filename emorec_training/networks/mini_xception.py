# SPDX-License-Identifier: Apache-2.0
"""The smallest of the well-known emotion networks: 58 thousand parameters."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.layers.blocks import conv_bn
from emorec_training.networks.layers.blocks import EPSILON
from emorec_training.networks.layers.blocks import penalty
import keras
from keras import layers

SIDE: int = 64
"""To which the authors enlarge FER2013's 48x48."""

WIDTHS: tuple[int, ...] = (16, 32, 64, 128)

WHY: str = (
    'mini_XCEPTION of Arriaga et al. 2017 (arXiv 1710.07557, oarriaga/face_classification): '
    'separable convolutions beside strided 1x1 shortcuts, and a last convolution that is '
    'averaged over the image in place of dense layers, which is why it is so small. Kept to '
    'compare against.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out.

    `dropout`, which the authors do without, precedes the last convolution.
    """
    inputs = keras.Input((48, 48, 1), name='gray')
    x = layers.Rescaling(1 / 127.5, offset=-1.0, dtype='float32')(inputs)
    x = keras.ops.image.resize(x, (SIDE, SIDE))
    for _ in range(2):
        x = layers.Conv2D(8, config.kernel_size, use_bias=False,
                          kernel_regularizer=penalty(config))(x)
        x = layers.ReLU()(layers.BatchNormalization(epsilon=EPSILON)(x))
    for width in WIDTHS:
        shortcut = conv_bn(x, width, config, strides=2, kernel_size=1)
        x = layers.ReLU()(_separable(x, width, config))
        x = layers.MaxPooling2D(3, 2, padding='same')(_separable(x, width, config))
        x = layers.Add()([x, shortcut])
    x = layers.Dropout(config.dropout)(x)
    x = layers.Conv2D(config.classes, config.kernel_size, padding='same')(x)
    logits = layers.GlobalAveragePooling2D(dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='mini_xception')


def _separable(x: keras.KerasTensor, width: int, config: NetworkConfig) -> keras.KerasTensor:
    """Return a padded separable convolution, then batch normalisation."""
    x = layers.SeparableConv2D(
        width, config.kernel_size, padding='same', use_bias=False,
        depthwise_regularizer=penalty(config), pointwise_regularizer=penalty(config))(x)
    return layers.BatchNormalization(epsilon=EPSILON)(x)
