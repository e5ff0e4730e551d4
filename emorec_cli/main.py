# SPDX-License-Identifier: Apache-2.0
"""The `emorec` command: one module of this package per sub-command."""
import argparse
from collections.abc import Sequence
from importlib import import_module
import os
import pkgutil
import sys

import emorec_cli
from emorec_vision.errors import InputError


def make_parser() -> argparse.ArgumentParser:
    """
    Return the parser of all sub-commands.

    Every module beside this one that has `add_parser(subparsers)` is a command; it sets the
    default `run`, a function of the parsed arguments that returns the exit status.
    """
    parser = argparse.ArgumentParser(
        prog='emorec', description='Who is in front of a camera, and which emotion they show.')
    subparsers = parser.add_subparsers(metavar='COMMAND', required=True)
    for module_info in pkgutil.iter_modules(emorec_cli.__path__):
        module = import_module(f'{emorec_cli.__name__}.{module_info.name}')
        if hasattr(module, 'add_parser'):
            module.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 2 bad input."""
    arguments = make_parser().parse_args(argv)
    try:
        return int(arguments.run(arguments))
    except InputError as error:
        print(f'emorec: {error}', file=sys.stderr)
        return 2
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == '__main__':
    sys.exit(main())
