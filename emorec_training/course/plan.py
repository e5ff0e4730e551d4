# SPDX-License-Identifier: Apache-2.0
"""Which network is trained, and how, in the time that a student gives."""

from importlib.util import find_spec
from pathlib import Path
from typing import Any
from typing import NamedTuple

TRAINING_SHARE: float = 0.8
"""Share of the time that is trained; the rest reads, exports, measures and draws."""

LONGEST_REST: float = 20.0
"""Minutes that the rest takes at most."""

LONG: float = 60.0
"""Minutes from which on compact_resnet has time for its whole recipe."""

WIDE: float = 180.0
"""Minutes from which on wide_resnet, five times the cost, comes further (with PyTorch)."""

BATCH: int = 64
STEPS: int = 16
"""Steps that an epoch shall have at least, where there are few images."""

_SHORT: dict[str, Any] = {
    'network.dropout': 0.2, 'augment.mixup': 0.0, 'augment.erase': 0.1, 'augment.shear': 0.05,
    'augment.contrast': 0.2, 'augment.rotation': 10.0, 'optimizer.lr': 0.05,
    'optimizer.label_smoothing': 0.05, 'training.ema_decay': 0.995, 'training.patience': 5}


class Plan(NamedTuple):
    """What is trained.

    Attributes:
        settings: dotted names, such as 'optimizer.lr', to values, for config.load_config.
        reason: why this network, in whole sentences.
    """

    settings: dict[str, Any]
    reason: str


def plan_for(minutes: float, images: int) -> Plan:
    """Return the plan for a whole course of `minutes` on so many images to learn from."""
    has_torch = find_spec('torch') is not None
    engine = {'training.engine': 'torch' if has_torch else 'keras'}
    if has_torch and _has_bfloat16():
        engine['training.precision'] = 'bfloat16'
    common: dict[str, Any] = {
        'training.epochs': 1000, 'training.batch_size': max(4, min(BATCH, images // STEPS)),
        'training.minutes': max(TRAINING_SHARE * minutes, minutes - LONGEST_REST), **engine}
    if minutes >= WIDE and has_torch:
        return Plan(
            {'network.name': 'wide_resnet', 'training.patience': 20, **common},
            'With hours to train and PyTorch, which is several times as fast on a processor, the '
            'wide residual network comes further than the compact one.')
    if minutes >= LONG:
        return Plan(
            {'network.name': 'compact_resnet', 'training.patience': 20, **common},
            'The compact residual network shows each image often enough in this time; strong '
            'distortion and mixup keep it from learning the images by heart.')
    return Plan(
        {'network.name': 'compact_resnet', **_SHORT, **common},
        'In so little time each image is shown a few times only. The compact residual network is '
        'cheap enough for that. Weak distortion without mixup and small batches make the most '
        'of few epochs, and overfitting is no danger yet.')


def _has_bfloat16() -> bool:
    """Return whether the processor computes in bfloat16 by itself."""
    try:
        text = Path('/proc/cpuinfo').read_text()
    except OSError:
        return False
    return 'avx512_bf16' in text or 'amx_bf16' in text
