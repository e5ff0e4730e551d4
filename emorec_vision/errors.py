# SPDX-License-Identifier: Apache-2.0
"""The error that a user can cause and put right."""


class InputError(ValueError):
    """Say in one line what is wrong with a user's input, and what to do about it.

    Commands and nodes print the text without a traceback and end with exit status 2.
    """
