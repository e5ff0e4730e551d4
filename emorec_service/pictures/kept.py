# SPDX-License-Identifier: Apache-2.0
"""The pictures themselves, kept in a folder when somebody asked for that."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
import fcntl
import os
from pathlib import Path
import secrets

from emorec_service.pictures.seen import SeenPicture
from emorec_vision.errors import InputError
from emorec_vision.files.access import create_private
from emorec_vision.files.whole_file import sync_folder

UNFINISHED = '.part'


class KeptPictures:
    """Keep pictures as they were sent, under names that nobody can guess.

    A picture is written under another name until its result is committed, so that the folder
    never holds one that cannot be found and deleted. What a kill left is removed at the start,
    unless another service is using the folder.

    Args:
        folder: made when missing, mode 0700.

    Raises:
        InputError: if it cannot be made or written to.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._in_use = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
            if self._is_alone():
                for path in folder.glob(f'.emorec-*{UNFINISHED}'):
                    path.unlink(missing_ok=True)
            with suppress(OSError):
                fcntl.flock(self._in_use, fcntl.LOCK_SH)
        except OSError as error:
            raise InputError(f'cannot use the folder {folder}: {error.strerror}') from None
        if not os.access(folder, os.W_OK | os.X_OK):
            raise InputError(f'cannot write into the folder {folder}: name another one')

    def close(self) -> None:
        """Give the folder up."""
        os.close(self._in_use)

    def _is_alone(self) -> bool:
        """Return whether no other service uses the folder, which is locked then."""
        try:
            fcntl.flock(self._in_use, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    @contextmanager
    def new(self, picture: SeenPicture) -> Iterator[str]:
        """Write a picture; it gets the path that this gives when the with block ends well."""
        suffix = picture.media_type.rpartition('/')[2].removeprefix('x-portable-')
        name = f'emorec-{secrets.token_hex(16)}.{suffix}'
        unfinished = self.folder / f'.{name}{UNFINISHED}'
        try:
            create_private(unfinished, picture.data)
            yield str(self.folder / name)
            unfinished.rename(self.folder / name)
        except BaseException:
            with suppress(OSError):
                unfinished.unlink()
            raise
        sync_folder(self.folder)


def read_kept(path: str) -> bytes | None:
    """Return a kept picture, None when it is no longer there."""
    try:
        return Path(path).read_bytes()
    except FileNotFoundError:
        return None


def remove_kept(path: str) -> None:
    """Delete a kept picture."""
    Path(path).unlink(missing_ok=True)
