# SPDX-License-Identifier: Apache-2.0
"""What the README tells people to run, run."""

from collections.abc import Callable
import os
from pathlib import Path
import re
import subprocess
import sys

import cv2
from live_harness import EMOREC
from live_harness import Live
import numpy as np
import pytest

README = (Path(__file__).resolve().parents[2] / 'README.md').read_text()
RUN_BY_CI = ('make live', 'make test', 'make training', 'make service')
"""`make test` is how these tests run, and its set-up is that of the other two."""


def blocks(language: str) -> list[str]:
    """Return the code blocks of a language."""
    return re.findall(rf'```{language}\n(.*?)```', README, re.DOTALL)


COMMANDS = [line for block in blocks('sh') for line in block.splitlines()
            if line not in RUN_BY_CI and ' emotions ' not in line]
"""Those of `emorec emotions` run in test/training/test_readme.py."""


@pytest.fixture(scope='module')
def folder(tmp_path_factory: pytest.TempPathFactory, astronaut: np.ndarray) -> Path:
    """Make a folder with the files that the README's commands name."""
    folder = tmp_path_factory.mktemp('readme')
    bgr = cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(folder / 'photo.jpg'), bgr)
    (folder / 'photos').mkdir()
    cv2.imwrite(str(folder / 'photos' / '1.png'), bgr)
    writer = cv2.VideoWriter(str(folder / 'clip.mp4'), cv2.VideoWriter_fourcc(*'mp4v'), 30.0,
                             (320, 240))
    for _ in range(20):
        writer.write(np.ascontiguousarray(bgr[0:240, 60:380]))
    writer.release()
    return folder


@pytest.mark.parametrize('line', COMMANDS)
def test_a_command_works_as_written(line: str, folder: Path, project_root: Path) -> None:
    """Every command ends with status 0."""
    command = line.replace('.venv/bin/emorec', str(EMOREC))
    environment = {name: value for name, value in os.environ.items()
                   if not name.startswith(('ROS_', 'FASTRTPS_', 'MAKE'))}
    result = subprocess.run(
        command, shell=True, cwd=project_root if line.startswith('make') else folder,
        capture_output=True, text=True, env=environment)
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip()


def test_the_subscriber_works_when_pasted(live: Callable[..., Live], tmp_path: Path) -> None:
    """With the two variables that `emorec live` prints, the ten lines see the person."""
    run = live('--source', 'demo', '--json')
    run.until(lambda: len(run.lines) > 0)
    variables = dict(re.findall(r'(ROS_\w+)=(\w+)', run.log))
    assert set(variables) == {'ROS_DOMAIN_ID', 'ROS_AUTOMATIC_DISCOVERY_RANGE'}
    script = tmp_path / 'listener.py'
    script.write_text(blocks('python')[0])
    listener = subprocess.Popen(
        [sys.executable, '-u', str(script)], stdout=subprocess.PIPE, text=True,
        env={**os.environ, **variables})
    try:
        assert re.match(r'\S+ Happy \d\.\d\d m', listener.stdout.readline())
    finally:
        listener.kill()
        listener.wait()


def test_every_message_field_and_topic_of_the_readme_exists() -> None:
    """The table and the service calls name the real types."""
    from emorec import msg
    from emorec import srv
    messages = re.findall(r'emorec/([A-Z]\w+)', README)
    services = re.findall(r'emorec/srv/(\w+)', README)
    assert len(messages) > 5 and len(services) > 2
    assert all(hasattr(msg, name) for name in messages), messages
    assert all(hasattr(srv, name) for name in services), services
