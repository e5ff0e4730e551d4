# SPDX-License-Identifier: Apache-2.0
"""`emorec faces forget`."""

import argparse
import sys
from typing import Any

from emorec_cli.faces.common import add_command
from emorec_cli.faces.common import add_people
from emorec_cli.faces.common import people_folder
from emorec_cli.faces.common import photos


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
    from emorec_vision.people.store import forget_person
    folder = people_folder(arguments)
    forgotten = forget_person(folder, arguments.name)
    learned = forgotten.model and not forgotten.problem
    model = ', and the model was learned anew without them' if learned else ''
    print(f'{arguments.name}: {photos(forgotten.photos)} deleted{model}')
    if forgotten.problem:
        print(f'emorec: the model is gone too, and the others could not be learned anew: '
              f'{forgotten.problem}', file=sys.stderr)
    return 0
