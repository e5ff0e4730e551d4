# SPDX-License-Identifier: Apache-2.0
"""Look at files and folders that a user named, and say in one line why that cannot be done."""

import os
from pathlib import Path
import stat

from emorec_vision.errors import InputError


def check_file(path: Path, missing: str) -> None:
    """Check that a regular file is there and can be opened for reading.

    Args:
        missing: the error's text where there is no such file.

    Raises:
        InputError: if it is missing, no regular file, or may not be read.
    """
    try:
        if stat.S_ISREG(os.stat(path).st_mode):
            with open(path, 'rb'):
                return
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise InputError(f'cannot read {path}: {error.strerror}') from None
    raise InputError(missing)


def list_folder(folder: Path, missing: str) -> list[Path]:
    """Return what is in a folder, in no order.

    Args:
        missing: the error's text where there is no such folder.

    Raises:
        InputError: if it is missing, no folder, or may not be read.
    """
    try:
        return list(folder.iterdir())
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(missing) from None
    except OSError as error:
        raise InputError(f'cannot read the folder {folder}: {error.strerror}') from None
