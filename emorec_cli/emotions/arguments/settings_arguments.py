# SPDX-License-Identifier: Apache-2.0
"""The options that stand for settings of a training run."""

import argparse
from collections.abc import Collection
from collections.abc import Mapping
from typing import Any
from typing import TYPE_CHECKING

from emorec_vision.errors import InputError

if TYPE_CHECKING:
    from emorec_training.config import Config

RENAMED: dict[str, str] = {
    'network.name': 'network', 'optimizer.name': 'optimizer',
    'distill.weight': 'teacher-weight', 'distill.temperature': 'teacher-temperature',
    'distill.sees': 'teacher-sees', 'distill.votes': 'vote-weight'}
DERIVED: frozenset[str] = frozenset({'network.classes'})
"""Settings that follow from the data and have no flag."""


def add_settings(parser: argparse.ArgumentParser, leave_out: Collection[str] = ()) -> None:
    """Add one flag for each setting of emorec_training.config, by sections.

    Args:
        parser: of the command.
        leave_out: dotted names of settings, or whole sections, that get no flag.
    """
    from emorec_training.config import options
    groups: dict[str, Any] = {}
    for name, field in options():
        section = name.split('.')[0]
        if name in DERIVED or name in leave_out or section in leave_out:
            continue
        if section not in groups:
            groups[section] = parser.add_argument_group(f'{section} settings')
        flag = RENAMED.get(name, field.name).replace('_', '-')
        groups[section].add_argument(
            f'--{flag}', dest=name, type=type(field.default), default=None,
            choices=field.metadata['choices'] or None,
            metavar=None if field.metadata['choices'] else 'X',
            help=f'{field.metadata["help"]} (default: {field.default})')


def chosen_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that flags give, by dotted names; None if not given."""
    return {name: value for name, value in vars(arguments).items() if '.' in name}


def check_effects(config: 'Config', flags: Mapping[str, Any]) -> None:
    """Check that each setting that a flag gives does something beside the others.

    Args:
        config: all settings.
        flags: what `chosen_settings` returns.

    Raises:
        InputError: if one has no effect.
    """
    optimizer, augment, distill = config.optimizer, config.augment, config.distill
    idle = {
        'optimizer.decay': (optimizer.schedule not in ('inverse_time', 'exponential'),
                            '--decay needs --schedule inverse_time or exponential, not '
                            f'{optimizer.schedule}'),
        'optimizer.momentum': (optimizer.name != 'sgd',
                               f'--momentum needs --optimizer sgd, not {optimizer.name}'),
        'augment.live_detector': (not augment.live_crops,
                                  '--live-detector needs --live-crops above 0'),
        'distill.answered_epochs': (distill.sees == 'clean',
                                    '--answered-epochs needs --teacher-sees shown or milder')}
    for name, (is_idle, message) in idle.items():
        if is_idle and flags.get(name):
            raise InputError(message)
