# SPDX-License-Identifier: Apache-2.0
"""The networks that PyTorch trains as well, by name."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.in_torch.efficientnet_lite0 import EfficientNetLite0
from emorec_training.networks.in_torch.residual import Residual
from torch import nn


def build_in_torch(config: NetworkConfig) -> nn.Module:
    """Return one of networks.IN_TORCH: gray 0..255 (N, 1, 48, 48) in, logits (N, C) out."""
    return EfficientNetLite0(config) if config.name == 'efficientnet_lite0' else Residual(config)
