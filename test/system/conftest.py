# SPDX-License-Identifier: Apache-2.0
"""Start and surely end `emorec live`."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

from live_harness import Live
import pytest


@pytest.fixture
def live(tmp_path: Path) -> Iterator[Callable[..., Live]]:
    """Start `emorec live`; whatever still runs after the test is ended."""
    runs = []

    def start(*arguments: str) -> Live:
        runs.append(Live(tmp_path, *arguments))
        return runs[-1]

    yield start
    for run in runs:
        run.close()
