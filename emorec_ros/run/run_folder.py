# SPDX-License-Identifier: Apache-2.0
"""The private folder of a run, and what dead runs left behind."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
import fcntl
import os
from pathlib import Path
import shutil
import tempfile
from time import time

PREFIX = 'emorec_'
OURS = ('fastdds.xml', 'face_detector.yaml')
"""What the folder of a run holds, of `emorec live` and of ros2 launch."""
YOUNG = 10.0
"""Age of a folder in s before which the run that makes it may not have locked it yet."""


@contextmanager
def run_folder(prefix: str = PREFIX) -> Iterator[Path]:
    """Make a folder for one run, which only this user can read, and remove it in the end.

    It is locked for as long as this process lives, which tells others that the run does.
    """
    folder = Path(tempfile.mkdtemp(prefix=prefix))
    descriptor = os.open(folder, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(descriptor)


def remove_dead_folders(folder: Path | None = None) -> int:
    """Remove the folders of this user's runs that ended without doing so.

    Args:
        folder: where they are; None: where Python makes temporary ones.

    Returns:
        how many: of those that nobody has locked and no process names in its command.
    """
    paths = [path for path in (folder or Path(tempfile.gettempdir())).glob(f'{PREFIX}*')
             if any((path / name).exists() for name in OURS) and _is_dead(path)]
    commands = _commands() if paths else b''
    dead = [path for path in paths if os.fsencode(path) not in commands]
    for path in dead:
        shutil.rmtree(path, ignore_errors=True)
    return len(dead)


def _is_dead(path: Path) -> bool:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        about = os.fstat(descriptor)
        if about.st_uid != os.getuid() or time() - about.st_mtime < YOUNG:
            return False
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(descriptor)
    return True


def _commands() -> bytes:
    """Return the command lines of all processes."""
    commands = []
    for path in Path('/proc').glob('[0-9]*/cmdline'):
        with suppress(OSError):
            commands.append(path.read_bytes())
    return b'\0'.join(commands)
