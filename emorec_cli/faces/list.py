# SPDX-License-Identifier: Apache-2.0
"""`emorec faces list`."""

import argparse
import json
from typing import Any

from emorec_cli.faces.common import add_command
from emorec_cli.faces.common import add_people
from emorec_cli.faces.common import count_of_photos
from emorec_cli.faces.common import open_people


def add_to(commands: Any) -> None:
    """Add the command."""
    parser = add_command(
        commands, 'list', run, 'list the people that are known',
        'List the people of the people folder and how many photos there are of each.')
    parser.add_argument('--json', action='store_true', help='print one JSON object instead')
    add_people(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print everybody's name and number of photos."""
    people = open_people(arguments)
    people.tidy()
    known = [(name, count, people.home(name)) for name, count in people.counts().items()]
    if arguments.json:
        print(json.dumps({'folder': str(people.path), 'people': [
            {'name': name, 'photos': count, 'folder': str(home)}
            for name, count, home in known]}, ensure_ascii=False))
        return 0
    if not known:
        print(f'nobody is known in {people.path}; "emorec faces acquire --name NAME" takes photos')
    width = max((len(name) for name, _, _ in known), default=0)
    for name, count, home in known:
        print(f'{name:{width}}  {count_of_photos(count):>11}  {home}')
    return 0
