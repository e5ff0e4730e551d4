# SPDX-License-Identifier: Apache-2.0
"""What the commands of `emorec faces` share."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any


def add_command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], brief: str,
                description: str) -> argparse.ArgumentParser:
    """Return the parser of a new command of `emorec faces`, which calls `run`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=brief, description=description)
    parser.set_defaults(run=run)
    return parser


def add_people(parser: argparse.ArgumentParser) -> None:
    """Add the option --people."""
    parser.add_argument(
        '--people', type=Path, metavar='DIR', help='where the people are kept (default: '
        '$XDG_DATA_HOME/emorec/people, else ~/.local/share/emorec/people)')


def people_folder(arguments: argparse.Namespace) -> Path:
    """Return the people folder that the arguments name, or the user's own."""
    if arguments.people is not None:
        return Path(arguments.people)
    from emorec_vision.people.folder import default_people_folder
    return default_people_folder()


def photos(count: int) -> str:
    """Return the count with its noun."""
    return f'{count} photo' if count == 1 else f'{count} photos'
