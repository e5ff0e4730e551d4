# SPDX-License-Identifier: Apache-2.0
"""End the process by SIGALRM when a node in it does not come round any more.

No thread could: Fast DDS 2.14 loops for ever in taking an image that it dropped half received,
and holds Python's lock meanwhile. (StatefulReader::processGapMsg leaves such a sample in the
reader's instance, where ReadTakeCommand does not get past it. That follows the kill and restart of
a subscriber.) A process has one such alarm, so that it stands for the most urgent of its nodes.
"""

import signal
from threading import Lock
from time import monotonic

STUCK_AFTER = 10.0
"""Seconds after which a node that does not come round any more is ended, to be started again."""
STUCK_AT_START = 120.0
"""The same while it is made, which takes long where many people are learnt."""

_deadlines: dict[str, float] = {}
_lock = Lock()


def expect(name: str, at_start: bool = False) -> None:
    """Let the process end unless this node comes round, which calls this again, in time."""
    with _lock:
        now = monotonic()
        _deadlines[name] = now + (STUCK_AT_START if at_start else STUCK_AFTER)
        # A deadline that has just passed must not become 0, which would stop the alarm.
        signal.setitimer(signal.ITIMER_REAL, max(min(_deadlines.values()) - now, 0.001))


def stop() -> None:
    """Expect no node any more."""
    with _lock:
        _deadlines.clear()
        signal.setitimer(signal.ITIMER_REAL, 0.0)
