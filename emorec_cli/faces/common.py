# SPDX-License-Identifier: Apache-2.0
"""What the commands of `emorec faces` share."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any
from typing import TYPE_CHECKING

from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_vision.files.user_path import expand

if TYPE_CHECKING:
    from emorec_vision.people.store import PeopleStore


def add_command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], brief: str,
                description: str) -> argparse.ArgumentParser:
    """Return the parser of a new command of `emorec faces`, which calls `run`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=brief, description=description, formatter_class=HelpFormatter)
    parser.set_defaults(run=run)
    return parser


def add_people(parser: argparse.ArgumentParser) -> None:
    """Add the option --people."""
    parser.add_argument(
        '--people', type=expand, metavar='DIR', help='where the people are kept (default: '
        '$XDG_DATA_HOME/emorec/people, else ~/.local/share/emorec/people)')


def open_people(arguments: argparse.Namespace, **settings: Any) -> PeopleStore:
    """Return the people of the folder that the arguments name, or of the user's own.

    Args:
        settings: of the `PeopleStore`; its warnings go to standard error.
    """
    from emorec_vision.people.folder import default_people_folder
    from emorec_vision.people.store import PeopleStore
    return PeopleStore(arguments.people or default_people_folder(), warn=tell, **settings)


def count_of_photos(count: int) -> str:
    """Return the count with its noun."""
    return f'{count} photo' if count == 1 else f'{count} photos'
