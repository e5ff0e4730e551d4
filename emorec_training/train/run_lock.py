# SPDX-License-Identifier: Apache-2.0
"""One training, or one report of a study, at a time in a folder."""

from collections.abc import Iterator
import contextlib
import fcntl
import os
from pathlib import Path

from emorec_vision.errors import InputError


@contextlib.contextmanager
def run_lock(folder: Path, wait: bool) -> Iterator[None]:
    """Keep other processes of this machine out of an existing folder, leaving no file in it.

    The lock goes with the process that holds it, also when that is killed.

    Args:
        folder: of the run or the study.
        wait: whether to wait for the end of another process that holds the lock.

    Raises:
        InputError: if another process holds the lock, without `wait`.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            raise InputError(f'{folder}: another training writes there; wait for its end, or name '
                             'another --out') from None
        yield
    finally:
        os.close(descriptor)
