# SPDX-License-Identifier: Apache-2.0
"""Our small residual network: 53 million multiply-adds, 2.0 million parameters."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.residual import build_residual
from emorec_training.networks.residual import Shape
import keras

SHAPE = Shape('compact_resnet', 16, ((32, 1), (64, 1), (128, 1), (256, 1)))
WHY: str = (
    'A batch-normalised residual network (He et al. 2015, arXiv 1512.03385) of four stages. '
    'Resolution halves as width doubles, so that every block costs the same; strided '
    'convolutions instead of pooling and a thin stem keep the 48x48 maps cheap.')


def build(config: NetworkConfig) -> keras.Model:
    """Return the network: gray 0..255 (N, 48, 48, 1) in, logits float32 (N, C) out."""
    return build_residual(SHAPE, config)
