# SPDX-License-Identifier: Apache-2.0
"""Our small residual network: 53 million multiply-adds, 2.0 million parameters."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.blocks import conv_bn
import keras
from keras import layers

STAGES: tuple[tuple[int, int], ...] = ((32, 1), (64, 1), (128, 1), (256, 1))
"""Channels and residual blocks of each stage; every stage halves the picture."""

STEM: int = 16
WHY: str = (
    'A batch-normalised residual network (He et al. 2015, arXiv 1512.03385) of four stages. '
    'Resolution halves as width doubles, so that every block costs the same; strided '
    'convolutions instead of pooling and a thin stem keep the 48x48 maps cheap. '
    'Nothing in it depends on the size of the picture, so that training can begin on small '
    'pictures.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, 7) out."""
    inputs = keras.Input((48, 48, 1), name='gray')
    x = layers.Rescaling(1 / 64, offset=-2.0, dtype='float32')(inputs)
    x = layers.ReLU()(conv_bn(x, STEM, config))
    for width, blocks in STAGES:
        x = layers.ReLU()(conv_bn(x, width, config, strides=2))
        for _ in range(blocks):
            branch = layers.ReLU()(conv_bn(x, width, config))
            x = layers.ReLU()(layers.Add()([x, conv_bn(branch, width, config)]))
    x = layers.GlobalAveragePooling2D()(x)
    x = layers.Dropout(config.dropout)(x)
    logits = layers.Dense(config.classes, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='compact_resnet')
