# SPDX-License-Identifier: Apache-2.0
"""What the commands of `emorec emotions` share."""

import argparse
from collections.abc import Callable
from collections.abc import Collection
from collections.abc import Iterator
import contextlib
import os
from pathlib import Path
import signal
import sys
import tempfile
from typing import Any

from emorec_cli.help_format import HelpFormatter
from emorec_cli.rooms import require_room
from emorec_vision.errors import InputError

RENAMED: dict[str, str] = {
    'network.name': 'network', 'optimizer.name': 'optimizer',
    'distill.weight': 'teacher-weight', 'distill.temperature': 'teacher-temperature',
    'distill.sees': 'teacher-sees', 'distill.frequencies': 'label-frequencies',
    'distill.votes': 'vote-weight'}
DERIVED: frozenset[str] = frozenset({'network.classes'})
"""Settings that follow from the data and have no flag."""


def add_command(commands: Any, name: str, run: Callable[[argparse.Namespace], int], brief: str,
                description: str) -> 'CommandParser':
    """Return the parser of a new command of `emorec emotions`, which calls `run`."""
    parser: CommandParser = commands.add_parser(
        name, help=brief, description=description, formatter_class=HelpFormatter)
    parser.set_defaults(run=run)
    return parser


class CommandParser(argparse.ArgumentParser):
    """Adds the options that need a library only once this very command is parsed."""

    add_rest: Callable[[argparse.ArgumentParser], None] | None = None

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        """Complete the options, then parse as usual.

        Raises:
            InputError: if emorec_training is not installed.
        """
        require_room('emorec_training')
        add_rest, self.add_rest = self.add_rest, None
        if add_rest is not None:
            add_rest(self)
        return super().parse_known_args(args, namespace)


def add_settings(parser: argparse.ArgumentParser, leave_out: Collection[str] = ()) -> None:
    """Add one flag for each setting of emorec_training.config, by sections.

    `leave_out` names settings, or whole sections, that get no flag.
    """
    from emorec_training.config import options
    groups: dict[str, Any] = {}
    for name, field in options():
        section = name.split('.')[0]
        if name in DERIVED or name in leave_out or section in leave_out:
            continue
        if section not in groups:
            groups[section] = parser.add_argument_group(f'{section} settings')
        flag = RENAMED.get(name, field.name).replace('_', '-')
        groups[section].add_argument(
            f'--{flag}', dest=name, type=type(field.default), default=None,
            choices=field.metadata['choices'] or None,
            metavar=None if field.metadata['choices'] else 'X',
            help=f'{field.metadata["help"]} (default: {field.default})')


def chosen_settings(arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that flags give, by dotted names; None where not given."""
    return {name: value for name, value in vars(arguments).items() if '.' in name}


def model_file(text: str) -> Path:
    """Return what a model argument stands for: a path, or "accurate", a shipped one."""
    from emorec_vision.emotion.model import model_path
    return model_path(text) if text else Path(text)


def make_folder(folder: Path) -> None:
    """Make the folder that --out names, and see that it can be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f'--out: {folder} cannot be made ({error.strerror})') from error
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise InputError(f'--out: {folder} cannot be written to ({error.strerror})') from error


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt while this context is open.

    A shell starts what it runs in the background with SIGINT ignored.
    """
    before = {number: signal.signal(number, signal.default_int_handler)
              for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def prepare_keras(backend: str = '', trained: str | None = None) -> None:
    """Choose the backend and import Keras without TensorFlow's start-up messages.

    Where the network `trained` is mini_xception, TensorFlow does without oneDNN unless the
    environment says otherwise: on processors with AVX512-BF16 it aborts in that gradient
    (conv2d_backprop_filter, TensorFlow 2.21). Other networks would take twice the time without.
    """
    os.environ.setdefault('TF_CPP_MIN_LOG_LEVEL', '3')
    if trained == 'mini_xception':
        os.environ.setdefault('TF_ENABLE_ONEDNN_OPTS', '0')
    if backend:
        os.environ['KERAS_BACKEND'] = backend
    try:
        with _silent_standard_error():
            import keras  # noqa: F401
    except (ImportError, ValueError) as error:
        chosen = os.environ.get('KERAS_BACKEND')
        if chosen and getattr(error, 'name', None) != 'keras':
            raise InputError(f'KERAS_BACKEND={chosen}: Keras cannot run on it ({error}); leave it '
                             'out for TensorFlow') from error
        raise InputError(f'Keras is not installed ({error}); run "make training", or '
                         'pip install "emorec[training]"') from error


@contextlib.contextmanager
def _silent_standard_error() -> Iterator[None]:
    """Drop what native code writes to standard error while this context is open."""
    sys.stderr.flush()
    kept, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
