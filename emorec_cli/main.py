# SPDX-License-Identifier: Apache-2.0
"""The `emorec` command: one module of this package per sub-command."""
import argparse
from collections.abc import Sequence
from importlib import import_module
import io
import os
import pkgutil
import sys

import emorec_cli
from emorec_cli.output.standard_error import tell
from emorec_cli.output.standard_error import to_null
from emorec_cli.parsing.parser import Parser
from emorec_vision.errors import in_one_line
from emorec_vision.errors import InputError
from emorec_vision.errors import is_about_a_file


def make_parser() -> argparse.ArgumentParser:
    """Return the parser of all sub-commands.

    Every module beside this one that has `add_parser(subparsers)` is a command; it sets the
    default `run`, a function of the parsed arguments that returns the exit status.
    """
    parser = Parser(
        prog='emorec', description='Who is in front of a camera, and which emotion they show.')
    subparsers = parser.add_subparsers(metavar='COMMAND', required=True)
    for module_info in pkgutil.iter_modules(emorec_cli.__path__):
        module = import_module(f'{emorec_cli.__name__}.{module_info.name}')
        if hasattr(module, 'add_parser'):
            module.add_parser(subparsers)
    return parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status: 0 done, 2 bad input, 130 interrupted."""
    _prepare_standard_streams()
    try:
        try:
            return _run(sys.argv[1:] if argv is None else argv)
        finally:
            sys.stdout.flush()
    except InputError as error:
        tell(str(error))
        return 2
    except BrokenPipeError:
        to_null(sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        return 130
    except OSError as error:
        if not is_about_a_file(error):
            raise
        if error.filename is None:
            to_null(sys.stdout.fileno())
            tell(f'cannot write the output: {in_one_line(error)}')
        else:
            tell(f'cannot use {in_one_line(error)}')
        return 2


def _run(argv: Sequence[str]) -> int:
    for argument in argv:
        if any('\ud800' <= character <= '\udfff' for character in argument):
            raise InputError(f'the argument {argument!r} is not in UTF-8; rename the file')
    if argv[:1] != ['emotions']:
        os.environ.setdefault('OPENBLAS_NUM_THREADS', '1')  # its idle threads would only spin
    arguments = make_parser().parse_args(argv)
    return int(arguments.run(arguments))


def _prepare_standard_streams() -> None:
    """Open closed ones on /dev/null, and let no character in a name break the output."""
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            to_null(descriptor)
    sys.stdout = sys.stdout or os.fdopen(1, 'w', closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, 'w', closefd=False)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors='backslashreplace')


if __name__ == '__main__':
    sys.exit(main())
