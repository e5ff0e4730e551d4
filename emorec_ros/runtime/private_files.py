# SPDX-License-Identifier: Apache-2.0
"""Keep what a process makes while it joins the graph from other users of the machine."""

from collections.abc import Iterator
from contextlib import contextmanager
import os

PRIVATE = 0o077


@contextmanager
def private_files() -> Iterator[None]:
    """Let only this user read the files made while this context is open.

    Fast DDS makes the shared memory that carries images of people when the first node of a process
    is made, and with the umask alone decides who may read it. Files that users ask for are made
    later, with their own umask. It holds for the whole process, so do nothing else meanwhile.
    """
    before = os.umask(PRIVATE)
    try:
        yield
    finally:
        os.umask(before)
