# SPDX-License-Identifier: Apache-2.0
"""The error that a user can cause and put right, and those of files in one line."""

import errno

DISK_ERRORS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}
"""A full, limited or failing disk."""


class InputError(ValueError):
    """A user's input is wrong; the text says in one line what, and what to do about it.

    Commands and nodes print the text without a traceback and end with exit status 2.
    """


def in_one_line(error: OSError) -> str:
    """Return what went wrong with which file, for people."""
    if error.filename is None:
        return error.strerror or str(error)
    to = '' if error.filename2 is None else f' to {error.filename2}'
    return f'{error.filename}{to}: {error.strerror}'


def is_about_a_file(error: OSError) -> bool:
    """Tell whether the error names a file: then a user can put it right, or the disk is full."""
    return error.filename is not None or error.errno in DISK_ERRORS
