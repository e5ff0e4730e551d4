# SPDX-License-Identifier: Apache-2.0
"""The paths that users write, and the files that they stand for."""

import errno
import os
from pathlib import Path
import stat


def expand(path: str | Path) -> Path:
    """Return a path that a user wrote, with ~ and $VARIABLES of the environment put in.

    One that is there as it is written is meant as it is.
    """
    if os.path.lexists(path):
        return Path(path)
    return Path(os.path.expanduser(os.path.expandvars(path)))


def open_regular(path: Path) -> int:
    """Return a descriptor of a regular file, to be closed; never wait for a pipe.

    Raises:
        OSError: if there is none that may be read; a folder, a pipe and so on are named in its
            strerror.
    """
    mode = os.stat(path).st_mode
    if stat.S_ISDIR(mode):
        raise OSError(errno.EISDIR, 'it is a folder')
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, 'it is no regular file')
    return os.open(path, os.O_RDONLY | getattr(os, 'O_NONBLOCK', 0) | getattr(os, 'O_BINARY', 0))
