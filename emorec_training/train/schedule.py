# SPDX-License-Identifier: Apache-2.0
"""How much of a run is over, and the learning rate at that point."""

from collections.abc import Mapping
from collections.abc import Sequence
import math

from emorec_training.config import OptimizerConfig
from emorec_training.config import TrainingConfig


def learning_rate(
        config: OptimizerConfig, step: int, steps_per_epoch: int, progress: float) -> float:
    """Return the learning rate of one optimiser step.

    'cosine' falls from lr to 0 (Loshchilov & Hutter 2017, arXiv 1608.03983); 'inverse_time' is
    lr / (1 + decay * step), Keras' former `decay`; 'exponential' is lr * exp(-decay * step). The
    first warmup_epochs rise linearly.

    Args:
        config: rate, schedule and warm-up.
        step: its number, from 0.
        steps_per_epoch: how many an epoch has.
        progress: share of the run that is over, 0..1, by epochs or by time.
    """
    rate = config.lr
    if config.schedule == 'cosine':
        rate *= 0.5 * (1 + math.cos(math.pi * min(progress, 1.0)))
    elif config.schedule == 'inverse_time':
        rate /= 1 + config.decay * step
    elif config.schedule == 'exponential':
        rate *= math.exp(-config.decay * step)
    warmup_steps = config.warmup_epochs * steps_per_epoch
    return rate * min(1.0, (step + 1) / warmup_steps) if warmup_steps else rate


def progress_of(config: TrainingConfig, epochs: float, seconds: float) -> float:
    """Return the share of the run that is over, by epochs or by time, whichever is more."""
    by_time = seconds / (60 * config.minutes) if config.minutes else 0.0
    return max(epochs / config.epochs, by_time)


def is_finished(config: TrainingConfig, history: Sequence[Mapping[str, float]]) -> bool:
    """Tell whether no more epoch is due; none is if time is left for less than half of one.

    Args:
        config: epochs, minutes and patience.
        history: the records of the epochs so far, see loop.train.
    """
    if not history:
        return False
    best = max(range(len(history)), key=lambda epoch: history[epoch]['check_accuracy'])
    has_stalled = bool(config.patience) and len(history) - 1 - best >= config.patience
    epochs, seconds = history[-1]['epoch'], history[-1]['seconds']
    took = seconds - (history[-2]['seconds'] if epochs > 1 else 0.0)
    left = 1 - progress_of(config, epochs, seconds)
    return has_stalled or left < progress_of(config, 1, took) / 2
