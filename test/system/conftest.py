# SPDX-License-Identifier: Apache-2.0
"""Start and surely end `emorec live`."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path

import cv2
from live_harness import Live
import numpy as np
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


@pytest.fixture(scope='session')
def clip(tmp_path_factory: pytest.TempPathFactory, astronaut: np.ndarray) -> Path:
    """Write a clip of 40 frames, 25 a second, of a slowly moving face."""
    path = tmp_path_factory.mktemp('clip') / 'clip.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*'MJPG'), 25.0, (320, 240))
    for number in range(40):
        writer.write(cv2.cvtColor(
            np.ascontiguousarray(astronaut[0:240, 40 + number:360 + number]), cv2.COLOR_RGB2BGR))
    writer.release()
    return path
