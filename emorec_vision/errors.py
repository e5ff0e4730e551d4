# SPDX-License-Identifier: Apache-2.0
"""The error that a user can cause and put right."""


class InputError(ValueError):
    """A user's input is wrong; the text says in one line what, and what to do about it.

    Commands and nodes print the text without a traceback and end with exit status 2.
    """
