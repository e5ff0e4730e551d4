# SPDX-License-Identifier: Apache-2.0
"""A process that has imported what the nodes of a run need, and waits to become one of them.

Four fifths of the start of a node are imports. Processes are not forked from one that has them,
since importing rclpy starts threads (of LTTng's tracing), and only a fork of a single thread is
safe.
"""

from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import suppress
import ctypes
from importlib import import_module
import json
import os
from pathlib import Path
import subprocess
import sys

from emorec_ros.run.process import Process

MODULE = [sys.executable, '-m']
"""What the commands begin with that a spare can stand for; the module's name follows."""
ARG_START, ARG_END = 47, 48
"""Places of the addresses of the arguments in /proc/self/stat, proc(5)."""


class Spare:
    """A spare process, seen from outside; it need not be ready when it is taken.

    Args:
        commands: what it may be told to run, each the `main` of a module.
        environment: of the process, as far as importing needs it.
    """

    def __init__(self, commands: Sequence[Sequence[str]], environment: Mapping[str, str]) -> None:
        self._commands = [list(command) for command in commands if command[:2] == MODULE]
        room = max(len(_joined(command)) for command in commands)
        self._process = Process(
            [*MODULE, __name__, '-' * room], environment, stdin=subprocess.PIPE)
        self._said = self._tell([command[2] for command in self._commands])

    def has_ended(self) -> bool:
        """Tell whether the process is gone."""
        return not self._said or self._process.poll() is not None

    def run(self, command: Sequence[str], environment: Mapping[str, str]) -> Process | None:
        """Let the process run a command; None where it cannot, and is none any more."""
        fits = list(command) in self._commands and not self.has_ended()
        if fits and self._tell([list(command), dict(environment)]):
            return self._process
        self.close()
        return None

    def close(self) -> None:
        """End the process."""
        self._process.kill()

    def _tell(self, what: object) -> bool:
        try:
            self._process.write(json.dumps(what).encode() + b'\n')
        except OSError:
            return False
        return True


def main() -> int:
    """Import what is named on standard input, wait for a command there, and become it."""
    lines = os.fdopen(os.dup(0), 'rb')
    for name in json.loads(lines.readline() or b'[]'):
        with suppress(Exception):  # the node itself says what is wrong
            import_module(name)
    line = lines.readline()
    lines.close()
    if not line:
        return 0
    command, environment = json.loads(line)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    os.environ.update(environment)
    with suppress(OSError):
        _show(command)
    sys.argv = command[2:]
    return int(import_module(command[2]).main())


def _joined(command: Sequence[str]) -> bytes:
    return b''.join(os.fsencode(word) + b'\0' for word in command)


def _show(command: Sequence[str]) -> None:
    """Let ps and pkill see this command, in the place of the arguments of the process."""
    fields = Path('/proc/self/stat').read_text().rsplit(')', 1)[1].split()
    start, end = (int(fields[number - 2]) for number in (ARG_START, ARG_END))
    text = _joined(command)
    if len(text) <= end - start:
        ctypes.memmove(start, text.ljust(end - start, b'\0'), end - start)


if __name__ == '__main__':
    sys.exit(main())
