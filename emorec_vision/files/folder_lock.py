# SPDX-License-Identifier: Apache-2.0
"""One writer at a time in a folder, among all threads and programs of this machine."""

from collections.abc import Iterator
from contextlib import contextmanager
import errno
import os
from pathlib import Path

from emorec_vision.errors import InputError
from filelock import FileLock
from filelock import Timeout

LOCK_NAME = '.lock'
POLL_S = 0.02
_LOCKS: dict[str, FileLock] = {}
"""One object for each, so that its holder may take it again. (filelock's `is_singleton` loses
the lock then in 3.13.1, the version of Ubuntu 24.04.)"""


@contextmanager
def locked(folder: Path, what: str, timeout: float = 30.0) -> Iterator[None]:
    """Be the only writer of an existing folder; a thread that holds the lock may take it again.

    The lock goes with the program that holds it, also when that is killed. Its file stays.

    Args:
        what: the folder is, for the error's text.
        timeout: how long to wait for another writer, s; negative for ever.

    Raises:
        InputError: when another one writes for longer, or the folder cannot be written to.
    """
    path = os.path.join(os.path.realpath(folder), LOCK_NAME)
    lock = _LOCKS.setdefault(path, FileLock(path, mode=0o600))
    try:
        if os.path.islink(path):  # filelock 3.13.1 would follow it, and empty the file
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        lock.acquire(timeout=timeout, poll_interval=POLL_S)
    except Timeout:
        raise InputError(f'another program has been changing {folder} for {timeout:.0f} s; try '
                         'again when it is done') from None
    except OSError as error:
        raise InputError(f'cannot write to the {what} {folder}: {error.strerror}') from None
    try:
        yield
    finally:
        lock.release()
