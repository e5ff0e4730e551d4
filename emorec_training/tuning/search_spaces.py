# SPDX-License-Identifier: Apache-2.0
"""The settings that `emorec emotions optimize` searches for each network, and their ranges."""

from typing import Any
from typing import NamedTuple

from emorec_vision.errors import InputError
import optuna


class Range(NamedTuple):
    """A real number from `low` to `high`, drawn evenly or evenly in its logarithm."""

    low: float
    high: float
    log: bool = False


class Choice(NamedTuple):
    """One of some values."""

    values: tuple[int, ...]


Space = dict[str, Range | Choice]

SPACES: dict[str, Space] = {
    # stefaniavallone/emotion-recognition-kinect searched these six. Its kernel sizes were 3 and
    # 5, but the best trial that it published has 2, so 2 is searched as well.
    'original': {
        'optimizer.lr': Range(1e-5, 1e-1, log=True),
        'optimizer.decay': Range(1e-7, 1e-4, log=True),
        'network.dropout': Range(0.10, 0.50),
        'network.l2': Range(0.01, 0.05),
        'network.kernel_size': Choice((2, 3, 5)),
        'training.batch_size': Choice((16, 32, 64, 128)),
    },
    # Around the preset, within what is usual for SGD with cosine. Shift and scale are not
    # searched: they have to cover the jitter of the live detector.
    'compact_resnet': {
        'optimizer.lr': Range(0.01, 0.5, log=True),
        'optimizer.weight_decay': Range(5e-4, 2e-2, log=True),
        'optimizer.label_smoothing': Range(0.0, 0.2),
        'network.dropout': Range(0.0, 0.5),
        'augment.rotation': Range(0.0, 20.0),
        'augment.erase': Range(0.0, 0.5),
        'augment.mixup': Range(0.0, 0.4),
        'training.batch_size': Choice((64, 128, 256)),
    },
    # amineHorseman's ranges; its decay of 0.5 to 0.99 every 50 steps is 0.0002 to 0.0139 a step,
    # its dropout keeps 0.7 to 0.99.
    **{name: {
        'optimizer.lr': Range(1e-5, 1e-1, log=True),
        'optimizer.decay': Range(2e-4, 1.39e-2, log=True),
        'optimizer.momentum': Range(0.5, 0.99),
        'network.dropout': Range(0.01, 0.3),
    } for name in ('horseman_a', 'horseman_b')},
}
"""The dotted names of settings, as in config.yaml, to where they are searched."""


def search_space(network: str, fixed: dict[str, Any]) -> Space:
    """Return the space of a network without the settings that are fixed.

    Args:
        network: its name.
        fixed: dotted names of settings to values; None stands for "not fixed".

    Raises:
        InputError: if the network has no space, or nothing is left of it.
    """
    if network not in SPACES:
        raise InputError(f'--network {network}: there is no search space for it, only for '
                         f'{", ".join(SPACES)}')
    space = {name: part for name, part in SPACES[network].items() if fixed.get(name) is None}
    if not space:
        raise InputError('nothing is left to search: flags fix every setting of the space')
    return space


def suggest(trial: optuna.Trial, space: Space) -> dict[str, Any]:
    """Return a value for each setting of the space, by its dotted name."""
    return {
        name: trial.suggest_categorical(name, part.values) if isinstance(part, Choice)
        else trial.suggest_float(name, part.low, part.high, log=part.log)
        for name, part in space.items()}
