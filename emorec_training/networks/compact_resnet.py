# SPDX-License-Identifier: Apache-2.0
"""Our small residual network: 53 million multiply-adds, 1.97 million parameters."""

from emorec_training.config import NetworkConfig
import keras
from keras import layers

WIDTHS: tuple[int, ...] = (32, 64, 128, 256)
STEM: int = 16
WHY: str = (
    'A batch-normalised residual network (He et al. 2015, arXiv 1512.03385) of four stages of '
    'one block each. Resolution halves as width doubles, so that every stage costs the same; '
    'strided convolutions instead of pooling and a thin stem keep the 48x48 maps cheap. '
    'It fits 1.0 ms per face on one core in fp32 and trains in few epochs.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, 7) out."""
    inputs = keras.Input((48, 48, 1), name='gray')
    x = layers.Rescaling(1 / 64, offset=-2.0, dtype='float32')(inputs)
    x = layers.ReLU()(_conv(x, STEM, config))
    for width in WIDTHS:
        x = layers.ReLU()(_conv(x, width, config, strides=2))
        branch = layers.ReLU()(_conv(x, width, config))
        branch = _conv(branch, width, config)
        x = layers.ReLU()(layers.Add()([x, branch]))
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(config.dropout)(x)
    logits = layers.Dense(7, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='compact_resnet')


def _conv(x: keras.KerasTensor, filters: int, config: NetworkConfig,
          strides: int = 1) -> keras.KerasTensor:
    x = layers.Conv2D(filters, config.kernel_size, strides=strides, padding='same',
                      use_bias=False, kernel_initializer='he_normal',
                      kernel_regularizer=keras.regularizers.L2(config.l2) if config.l2 else None,
                      )(x)
    return layers.BatchNormalization(momentum=0.9)(x)
