# SPDX-License-Identifier: Apache-2.0
"""`emorec emotions soup`."""

import argparse
import math
from pathlib import Path
from typing import Any

from emorec_cli.emotions import common
from emorec_cli.emotions import data_arguments
from emorec_vision.errors import InputError


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = common.add_command(
        commands, 'soup', run, 'average the weights of several runs into one network',
        'Write a run whose weights are the mean of those of several runs of one network, with '
        'batch-norm statistics measured again. It costs what one network costs, and is often '
        'better than each where one run went on from the other (--start-from).')
    parser.add_argument('models', nargs='+', type=Path, metavar='MODEL',
                        help='.keras files or folders of runs')
    data_arguments.add_csv(parser)
    parser.add_argument('--shares', type=_shares, metavar='X,Y',
                        help='weight of each run (default: all alike)')
    parser.add_argument('--out', type=Path, metavar='DIR', default=Path('runs/soup'),
                        help='folder to write')


def run(arguments: argparse.Namespace) -> int:
    """Average and say how good the mean is."""
    count = len(arguments.models)
    shares = arguments.shares or [1 / count] * count
    if len(shares) != count:
        raise InputError(f'--shares: {len(shares)} numbers for {count} models')
    if (arguments.out / 'model.keras').exists():
        raise InputError(f'{arguments.out} holds an earlier run: name another --out')
    common.prepare_keras()
    from emorec_training.export.soup import cook
    data, choice = data_arguments.load_data(arguments)
    common.make_folder(arguments.out)
    accuracy = cook(arguments.models, shares, data, choice, arguments.out)
    print(f'{arguments.out / "model.keras"}: {accuracy:.2%} on PublicTest')
    return 0


def _shares(text: str) -> list[float]:
    try:
        shares = [float(part) for part in text.split(',')]
    except ValueError:
        shares = []
    if not sum(shares) > 0 or not math.isfinite(sum(shares)):
        raise argparse.ArgumentTypeError(f'{text} are no numbers with a finite sum above 0')
    return shares
