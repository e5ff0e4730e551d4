# SPDX-License-Identifier: Apache-2.0
"""How a file is written whole or not at all, whatever fails: the disk, the power, the program.

Functions raise OSError with the name of the file that was wanted.
"""

from collections.abc import Iterator
import contextlib
import errno
import hashlib
import os
from pathlib import Path
import secrets
import sys

if sys.platform != 'win32':
    import fcntl

PART = '.part-'
"""What the name of an unfinished file begins with."""


def store(path: Path, content: bytes, mode: int) -> None:
    """Replace what is at `path` in one step, by a file of this mode less the umask."""
    with part_of(path, mode) as (_, descriptor):
        fill(path, descriptor, content)


@contextlib.contextmanager
def part_of(path: Path, mode: int) -> Iterator[tuple[Path, int]]:
    """Give the name and the descriptor of a new file beside `path`; move it there at the end.

    Nobody can guess the name. What writers of the same file left when they were killed is removed.
    """
    beginning = f'{PART}{hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8]}-'
    for left in path.parent.glob(f'{beginning}*'):
        _remove_left(left)
    while True:
        part = path.with_name(f'{beginning}{secrets.token_hex(8)}{path.suffix}')
        with _named(path), new_file(part, mode) as descriptor:
            if not _lock(descriptor):
                continue
            yield part, descriptor
            os.replace(part, path)
            sync_folder(path.parent)
            return


@contextlib.contextmanager
def new_file(path: Path, mode: int) -> Iterator[int]:
    """Make a file that is not there, to be written and read; an exception removes it."""
    descriptor = os.open(
        path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, 'O_NOFOLLOW', 0), mode)
    try:
        yield descriptor
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(path)
        raise
    finally:
        os.close(descriptor)


def fill(path: Path, descriptor: int, content: bytes) -> None:
    """Write a new file to the disk, and compare what is there then."""
    with _named(path):
        write_all(descriptor, content)
        os.fsync(descriptor)
        os.lseek(descriptor, 0, os.SEEK_SET)
        with open(descriptor, 'rb', closefd=False) as file:
            if file.read() != content:
                raise OSError(errno.EIO, 'what was written cannot be read back')


def write_all(descriptor: int, content: bytes | memoryview) -> None:
    """Write all of it, however much the system takes at once."""
    view = memoryview(content).cast('B')
    while view:
        view = view[os.write(descriptor, view):]


def append(path: Path, content: bytes) -> None:
    """Add to the end of a file all of `content` or, when that fails, nothing."""
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o666)
    try:
        size = os.fstat(descriptor).st_size
        try:
            with _named(path):
                write_all(descriptor, content)
                os.fsync(descriptor)
        except OSError:
            os.ftruncate(descriptor, size)
            raise
    finally:
        os.close(descriptor)


def sync_folder(folder: Path) -> None:
    """Let what was renamed in a folder survive a power failure, where file systems can do so."""
    if sys.platform == 'win32':
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP, errno.ENOSYS):
            raise
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    """Let an error say which file was wanted."""
    try:
        yield
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), str(path)) from None


def _lock(descriptor: int, wait: bool = True) -> bool:
    """Mark a file as being written, for as long as it is open; tell whether that could be.

    It cannot when somebody else holds it, or has just removed it.
    """
    if sys.platform == 'win32':
        return wait
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return wait  # no locks on this file system: nothing is removed there
    return os.fstat(descriptor).st_nlink > 0


def _remove_left(part: Path) -> None:
    """Remove what a writer left, unless it is still at it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(part, os.O_RDONLY | getattr(os, 'O_NOFOLLOW', 0))
        try:
            if _lock(descriptor, wait=False):
                os.unlink(part)
        finally:
            os.close(descriptor)
