# SPDX-License-Identifier: Apache-2.0
"""A process that dies with the one that started it, and lets its pulse be felt."""

from collections.abc import Mapping
from collections.abc import Sequence
import ctypes
import os
import signal
import subprocess

from emorec_ros.run.pulse import Pulse
from emorec_ros.runtime.process.exit_codes import CRASHED
from emorec_ros.runtime.process.watchdog import PULSE

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


class Process:
    """A running command, in a session of its own, so that Ctrl-C does not reach it.

    It is killed when this process ends, whatever ends it: start it from the main thread, whose end
    is what the kernel looks at.

    Args:
        command: program and arguments.
        environment: of the process.
        stdin: subprocess.PIPE to `write` to its standard input.

    Attributes:
        pulse: what its nodes let hear.
    """

    def __init__(self, command: Sequence[str], environment: Mapping[str, str],
                 stdin: int = subprocess.DEVNULL) -> None:
        parent = os.getpid()
        pipe, other_end = os.pipe()
        os.set_blocking(pipe, False)
        os.set_blocking(other_end, False)
        try:
            self._process = subprocess.Popen(
                command, env={**environment, PULSE: str(other_end)}, stdin=stdin,
                stdout=2, bufsize=0, start_new_session=True, pass_fds=[other_end],
                preexec_fn=lambda: _die_with(parent))
        except BaseException:
            os.close(pipe)
            raise
        finally:
            os.close(other_end)
        self.pulse = Pulse(self._process.pid, pipe)

    @property
    def pid(self) -> int:
        """Return the id of the process."""
        return self._process.pid

    def write(self, data: bytes) -> None:
        """Write to its standard input.

        Raises:
            OSError: if it has ended, or has no such input.
        """
        if self._process.stdin is None:
            raise BrokenPipeError
        self._process.stdin.write(data)

    def poll(self) -> int | None:
        """Return the exit code, -N for signal N, or None while the process runs."""
        return self._process.poll()

    def send(self, number: signal.Signals) -> None:
        """Send a signal; to a process that has ended it is none."""
        self._process.send_signal(number)

    def kill(self) -> None:
        """Kill it, and wait for that."""
        self.send(signal.SIGKILL)
        self.close()

    def close(self) -> int:
        """Wait for the end of the process and return its exit code."""
        code = self._process.wait()
        self.pulse.close()
        if self._process.stdin is not None:
            self._process.stdin.close()
        return code


def _die_with(parent: int) -> None:
    """Let the kernel kill this process with its parent, which may have died just before."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(CRASHED)
