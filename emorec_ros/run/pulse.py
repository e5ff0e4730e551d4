# SPDX-License-Identifier: Apache-2.0
"""Listen to the signs of life of a process, from outside of it."""

from contextlib import suppress
from dataclasses import dataclass
import os
from pathlib import Path

from emorec_ros.runtime.process.watchdog import NOBODY
from emorec_ros.runtime.process.watchdog import STUCK_AT_START
from emorec_ros.runtime.process.watchdog import STUCK_WHEN_BACK

MOST_READ = 65536
START = ''
"""Name of what is expected before any node of the process said a word."""


@dataclass
class _Expected:
    """A node that is to come round.

    Attributes:
        patience: how long it may be silent, s.
        thread: that comes round.
        waited: for a processor until its last sign of life, s.
        silent: since then, s.
    """

    patience: float
    thread: int
    waited: float
    silent: float = 0.0


class Pulse:
    """What the nodes of a process let hear, and for how long each has been silent.

    Silence is what the supervisor itself lived through, so that neither a stopped run nor a
    machine that slept counts. What the node's thread waited for a processor is taken off: a busy
    machine makes nodes slow, not stuck. A node that computes for ever does use its processor, and
    one that is stopped or hangs does not ask for it.
    """

    def __init__(self, pid: int, pipe: int) -> None:
        """Listen to a process.

        Args:
            pid: of it.
            pipe: descriptor that its signs of life are read from, not blocking; it is closed by
                `close`.
        """
        self._pid = pid
        self._pipe = os.fdopen(pipe, 'rb', buffering=0)
        self._rest = b''
        self._expected = {START: _Expected(STUCK_AT_START, pid, 0.0)}

    def silent_node(self, step: float, is_back: bool = False) -> tuple[str, float] | None:
        """Return the name of a node that does not come round any more, and the patience in s.

        Args:
            step: what has passed for the supervisor since the last call, s.
            is_back: the process was just started again, so that less patience is due once its
                nodes are made.
        """
        self._listen()
        for name, node in self._expected.items():
            patience = node.patience
            if is_back and patience < STUCK_AT_START:
                patience = min(patience, STUCK_WHEN_BACK)
            node.silent += step
            if (node.silent >= patience
                    and node.silent - (self._waited(node.thread) - node.waited) >= patience):
                return name, patience
        return None

    def close(self) -> None:
        """Stop listening."""
        self._pipe.close()

    def _listen(self) -> None:
        self._rest += self._pipe.read(MOST_READ) or b''
        *lines, self._rest = self._rest.split(b'\n')
        for line in lines:
            words = line.decode().split()
            self._expected.pop(START, None)
            if words == [NOBODY]:
                self._expected.clear()
            elif len(words) == 3:
                thread = int(words[2])
                self._expected[words[0]] = _Expected(
                    float(words[1]), thread, self._waited(thread))

    def _waited(self, thread: int) -> float:
        """Return for how long a thread has waited for a processor, s; 0 where nobody knows."""
        with suppress(OSError, IndexError, ValueError):
            text = Path(f'/proc/{self._pid}/task/{thread}/schedstat').read_text()
            return int(text.split()[1]) / 1e9
        return 0.0
