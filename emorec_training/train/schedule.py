# SPDX-License-Identifier: Apache-2.0
"""The learning rate over a run."""

import math

from emorec_training.config import OptimizerConfig


def learning_rate(
        config: OptimizerConfig, step: int, steps_per_epoch: int, progress: float) -> float:
    """Return the rate for optimiser step number `step`, counted from 0.

    `progress` is the share of the run that is over, 0..1, by epochs or by time. 'cosine' falls
    from lr to 0 (Loshchilov & Hutter 2017, arXiv 1608.03983); 'inverse_time' is
    lr / (1 + decay * step), Keras' former `decay`. The first warmup_epochs rise linearly.
    """
    rate = config.lr
    if config.schedule == 'cosine':
        rate *= 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    elif config.schedule == 'inverse_time':
        rate /= 1 + config.decay * step
    warmup_steps = config.warmup_epochs * steps_per_epoch
    return rate * min(1.0, (step + 1) / warmup_steps) if warmup_steps else rate
