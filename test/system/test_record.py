# SPDX-License-Identifier: Apache-2.0
"""The whole system: what `emorec record` takes from a running graph shows the same faces again."""

from collections.abc import Callable
import os
from pathlib import Path
import re
import signal
import subprocess
from typing import Any

from emorec_vision.sources import open_source
from emorec_vision.sources.demo.source import DemoSource
from emorec_vision.sources.recording.writer import RecordingWriter
from live_harness import EMOREC
from live_harness import Live
import numpy as np
import pytest

FRAMES = 40
START = 1_700_000_000_123_456_789


@pytest.fixture(scope='module')
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a recording of the demo scene: like a robot's, with stamps of the present."""
    folder = tmp_path_factory.mktemp('scene') / 'scene'
    writer = RecordingWriter(folder, keep_free=0)
    with DemoSource() as demo:
        for number in range(FRAMES):
            frame = demo.read()
            assert frame is not None
            writer.add(frame, START + number * 33_333_333)
    writer.close()
    return folder


def people_by_stamp(run: Live) -> dict[float, list[dict[str, Any]]]:
    """Return the people of each answer."""
    return {message['stamp']: message['people'] for message in run.messages()}


def test_recorded_topics_show_the_same_faces_at_the_same_stamps(
    live: Callable[..., Live], scene: Path, tmp_path: Path
) -> None:
    """A graph that plays a file is recorded from its topics; the copy gives the same answers."""
    first = live('--source', f'recording:{scene}', '--json', '--rate', '8')
    first.until(lambda: 'ROS_DOMAIN_ID' in first.log)
    variables = dict(re.findall(r'(ROS_\w+)=(\w+)', first.log))
    recorder = subprocess.Popen(
        [str(EMOREC), 'record', 'copy'], cwd=tmp_path, env={**os.environ, **variables},
        stdout=subprocess.PIPE, text=True)
    assert first.end() == 0, first.log
    recorder.send_signal(signal.SIGINT)
    said, _ = recorder.communicate()
    assert recorder.returncode == 0
    assert 'with depth' in said

    copied = same_as_the_scene(tmp_path / 'copy', scene)
    assert len(copied) > FRAMES // 2
    second = live('--source', 'recording:copy', '--json', '--rate', '0')
    assert second.end() == 0, second.log
    before, after = people_by_stamp(first), people_by_stamp(second)
    assert set(after) <= set(before)
    both = [(before[stamp][0], after[stamp][0]) for stamp in after
            if before[stamp] and after[stamp]]
    assert len(both) > FRAMES // 3
    for one, other in both:
        assert one['roi'] == pytest.approx(other['roi'], abs=12)
    # An image whose depth came too late, on a busy machine, is recorded without it.
    distances = [(one['distance'], other['distance']) for one, other in both
                 if None not in (one['distance'], other['distance'])]
    assert len(distances) > FRAMES // 4
    for expected, distance in distances:
        assert distance == pytest.approx(expected, abs=0.05)


def same_as_the_scene(copy: Path, scene: Path) -> list[int]:
    """Return the stamps of a copy, whose frames must be those of the scene bit for bit."""
    with open_source(f'recording:{copy}') as copied, open_source(f'recording:{scene}') as original:
        stamps = []
        while (frame := copied.read()) is not None:
            expected = original.read()
            while expected is not None and expected.stamp != frame.stamp:
                expected = original.read()
            assert expected is not None
            assert np.array_equal(frame.rgb, expected.rgb)
            assert frame.depth is None or np.array_equal(frame.depth, expected.depth)
            assert frame.intrinsics == expected.intrinsics
            stamps.append(frame.stamp)
        assert copied.skipped == 0
        return stamps


def test_the_person_of_the_research_data_stands_at_0_83_m(
    live: Callable[..., Live], shared_data: Path
) -> None:
    """Frames 0 to 8 and 94 to 99 show her face; a track is published from its third hit."""
    folder = shared_data / 'rgbd' / 'uva_a1_person'
    run = live('--source', f'recording:{folder}', '--json', '--rate', '0')
    assert run.end() == 0, run.log
    distances = {round(30 * stamp): people[0]['distance']
                 for stamp, people in people_by_stamp(run).items() if people}
    frames = [*range(2, 9), *range(94, 100)]
    assert set(frames) <= set(distances)
    assert [distances[frame] for frame in frames] == pytest.approx([0.83] * 13, abs=0.03)
