# SPDX-License-Identifier: Apache-2.0
"""Network A of github.com/amineHorseman/facial-expression-recognition-using-cnn."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.horseman import convolutions
from emorec_training.networks.horseman import scaled
from emorec_training.networks.horseman import with_features
import keras
from keras import layers

WHY: str = (
    'Network A of amineHorseman: convolutions of 64, 64 and 128 filters, one dense layer of 1024, '
    'and beside it, with --features, histograms of oriented gradients, which the graph itself '
    'works out. Kept to compare hand-made features with learnt ones.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out."""
    inputs = keras.Input((48, 48, 1), name='gray')
    x = convolutions(scaled(inputs), [(64, 5, True), (64, 5, True), (128, 4, False)], config)
    x = layers.Flatten()(layers.Dropout(config.dropout)(x))
    x = layers.Dense(1024, activation='relu')(x)
    x = with_features(x, inputs, 40, config)
    logits = layers.Dense(config.classes, dtype='float32', name='logits')(x)
    return keras.Model(inputs, logits, name='horseman_a')
