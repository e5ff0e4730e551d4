# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and SIGTERM while a command works."""

from collections.abc import Iterator
import contextlib
import signal
from typing import Any


@contextlib.contextmanager
def signals_handled(handler: Any) -> Iterator[None]:
    """Let `handler` get SIGINT and SIGTERM while this context is open.

    A shell starts what it runs in the background with SIGINT ignored.
    """
    before = {number: signal.signal(number, handler)
              for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def interruptible() -> contextlib.AbstractContextManager[None]:
    """Let SIGINT and SIGTERM raise KeyboardInterrupt while this context is open."""
    return signals_handled(signal.default_int_handler)
