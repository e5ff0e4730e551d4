# SPDX-License-Identifier: Apache-2.0
"""Network B of github.com/amineHorseman/facial-expression-recognition-using-cnn."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.horseman import convolutions
from emorec_training.networks.horseman import scaled
from emorec_training.networks.horseman import with_features
import keras
from keras import layers

WHY: str = (
    'Network B of amineHorseman: convolutions of 64, 128 and 256 filters, dense layers of 4096 '
    'and 1024, and beside them, with --features, histograms of oriented gradients, which the '
    'graph itself works out. The best of that comparison, and the largest network here.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out."""
    inputs = keras.Input((48, 48, 1), name='gray')
    x = convolutions(scaled(inputs), [(64, 3, True), (128, 3, True), (256, 3, True)], config)
    x = layers.Flatten()(layers.Dropout(config.dropout)(x))
    x = layers.Dropout(config.dropout)(layers.Dense(4096, activation='relu')(x))
    x = layers.Dense(1024, activation='relu')(x)
    x = with_features(x, inputs, 128, config)
    logits = layers.Dense(config.classes, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='horseman_b')
