# SPDX-License-Identifier: Apache-2.0
"""`emorec faces`: take images of people, learn to recognise them, list and forget them."""

from importlib import import_module
import pkgutil
from typing import Any


def add_parser(subparsers: Any) -> None:
    """Add the sub-command and its own: every module here that has `add_to(commands)`."""
    parser = subparsers.add_parser(
        'faces', help='enrol, recognise, list, rename and forget people',
        description='Who the robot knows. Images of people stay in one folder of yours.')
    commands = parser.add_subparsers(metavar='COMMAND', required=True)
    for module_info in pkgutil.iter_modules(__path__):
        module = import_module(f'{__name__}.{module_info.name}')
        if hasattr(module, 'add_to'):
            module.add_to(commands)
