# SPDX-License-Identifier: Apache-2.0
"""`emorec live --record` whose programs are killed."""

from collections.abc import Callable
import os
from pathlib import Path
import re
import signal

import cv2
from emorec_vision.video_writing.encoder import VideoEncoder
from live_harness import Live
import numpy as np
from patience import wait_until
import pytest

Start = Callable[..., Live]
WHOLE = 40
"""Images of the clip."""


def frames(path: Path) -> int:
    """Return how many images of a video can be played."""
    capture = cv2.VideoCapture(str(path))
    count = 0
    while capture.read()[0]:
        count += 1
    return count


def codec() -> str:
    """Return what this OpenCV encodes as."""
    encoder = VideoEncoder((64, 48))
    encoder.encode(np.zeros((48, 64, 3), np.uint8))
    encoder.finish()
    assert encoder.config is not None
    return encoder.config.codec


def test_every_frame_is_counted_when_the_visualizer_is_killed(
    live: Start, clip: Path, tmp_path: Path
) -> None:
    """It is started again and goes on with the same file, as does the source."""
    run = live('--source', f'video:{clip}', '--json', '--record', 'out.mp4')
    run.until(lambda: len(run.lines) > 12)
    os.kill(run.nodes()['visualizer'], signal.SIGKILL)
    assert run.end() == 0, run.log
    told = re.search(r'wrote out\.mp4: (\d+) images', run.log) or re.search(
        r'wrote \S*/out\.mp4: (\d+) images', run.log)
    missing = re.search(r'about (\d+) are missing', run.log)
    assert told is not None and frames(tmp_path / 'out.mp4') == int(told[1])
    assert int(told[1]) + (int(missing[1]) if missing else 0) == pytest.approx(WHOLE, abs=3)
    if codec() == 'mp4v':  # the encoder of H.264 holds images when it is killed
        assert int(told[1]) == WHOLE
    assert [path.name for path in tmp_path.glob('*.mp4')] == ['out.mp4']


def test_a_closed_terminal_leaves_a_recording_that_plays(live: Start, tmp_path: Path) -> None:
    run = live('--source', 'demo', '--json', '--record', 'out.mp4')
    run.until(lambda: len(run.lines) > 90)
    seen = len(run.lines)
    run.end(signal.SIGHUP)
    wait_until(lambda: not run.nodes(), run.nodes)
    left = sorted(path for path in tmp_path.glob('*.mp4'))
    assert [path.name for path in left] in (['out.mp4'], ['out.part1.mp4'])
    assert frames(left[0]) >= seen - 60


def test_a_killed_run_leaves_a_recording_that_plays(live: Start, tmp_path: Path) -> None:
    """Nothing of it is left to finish the file."""
    run = live('--source', 'demo', '--json', '--record', 'out.mp4')
    run.until(lambda: len(run.lines) > 90)
    seen = len(run.lines)
    run.end(signal.SIGKILL)
    assert frames(tmp_path / 'out.part1.mp4') >= seen - 60
