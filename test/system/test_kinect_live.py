# SPDX-License-Identifier: Apache-2.0
"""`emorec live --source kinect`, with fakenect for a Kinect, and without any."""

from collections.abc import Callable
import os
from pathlib import Path
import signal

from fakenect_dump import fakenect_environment
from fakenect_dump import write_dump
from live_harness import Live
import pytest


def test_the_recorded_face_is_seen_until_the_kinect_is_unplugged(
    live: Callable[..., Live], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A person at a distance; the end of the recording is said; a new driver sees them again."""
    for name, value in fakenect_environment(tmp_path / 'dump').items():
        monkeypatch.setenv(name, value)
    write_dump(tmp_path / 'dump', 6.0, rate=15.0)
    run = live('--source', 'kinect', '--json')
    run.until(lambda: 'trying again every 2 s' in run.log)
    assert run.log.count('unplugged?); waiting for it to come back') == 1
    people = run.people()
    assert len(people) > 10
    measured = [person for person in people if person['probabilities']]
    assert all(1.1 < person['distance'] < 1.5 for person in measured)
    seen = len(measured)
    os.kill(run.nodes()['kinect_driver'], signal.SIGKILL)  # fakenect plays once per process
    run.until(lambda: 'kinect_driver ended with signal SIGKILL' in run.log)
    run.until(lambda: sum(bool(person['probabilities']) for person in run.people()) > seen + 10)
    assert run.end(signal.SIGINT) == 0
    assert 'Traceback' not in run.log


def test_without_a_kinect_it_says_so_and_ends(live: Callable[..., Live]) -> None:
    """One line: what to plug in, or what to install."""
    run = live('--source', 'kinect')
    assert run.end() == 2
    line, = run.log.splitlines()
    assert 'there is no Kinect; plug it in' in line or 'apt install libfreenect-dev' in line
