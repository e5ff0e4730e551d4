# SPDX-License-Identifier: Apache-2.0
"""One training, or one report of a study, at a time in a folder."""

from collections.abc import Iterator
import contextlib
from pathlib import Path

from emorec_vision.errors import InputError
from filelock import FileLock
from filelock import Timeout

LOCK_NAME = '.lock'


@contextlib.contextmanager
def run_lock(folder: Path, wait: bool) -> Iterator[None]:
    """Keep other processes of this machine out of an existing folder.

    The lock goes with the process that holds it, also when that is killed; its file stays.

    Args:
        folder: of the run or the study.
        wait: whether to wait for the end of another process that holds the lock.

    Raises:
        InputError: if another process holds the lock, without `wait`.
    """
    try:
        lock = FileLock(folder / LOCK_NAME, timeout=-1 if wait else 0)
        lock.acquire()
    except Timeout:
        raise InputError(f'{folder}: another training writes there; wait for its end, or name '
                         'another --out') from None
    try:
        yield
    finally:
        lock.release()
