# SPDX-License-Identifier: Apache-2.0
"""What every command says beside its output."""

import os
import sys

from emorec_vision.one_line import one_line


def tell(text: str) -> None:
    """Write one line to standard error, whatever the text holds; nobody may hear it any more."""
    try:
        print(f'emorec: {one_line(text)}', file=sys.stderr, flush=True)
    except OSError:
        to_null(sys.stderr.fileno())


def to_null(descriptor: int) -> None:
    """Let a file descriptor lead to /dev/null."""
    null = os.open(os.devnull, os.O_RDWR)
    os.dup2(null, descriptor)
    if null != descriptor:
        os.close(null)
