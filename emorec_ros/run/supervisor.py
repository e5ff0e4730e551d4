# SPDX-License-Identifier: Apache-2.0
"""Run processes, start the crashed ones again, and leave none behind."""

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
import signal
from time import monotonic
from time import sleep

from emorec_ros.run.process import Process
from emorec_ros.run.spare import Spare
from emorec_ros.runtime.process.exit_codes import BAD_INPUT
from emorec_ros.runtime.process.exit_codes import FINISHED
from emorec_ros.runtime.process.exit_codes import how_it_ended

FIRST_DELAY = 0.5
LONGEST_DELAY = 10.0
STEADY_AFTER = 5.0
"""Seconds after which a crash is none of the start; the process is started again at once."""
GRACE = 4.0
BACK_FOR = 20.0
"""Seconds for which a process that was started again counts as just back."""
HASTY = 3
"""Starts in a row that get little patience: beside busy processes 10 of 100 after a kill hang,
but one that is only slow must come up in the end."""
SPARE_AFTER = 1.0
"""Seconds that a process which starts has the machine to itself before a spare is made."""
LONGEST_STEP = 1.0
"""Seconds between two polls that count at most: more was a stop of the supervisor itself."""


class Backoff:
    """How long to wait before a crashed process is started again.

    Not at all, but where it crashed soon after its start 0.5 s, doubling to 10 s while it does.
    """

    def __init__(self) -> None:
        self._next = FIRST_DELAY

    def delay(self, lived: float) -> float:
        """Return how long to wait now, s; the process lived for `lived` s."""
        delay = 0.0 if lived > STEADY_AFTER else self._next
        self._next = min(2 * delay, LONGEST_DELAY) or FIRST_DELAY
        return delay


def in_words(delay: float) -> str:
    """Return when a process is started again."""
    return f'starting it again in {delay:g} s' if delay else 'starting it again at once'


@dataclass
class _Child:
    name: str
    command: Sequence[str]
    process: Process
    started: float
    backoff: Backoff = field(default_factory=Backoff)
    restart_at: float | None = None
    hasty: int = 0
    """how many more starts in a row get little patience, as of one that is just back"""
    end: str = ''
    """why the supervisor ended the process itself"""


class Supervisor:
    """The processes of a run, one per command, until one of them ends it.

    Exit code 0 of any process means that the run is finished, 2 that its input is bad: both end
    the run with that code. Everything else is a crash, SIGTERM too, after which the process is
    started again, see Backoff. A process of which a node does not come round any more, because it
    is stuck or was stopped, is killed and counts as crashed (emorec_ros.run.pulse).

    The processes die with this one, also when it is killed, and Ctrl-C reaches only this one,
    which then ends them in order (emorec_ros.run.process).

    Args:
        environment: returns that of the next process that starts.
        log: told of every crash, one line each.
        spares: whether to keep a process warm that crashed ones are replaced by.

    Attributes:
        restarts: so far.
    """

    def __init__(self, environment: Callable[[], Mapping[str, str]],
                 log: Callable[[str], None] = print, spares: bool = False) -> None:
        self.restarts = 0
        self._environment = environment
        self._log = log
        self._children: list[_Child] = []
        self._polled = monotonic()
        self._spares = spares
        self._spare: Spare | None = None
        self._spare_at = 0.0

    def start(self, name: str, command: Sequence[str]) -> None:
        """Start a process under a name for messages; call it from the main thread."""
        self._children.append(_Child(name, command, self._spawn(command), monotonic()))

    def poll(self) -> int | None:
        """Start crashed processes again; return the exit code of the run once it has ended."""
        now = monotonic()
        step, self._polled = min(now - self._polled, LONGEST_STEP), now
        for child in self._children:
            if child.restart_at is None:
                code = child.process.poll()
                if code in (FINISHED, BAD_INPUT):
                    return code
                if code is not None:
                    self._plan_restart(child, code, now)
                elif not child.end:
                    self._feel_pulse(child, step, now)
            if child.restart_at is not None and now >= child.restart_at:
                child.process, child.started = self._spawn(child.command), now
                child.restart_at = None
        if self._spares:
            self._keep_spare(now)
        return None

    def pids(self) -> dict[str, int]:
        """Return the process ids by name."""
        return {child.name: child.process.pid for child in self._children}

    def stop(self) -> int:
        """End every process: asked by SIGTERM, after some seconds of grace killed.

        Returns:
            2 if one of them found bad input while it ended, else 0.
        """
        if self._spare is not None:
            self._spare.close()
        for child in reversed(self._children):
            child.process.send(signal.SIGTERM)
            child.process.send(signal.SIGCONT)
        deadline = monotonic() + GRACE
        while monotonic() < deadline and any(
                child.process.poll() is None for child in self._children):
            sleep(0.02)
        for child in self._children:
            child.process.send(signal.SIGKILL)
        codes = [child.process.close() for child in self._children if child.restart_at is None]
        return BAD_INPUT if BAD_INPUT in codes else FINISHED

    def _feel_pulse(self, child: _Child, step: float, now: float) -> None:
        is_back = child.hasty > 0 and now - child.started < BACK_FOR
        silent = child.process.pulse.silent_node(step, is_back)
        if silent is not None:
            child.hasty = child.hasty - 1 if is_back else HASTY
            child.end = 'was killed, as nothing moved in {} for {:g} s'.format(
                silent[0] or child.name, silent[1])
            child.process.send(signal.SIGKILL)

    def _plan_restart(self, child: _Child, code: int, now: float) -> None:
        child.process.close()
        delay = child.backoff.delay(now - child.started)
        self._log(f'{child.name} {child.end or f"ended with {how_it_ended(code)}"}; '
                  f'{in_words(delay)}')
        if not child.end:
            child.hasty = HASTY
        child.end = ''
        child.restart_at = now + delay
        self.restarts += 1

    def _keep_spare(self, now: float) -> None:
        if self._spare is not None and self._spare.has_ended():
            self._spare.close()
            self._spare, self._spare_at = None, now + LONGEST_DELAY
        if self._spare is None and now >= self._spare_at:
            self._spare = Spare([child.command for child in self._children], self._environment())

    def _spawn(self, command: Sequence[str]) -> Process:
        environment = self._environment()
        spare, self._spare = self._spare, None
        self._spare_at = monotonic() + (SPARE_AFTER if self.restarts else STEADY_AFTER)
        return (spare and spare.run(command, environment)) or Process(command, environment)
