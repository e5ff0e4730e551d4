# SPDX-License-Identifier: Apache-2.0
"""Run processes, start the crashed ones again, and leave none behind."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
import ctypes
from dataclasses import dataclass
import signal
import subprocess
from time import monotonic
from time import sleep

from emorec_ros.runtime.exit_codes import BAD_INPUT
from emorec_ros.runtime.exit_codes import FINISHED
from emorec_ros.runtime.exit_codes import how_it_ended

FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
STEADY_AFTER = 10.0
GRACE = 4.0
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes]
    started: float
    delay: float = FIRST_DELAY
    restart_at: float | None = None


class Supervisor:
    """The processes of a run, one per command, until one of them ends it.

    Exit code 0 of any process means that the run is finished, 2 that its input is bad: both end
    the run with that code. Everything else is a crash, after which the process is started again:
    after 0.5 s, doubling to 10 s while it keeps crashing. The processes die with this one, also
    when it is killed (PR_SET_PDEATHSIG), and are in sessions of their own, so that Ctrl-C reaches
    only this one, which then ends them in order.

    Args:
        environment: of the processes.
        log: told of every crash, one line each.

    Attributes:
        restarts: so far.
    """

    def __init__(
        self, environment: Mapping[str, str], log: Callable[[str], None] = print
    ) -> None:
        self.restarts = 0
        self._environment = dict(environment)
        self._log = log
        self._children: list[_Child] = []

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a process under a name for messages; call it from the main thread."""
        self._children.append(_Child(name, command, self._spawn(command), monotonic()))

    def poll(self) -> int | None:
        """Start crashed processes again; return the exit code of the run once it has ended."""
        now = monotonic()
        for child in self._children:
            if child.restart_at is not None:
                if now >= child.restart_at:
                    child.process, child.started = self._spawn(child.command), now
                    child.restart_at = None
                continue
            code = child.process.poll()
            if code in (FINISHED, BAD_INPUT):
                return code
            if code is not None:
                self._plan_restart(child, code, now)
        return None

    def pids(self) -> dict[str, int]:
        """Return the process ids by name."""
        return {child.name: child.process.pid for child in self._children}

    def stop(self) -> int:
        """End every process: asked by SIGTERM, after some seconds of grace killed.

        Returns:
            2 if one of them found bad input while it ended, else 0.
        """
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.terminate()
        deadline = monotonic() + GRACE
        while monotonic() < deadline and any(
                child.process.poll() is None for child in self._children):
            sleep(0.02)
        for child in self._children:
            if child.process.poll() is None:
                child.process.kill()
            child.process.wait()
        refused = any(child.process.returncode == BAD_INPUT for child in self._children)
        return BAD_INPUT if refused else FINISHED

    def _plan_restart(self, child: _Child, code: int, now: float) -> None:
        if now - child.started > STEADY_AFTER:
            child.delay = FIRST_DELAY
        self._log(f'{child.name} ended with {how_it_ended(code)}; starting it again in '
                  f'{child.delay:g} s')
        child.restart_at = now + child.delay
        child.delay = min(2 * child.delay, LONGEST_DELAY)
        self.restarts += 1

    def _spawn(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            command, env=self._environment, stdin=subprocess.DEVNULL, stdout=2,
            start_new_session=True, preexec_fn=_die_with_parent)


def _die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
