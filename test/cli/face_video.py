# SPDX-License-Identifier: Apache-2.0
"""A video of 20 seconds, and how the commands that read it are run."""

from pathlib import Path

import cv2
from emorec_cli.main import main
import numpy as np
import pytest

RATE = 5
SECONDS = 20
FACELESS = (7, 12)
"""Seconds without a face."""


def write_video(path: Path, astronaut: np.ndarray) -> Path:
    """Write a video of a face that drifts, and is away in the seconds FACELESS."""
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), RATE, (320, 240))
    for index in range(SECONDS * RATE):
        left = 90 + index % 10
        frame = np.full((240, 320, 3), 120, np.uint8)
        if index // RATE not in FACELESS:
            frame[:, 40:280] = astronaut[10:250, left:left + 240]
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[str], str]:
    """Run the command and return its status, its lines and what it complained of."""
    status = main(list(map(str, arguments)))
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), printed.err
