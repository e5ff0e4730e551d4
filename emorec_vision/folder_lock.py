# SPDX-License-Identifier: Apache-2.0
"""One writer at a time in a folder, among all threads and programs of this machine."""

from collections.abc import Iterator
import contextlib
from contextlib import contextmanager
import fcntl
import os
from pathlib import Path
import threading
import time

from emorec_vision.errors import InputError

LOCK_NAME = '.lock'
POLL_S = 0.02


class _Holder:
    """Hold the lock of one folder within this program."""

    def __init__(self) -> None:
        self.thread = threading.RLock()
        self.depth = 0
        self.descriptor = -1


_HOLDERS: dict[str, _Holder] = {}


@contextmanager
def locked(folder: Path, timeout: float = 30.0) -> Iterator[None]:
    """Be the only writer of an existing folder; a thread that holds the lock may take it again.

    The lock goes with the program that holds it, also when that is killed.

    Args:
        timeout: how long to wait for another writer, s.

    Raises:
        InputError: when another one writes for longer, or the folder cannot be written to.
    """
    holder = _HOLDERS.setdefault(os.path.realpath(folder), _Holder())
    end = time.monotonic() + timeout
    if not holder.thread.acquire(timeout=timeout):
        raise _busy(folder, timeout)
    try:
        if not holder.depth:
            holder.descriptor = _take(folder, timeout, end)
        holder.depth += 1
        try:
            yield
        finally:
            holder.depth -= 1
            if not holder.depth:
                os.close(holder.descriptor)
    finally:
        holder.thread.release()


def _take(folder: Path, timeout: float, end: float) -> int:
    """Return the descriptor of the lock file, locked."""
    try:
        descriptor = os.open(folder / LOCK_NAME,
                             os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise InputError(f'cannot write to the people folder {folder}: {error.strerror}') from None
    with contextlib.ExitStack() as unless_locked:
        unless_locked.callback(os.close, descriptor)
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                unless_locked.pop_all()
                return descriptor
            except BlockingIOError:
                if time.monotonic() > end:
                    raise _busy(folder, timeout) from None
            time.sleep(POLL_S)


def _busy(folder: Path, timeout: float) -> InputError:
    return InputError(f'another program has been changing {folder} for {timeout:.0f} s; try '
                      'again when it is done')
