# SPDX-License-Identifier: Apache-2.0
"""Tell that the nodes of this process come round, so that it ends when one of them does not.

In a run of the supervisor every sign of life goes to it through a pipe, whose descriptor is named
by the variable PULSE; see emorec_ros.run.pulse. A process of its own has an alarm instead. No
thread could do it: Fast DDS loops for ever in taking an image that it dropped half received, and
holds Python's lock meanwhile. (StatefulReader::processGapMsg leaves such a sample in the reader's
instance, where ReadTakeCommand does not get past it; so still in Fast DDS 3.6.)

The alarm is of real time, which also passes while a process is stopped. So the first SIGALRM only
asks once more: a process that goes on calls `expect` before the second one ends it.
"""

from collections.abc import Callable
from contextlib import suppress
import ctypes
import os
import signal
import stat
from threading import get_native_id
from threading import Lock
from time import monotonic

STUCK_AFTER = 10.0
"""Seconds after which a node that does not come round any more is ended, to be started again."""
STUCK_AT_START = 120.0
"""The same while it is made, which takes long where many people are learnt."""
STUCK_WHEN_BACK = 2.5
"""The same soon after the process was started again, for that is when Fast DDS gets stuck: images
that are half sent when their reader comes back are what it drops."""
PULSE = 'EMOREC_PULSE'
"""Environment variable with the descriptor of the supervisor's pipe; it is there, if only empty,
where the process is started again after a crash."""
NOBODY = '-'
"""What a process says that ends, so that none of its nodes is expected any more."""


def is_kept() -> bool:
    """Tell whether this process is started again after a crash."""
    return PULSE in os.environ


def _pipe() -> int | None:
    """Return the supervisor's pipe, and keep it from the processes that this one starts."""
    with suppress(ValueError, OSError):
        pipe = int(os.environ.get(PULSE, ''))
        if stat.S_ISFIFO(os.fstat(pipe).st_mode):
            os.set_inheritable(pipe, False)
            return pipe
    return None


def _ask_twice() -> Callable[[], object]:
    """Return what makes the next SIGALRM start another alarm, and only the one after it deadly.

    The handler must not need Python's lock: it is alarm(2) itself, which gets the number of the
    signal as its seconds, 14. sysv_signal(3) resets it to the deadly default when it runs.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, 'sysv_signal'):
        return lambda: None
    library.sysv_signal.argtypes = [ctypes.c_int, ctypes.c_void_p]
    handler = ctypes.cast(library.alarm, ctypes.c_void_p)
    return lambda: library.sysv_signal(signal.SIGALRM, handler)


_supervisor = _pipe()
_arm_first = _ask_twice()
_deadlines: dict[str, float] = {}
_lock = Lock()


def expect(name: str, at_start: bool = False) -> None:
    """Let the process end unless this node comes round, which calls this again, in time.

    Call it from the thread that comes round: time in which that thread waits for a processor does
    not count for the supervisor. A process alone has one alarm, so that it stands for the most
    urgent of its nodes.
    """
    patience = STUCK_AT_START if at_start else STUCK_AFTER
    if _supervisor is not None:
        _tell(f'{name} {patience:g} {get_native_id()}')
        return
    with _lock:
        now = monotonic()
        _deadlines[name] = now + patience
        left = min(_deadlines.values()) - now
        if left > 0:  # else another node is asked for the second time
            _arm_first()
            signal.setitimer(signal.ITIMER_REAL, left)


def stop() -> None:
    """Expect no node any more."""
    if _supervisor is not None:
        _tell(NOBODY)
        return
    with _lock:
        _deadlines.clear()
        signal.setitimer(signal.ITIMER_REAL, 0.0)


def _tell(text: str) -> None:
    with suppress(OSError):  # nobody reads while the supervisor is stopped, and then it is full
        os.write(_supervisor or 0, f'{text}\n'.encode())
