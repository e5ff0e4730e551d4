# SPDX-License-Identifier: Apache-2.0
"""`emorec faces rename`."""

import argparse
from typing import Any

from emorec_cli.faces.common import add_command
from emorec_cli.faces.common import add_people
from emorec_cli.faces.common import open_people


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'rename', run, 'give a person another name',
        'Give a person another name, in the photos and in what was learned from them.')
    parser.add_argument('name', metavar='OLD', help='name of the person until now')
    parser.add_argument('new_name', metavar='NEW', help='name from now on')
    add_people(parser)


def run(arguments: argparse.Namespace) -> int:
    """Rename one person."""
    people = open_people(arguments)
    people.rename(arguments.name, arguments.new_name)
    print(f'{arguments.name} is called {arguments.new_name} now')
    return 2 if people.learning_failed else 0
