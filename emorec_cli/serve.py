# SPDX-License-Identifier: Apache-2.0
"""`emorec serve`: the faces and emotions of images over HTTP, with a history."""

import argparse
from typing import Any

from emorec_cli.output.standard_error import tell
from emorec_cli.parsing.arguments import port
from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.options import add_model
from emorec_cli.rooms import require_room
from emorec_vision.files.user_path import expand


def add_parser(subparsers: Any) -> None:
    """Add the sub-command."""
    parser = subparsers.add_parser(
        'serve', help='tell the emotions in images over HTTP, with a page and a history',
        description='Answer images sent over HTTP with their faces and emotions, and remember '
                    'what was seen. A page to try it is at /, the API is described at /docs. '
                    'Needs neither a camera nor ROS. Ctrl-C ends it.',
        formatter_class=HelpFormatter)
    add = parser.add_argument
    add('--host', default='127.0.0.1', help='address to listen on; one that others reach needs '
        '--token-file')
    add('--port', type=port, default=5000, help='port to listen on; 0 takes a free one')
    add('--db', metavar='URL', help='store of the results as an SQLAlchemy URL, such as '
        'sqlite:///results.db or postgresql://user@host/name (otherwise an SQLite file in '
        '$XDG_DATA_HOME/emorec/service or ~/.local/share/emorec/service)')
    add_model(parser)
    add('--people', type=expand, metavar='DIR', help='folder of the people whose faces are told '
        'by name, as "emorec faces train" leaves it; their names are stored with the results '
        '(otherwise nobody is told by name)')
    token = parser.add_mutually_exclusive_group().add_argument
    token('--token-file', type=expand, metavar='FILE', help='file with the token that callers '
          'must show as "Authorization: Bearer TOKEN"; only its owner may read it (otherwise one '
          'of your own is made beside the store, and is in the address that is printed)')
    token('--no-token', action='store_true', help='let every program and every user of this '
          'machine in')
    add('--keep-pictures', type=expand, metavar='DIR', help='also keep the images themselves, in '
        'this folder (otherwise only what was seen is stored)')
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Serve until it is ended."""
    require_room('emorec_service', 'fastapi', 'multipart', 'sqlalchemy', 'uvicorn')
    from emorec_service.settings import default_db
    from emorec_service.settings import is_loopback
    from emorec_service.settings import Settings
    from emorec_service.tokens import default_token
    from emorec_service.tokens import read_token
    from emorec_service.web.server import serve
    token, show = None, False
    if arguments.token_file:
        token = read_token(arguments.token_file)
    elif not arguments.no_token and is_loopback(arguments.host):
        token, show = default_token(), True
    settings = Settings(arguments.db or default_db(), arguments.host, arguments.model,
                        arguments.people, token, show, arguments.keep_pictures)
    return serve(settings, arguments.port, tell)
