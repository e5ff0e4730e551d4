# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions soup`."""

import argparse
import math
from pathlib import Path
from typing import Any

from emorec_cli.emotions.arguments import data_arguments
from emorec_cli.emotions.command import add_command
from emorec_cli.keras_import import check_installed
from emorec_cli.keras_import import prepare_keras
from emorec_cli.parsing.paths import check_output_folder
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'soup', run, 'average the weights of several runs into one network',
        'Write a run whose weights are the mean of those of several runs of one network, with '
        'batch-norm statistics measured again. It costs what one network costs, and is often '
        'better than each where one run went on from the other (--start-from).')
    parser.add_argument('models', nargs='+', type=expand, metavar='MODEL',
                        help='.keras files or folders of runs')
    data_arguments.add_csv(parser)
    parser.add_argument('--shares', type=_shares, metavar='X,Y',
                        help='weight of each run (default: all alike)')
    parser.add_argument('--out', type=expand, metavar='DIR', default=Path('runs/soup'),
                        help='folder to write')


def run(arguments: argparse.Namespace) -> int:
    """Average and say how good the mean is."""
    count = len(arguments.models)
    shares = arguments.shares or [1 / count] * count
    if len(shares) != count:
        raise InputError(f'--shares: {len(shares)} numbers for {count} models')
    _check_paths(arguments)
    check_installed('keras')
    data, choice = data_arguments.load_data(arguments)
    prepare_keras()
    from emorec_training.export.soup import make_soup
    from emorec_vision.files.access import make_folder
    accuracy = make_soup(arguments.models, shares, data, choice, make_folder(arguments.out))
    print(f'{arguments.out / "model.keras"}: {accuracy:.2%} on PublicTest')
    return 0


def _check_paths(arguments: argparse.Namespace) -> None:
    from emorec_training.evaluation.predictor import check_keras_file
    for path in arguments.models:
        check_keras_file(path)
    data_arguments.check_paths(arguments)
    if (arguments.out / 'model.keras').exists():
        raise InputError(f'{arguments.out} holds an earlier run: name another --out')
    check_output_folder(arguments.out)


def _shares(text: str) -> list[float]:
    try:
        shares = [float(part) for part in text.split(',')]
    except ValueError:
        shares = []
    if not sum(shares) > 0 or not math.isfinite(sum(shares)):
        raise argparse.ArgumentTypeError(f'{text} are no numbers with a finite sum above 0')
    return shares
