# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions expressions`."""

import argparse
import dataclasses
from pathlib import Path
from typing import Any

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.command import add_command
from emorec_cli.keras_import import check_installed


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'expressions', run, 'let an exported file read faces against themselves',
        'Add the logits as a second output to an ONNX file that "emorec emotions export" wrote '
        'before it did so itself, and measure on PublicTest where each emotion lies in them, '
        'which the live pipeline needs to read a person against their face at rest.')
    parser.add_argument('model', type=Path, metavar='FILE', help='the ONNX file, changed in place')
    data_arguments.add_csv(parser)


def run(arguments: argparse.Namespace) -> int:
    """Describe the expressions of a file."""
    data_arguments.check_paths(arguments)
    check_installed('onnx')
    data, choice = data_arguments.load_data(arguments)
    from emorec_training.export.expressions import describe_expressions
    from emorec_training.export.expressions import labels_of
    choice = dataclasses.replace(choice, classes=labels_of(arguments.model))
    public = choice.split(data, 'public')
    describe_expressions(arguments.model, public)
    print(f'{arguments.model}: the expressions of {len(public.labels)} images of PublicTest are '
          'described in it')
    return 0
