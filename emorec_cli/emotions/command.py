# SPDX-License-Identifier: Apache-2.0
"""The parser of a command of `emorec emotions`."""

import argparse
from collections.abc import Callable
from typing import Any

from emorec_cli.parsing.help_format import HelpFormatter
from emorec_cli.parsing.parser import Parser
from emorec_cli.rooms import require_room


def add_command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], brief: str,
                description: str) -> 'CommandParser':
    """Return the parser of a new command, which calls `run`."""
    parser: CommandParser = commands.add_parser(
        name, help=brief, description=description, formatter_class=HelpFormatter)
    parser.set_defaults(run=run)
    return parser


class CommandParser(Parser):
    """A parser whose `add_rest` adds options once this very command is parsed.

    These are options that need a library, which no other command should have to import. With
    `intermixed`, options may stand between arguments of which the number is open.
    """

    add_rest: Callable[[argparse.ArgumentParser], None] | None = None
    intermixed: bool = False

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Complete the options, then parse as usual.

        Raises:
            InputError: if emorec_training is not installed.
        """
        require_room('emorec_training')
        add_rest, self.add_rest = self.add_rest, None
        if add_rest is not None:
            add_rest(self)
        if self.intermixed:
            self.intermixed, self.leaves_unknown = False, True
            found, unknown = self.parse_known_intermixed_args(args, namespace)
            self.refuse(unknown)
            return found, unknown
        return super().parse_known_args(args, namespace)
