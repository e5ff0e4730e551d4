# SPDX-License-Identifier: Apache-2.0
"""Our small network with more blocks: 96 million multiply-adds, 2.9 million parameters."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.residual import build_residual
from emorec_training.networks.residual import Shape
import keras

SHAPE = Shape('deep_resnet', 16, ((32, 1), (64, 2), (128, 4), (256, 1)))
WHY: str = (
    'compact_resnet with four blocks more where the maps are 12x12 and 6x6: there a block has '
    'weights enough to learn from and places enough to keep a processor busy. It can begin with '
    'the weights of compact_resnet (--start-from), whose answers it then gives.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out."""
    return build_residual(SHAPE, config)
