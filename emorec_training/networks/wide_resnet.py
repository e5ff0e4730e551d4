# SPDX-License-Identifier: Apache-2.0
"""Our teacher: 287 million multiply-adds, 4.6 million parameters."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.residual import build_residual
from emorec_training.networks.residual import Shape
import keras

SHAPE = Shape('wide_resnet', 32, ((64, 1), (128, 2), (256, 3)))
WHY: str = (
    'compact_resnet twice as wide and with more blocks, for teachers and for machines that have '
    'the time. It ends at 6x6 maps: a stage of 3x3 would have half of the weights, and matrix '
    'units stand idle on so few places.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out."""
    return build_residual(SHAPE, config)
