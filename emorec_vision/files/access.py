# SPDX-License-Identifier: Apache-2.0
"""Files and folders: what a user named is checked, what is written is whole or not there."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Iterator
import contextlib
import json
import os
from pathlib import Path
from typing import Any

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import open_regular
from emorec_vision.files.whole_file import fill
from emorec_vision.files.whole_file import new_file
from emorec_vision.files.whole_file import part_of
from emorec_vision.files.whole_file import store
import numpy as np

Hint = Callable[[Path], str]
"""Returns what a path looks like that is not what was wanted, as the end of an error's text."""


def check_file(path: Path, missing: str, hint: Hint | None = None) -> None:
    """Check that a regular file is there and can be opened for reading; never wait for a pipe.

    Args:
        missing: the error's text where there is no such file.
        hint: what a folder looks like; without it there is just no such file.

    Raises:
        InputError: if it is missing, no regular file, or may not be read.
    """
    try:
        os.close(open_regular(path))
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(missing) from None
    except IsADirectoryError as error:
        raise InputError(f'cannot read {path}: {error.strerror}{hint(path)}' if hint else missing
                         ) from None
    except OSError as error:
        raise InputError(f'cannot read {path}: {error.strerror}') from None


def read_file(path: Path, what: str = '', hint: Hint | None = None,
              most_bytes: int | None = None) -> bytes:
    """Return what is in a regular file; never wait for a pipe.

    Args:
        what: it is, with its article, for the error.
        hint: what a folder looks like.
        most_bytes: that it may have.

    Raises:
        InputError: if it is missing, no regular file, too large, or may not be read.
    """
    name = f'{what} {path}'.lstrip()
    try:
        with os.fdopen(open_regular(path), 'rb') as file:
            size = os.fstat(file.fileno()).st_size
            if most_bytes is not None and size > most_bytes:
                raise InputError(f'{path} has {size} bytes; at most {most_bytes} are read')
            return file.read()
    except IsADirectoryError as error:
        raise InputError(f'cannot read {name}: {error.strerror}{hint(path) if hint else ""}'
                         ) from None
    except OSError as error:
        raise InputError(f'cannot read {name}: {error.strerror}') from None
    except MemoryError:
        raise InputError(f'cannot read {name}: it is larger than the memory') from None


def list_folder(folder: Path, missing: str, hint: Hint | None = None) -> list[Path]:
    """Return what is in a folder, in no order.

    Args:
        missing: the error's text where there is no such folder.
        hint: what a file looks like; without it there is just no such folder.

    Raises:
        InputError: if it is missing, no folder, or may not be read.
    """
    try:
        return list(folder.iterdir())
    except FileNotFoundError:
        raise InputError(missing) from None
    except NotADirectoryError:
        if hint is None or not os.path.exists(folder):
            raise InputError(missing) from None
        raise InputError(f'{folder} is no folder{hint(folder)}') from None
    except OSError as error:
        raise InputError(f'cannot read the folder {folder}: {error.strerror}') from None


def make_folder(folder: Path, mode: int = 0o777) -> Path:
    """Make a folder, and those above it, where it is missing, and return it.

    Args:
        mode: access rights of the folder itself, less the umask.

    Raises:
        InputError: if that cannot be done.
    """
    try:
        folder.mkdir(mode, parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f'cannot make the folder {folder}: {error.strerror}') from None
    return folder


@contextlib.contextmanager
def replace(path: Path) -> Iterator[Path]:
    """Give the name of a new file of the same suffix, and move what was written there to `path`.

    It is for what writes files by their names and tells of every error; OpenCV does not. When the
    context ends with an exception, what is at `path` stays as it was.

    Raises:
        InputError: if the file cannot be written.
    """
    try:
        with part_of(path, 0o666) as (part, _):
            yield part
            with open(part, 'rb') as file:
                os.fsync(file.fileno())
    except OSError as error:
        raise _cannot_write(path, error) from None


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file, replacing what is there in one step.

    Once it has returned, the file outlives a power failure.

    Raises:
        InputError: if the file cannot be written; what is there stays as it was.
    """
    try:
        store(path, content, 0o666)
    except OSError as error:
        raise _cannot_write(path, error) from None


def write_text(path: Path, text: str) -> None:
    """Write `text` as `write_bytes` does."""
    write_bytes(path, text.encode())


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, as `write_bytes` does."""
    write_text(path, json.dumps(value, indent=2) + '\n')


def write_png(path: Path, image: np.ndarray) -> None:
    """Write an image, gray uint8 (H, W) or RGB uint8 (H, W, 3), as `write_bytes` does."""
    pixels = image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode('.png', pixels)
    write_bytes(path, data.tobytes())


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, as `write_bytes` does.

    Raises:
        OSError: when it cannot be written; what is there stays as it was.
    """
    store(path, content, 0o600)


def create_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, of a name that is not taken.

    Raises:
        OSError: when it cannot be written, or there is one.
    """
    with new_file(path, 0o600) as descriptor:
        fill(path, descriptor, content)


@contextlib.contextmanager
def one_line_errors(what: str) -> Iterator[None]:
    """Turn the error of a disk into an InputError that says what could not be done."""
    try:
        yield
    except OSError as error:
        raise InputError(f'{what}: {error.strerror or error} ({error.filename})') from None


def _cannot_write(path: Path, error: OSError) -> InputError:
    return InputError(f'cannot write {path}: {error.strerror or error}')
