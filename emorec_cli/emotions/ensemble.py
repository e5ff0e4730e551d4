# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions ensemble`."""

import argparse
from typing import Any

from emorec_cli.emotions import evaluate
from emorec_cli.emotions.command import add_command
from emorec_vision.errors import InputError


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'ensemble', run, 'measure several models that answer together',
        'Print the figures of the mean of the probabilities of several models, as "emorec '
        'emotions evaluate" does, with the figure of each model by itself beside them. The '
        'models may be of any kind, but must tell the same labels apart.')
    parser.intermixed = True
    parser.add_argument('models', nargs='+', metavar='MODEL',
                        help='two or more .onnx or .keras files or folders of training runs')
    evaluate.add_options(parser)


def run(arguments: argparse.Namespace) -> int:
    """Measure the models together and each by itself."""
    if len(arguments.models) < 2:
        raise InputError('name at least two models, then the data; "emorec emotions evaluate" '
                         'measures a single one')
    return evaluate.run_evaluation(arguments, arguments.models)
