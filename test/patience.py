# SPDX-License-Identifier: Apache-2.0
"""How long a test waits for what must come."""

from collections.abc import Callable
from time import monotonic
from time import sleep

PATIENCE = 240.0
"""Seconds; a passing test never uses them up, on a slow and busy machine neither. Less than the
limit of a test in pyproject.toml, so that what was waited for is named."""
GRACE = 20.0
"""Seconds until a process that was asked to end after its test is killed."""


def wait_until(wanted: Callable[[], object], complaint: Callable[[], str] = lambda: '') -> None:
    """Return as soon as something is so; what is wrong otherwise is asked for in the end."""
    deadline = monotonic() + PATIENCE
    while not wanted():
        if monotonic() > deadline:
            raise AssertionError(complaint())
        sleep(0.02)
