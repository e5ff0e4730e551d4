# SPDX-License-Identifier: Apache-2.0
"""`emorec faces forget`."""

import argparse
from typing import Any

from emorec_cli.faces.common import add_command
from emorec_cli.faces.common import add_people
from emorec_cli.faces.common import count_of_photos
from emorec_cli.faces.common import open_people


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'forget', run, 'delete all that is stored of a person',
        'Delete the photos and the contact sheet of a person, and all that was learned from '
        'them. A running robot forgets with the service /identity/forget.')
    parser.add_argument('name', metavar='NAME', help='of the person')
    add_people(parser)


def run(arguments: argparse.Namespace) -> int:
    """Forget one person and say what was deleted."""
    people = open_people(arguments)
    forgotten = people.forget(arguments.name)
    model = ', and the model was learned anew without them' if forgotten.learned_anew else ''
    print(f'{arguments.name}: {count_of_photos(forgotten.photos)} deleted{model}')
    return 2 if people.learning_failed else 0
