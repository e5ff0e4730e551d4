# SPDX-License-Identifier: Apache-2.0
"""EfficientNet-Lite0 in plain PyTorch, which trains it several times as fast on a CPU."""

from emorec_training.config import NetworkConfig
from emorec_training.networks.efficientnet_lite0 import HEAD
from emorec_training.networks.efficientnet_lite0 import MEAN
from emorec_training.networks.efficientnet_lite0 import SIDE
from emorec_training.networks.efficientnet_lite0 import SPREAD
from emorec_training.networks.efficientnet_lite0 import Stage
from emorec_training.networks.efficientnet_lite0 import STAGES
from emorec_training.networks.efficientnet_lite0 import STEM
from emorec_training.networks.in_torch.layers import ConvBn
from emorec_training.networks.in_torch.layers import make_logits
import torch
from torch import nn
from torch.nn import functional


class Bottleneck(nn.Module):
    """An inverted bottleneck: widen, filter each channel alone, narrow.

    Args:
        inputs: channels.
        stage: sizes.
        stride: in both directions.
    """

    def __init__(self, inputs: int, stage: Stage, stride: int) -> None:
        """Build the convolutions in their order."""
        super().__init__()
        wide = inputs * stage.expansion
        self.wide = nn.Sequential()
        if stage.expansion > 1:
            self.wide.extend([ConvBn(inputs, wide, 1), nn.ReLU6()])
        self.wide.extend([ConvBn(wide, wide, stage.kernel, stride, wide), nn.ReLU6()])
        self.narrow = ConvBn(wide, stage.width, 1)
        self.skips = stride == 1 and inputs == stage.width

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the map, beside a skip connection where the shapes agree."""
        y = self.narrow(self.wide(x))
        return x + y if self.skips else y


class EfficientNetLite0(nn.Module):
    """The network: gray float 0..255 (N, 1, 48, 48) in, logits float32 (N, C) out.

    Args:
        config: dropout and classes C.
    """

    def __init__(self, config: NetworkConfig) -> None:
        """Build the layers in the order in which Keras lists them."""
        super().__init__()
        self.body = nn.Sequential(ConvBn(1, STEM, 3, 2), nn.ReLU6())
        width = STEM
        for stage in STAGES:
            for number in range(stage.blocks):
                self.body.append(Bottleneck(width, stage, 1 if number else stage.stride))
                width = stage.width
        self.body.extend([ConvBn(width, HEAD, 1), nn.ReLU6()])
        self.dropout = nn.Dropout(config.dropout)
        self.logits = make_logits(HEAD, config.classes)

    def forward(self, gray: torch.Tensor) -> torch.Tensor:
        """Return the logits."""
        x = functional.interpolate((gray - MEAN) / SPREAD, (SIDE, SIDE), mode='bilinear')
        return self.logits(self.dropout(self.body(x).mean((2, 3)))).float()
