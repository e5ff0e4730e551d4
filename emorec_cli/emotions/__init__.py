# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions`: all that leads from FER2013 to the network behind the emotion node."""

from importlib import import_module
import pkgutil
from typing import Any

from emorec_cli.emotions.command import CommandParser


def add_parser(subparsers: Any) -> None:
    """Add the sub-command and its own: every module here that has `add_to(commands)`."""
    parser = subparsers.add_parser(
        'emotions', help='explore data, train, tune, evaluate and export emotion networks',
        description='From fer2013.csv to the ONNX file that the emotion node runs. Needs the '
                    'training extra: "make training", or pip install "emorec[training]".')
    commands = parser.add_subparsers(
        metavar='COMMAND', required=True, parser_class=CommandParser)
    for module_info in pkgutil.iter_modules(__path__):
        module = import_module(f'{__name__}.{module_info.name}')
        if hasattr(module, 'add_to'):
            module.add_to(commands)
