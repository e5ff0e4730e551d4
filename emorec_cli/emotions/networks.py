# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions networks`."""

import argparse
import dataclasses
import json
from typing import Any

from emorec_cli.emotions.command import add_command
from emorec_cli.keras_import import prepare_keras
from emorec_vision.errors import InputError


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'networks', run, 'list the networks, their cost and accuracy',
        'List what --network of "emorec emotions train" knows, with trainable parameters, '
        'multiply-adds and time per face (ONNX Runtime, one thread, median, measured now; the '
        'weights are untrained, which costs the same), the accuracy that its authors claim, '
        'what was measured here, and which begin with weights from ImageNet.')
    parser.add_argument('--runs', type=int, default=100, metavar='N',
                        help='how often each network is timed')
    parser.add_argument('--no-timing', action='store_true',
                        help='measure no times, which is faster and needs no TensorFlow')
    parser.add_argument('--json', action='store_true', help='print JSON instead of a table')


def run(arguments: argparse.Namespace) -> int:
    """Print the table."""
    if arguments.runs < 1:
        raise InputError(f'--runs: {arguments.runs} is less than 1; --no-timing measures no time')
    prepare_keras('' if arguments.no_timing else 'tensorflow')
    from emorec_training.networks.table import format_table
    from emorec_training.networks.table import network_table
    rows = network_table(0 if arguments.no_timing else arguments.runs)
    if arguments.json:
        print(json.dumps([dataclasses.asdict(row) for row in rows], indent=2))
    else:
        print(format_table(rows))
    return 0
