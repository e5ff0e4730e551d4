# SPDX-License-Identifier: Apache-2.0
"""Run `emorec live` as a user does."""

from collections.abc import Callable
import json
import os
from pathlib import Path
import shutil
import signal
import subprocess
import sys
from threading import Thread
from typing import Any

from patience import GRACE
from patience import PATIENCE
from patience import wait_until

BESIDE_PYTHON = Path(sys.prefix) / 'bin' / 'emorec'
EMOREC = BESIDE_PYTHON if BESIDE_PYTHON.exists() else Path(shutil.which('emorec') or BESIDE_PYTHON)
"""Of this virtual environment, else, in a ROS 2 workspace, of the sourced one."""
NODES = ('aggregator', 'camera_driver', 'emotion', 'face_detector', 'hri_bridge', 'identity',
         'kinect_driver', 'pipeline', 'visualizer')


class Live:
    """Hold one run of `emorec live` and what it printed."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(('ROS_', 'FASTRTPS_'))}
        self._log = folder / 'live.log'
        self.process = subprocess.Popen(
            [str(EMOREC), 'live', *arguments], stdout=subprocess.PIPE,
            stderr=open(self._log, 'wb'), stdin=subprocess.DEVNULL, text=True, cwd=folder,
            env=environment)
        self.lines: list[str] = []
        self._reader = Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def log(self) -> str:
        """What was said on standard error."""
        return self._log.read_text()

    def end(self, by: signal.Signals | None = None) -> int:
        """Wait for the end, asked for by a signal if given, and return the exit status."""
        if by is not None:
            self.process.send_signal(by)
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def close(self) -> None:
        """End what still runs."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(GRACE)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def messages(self) -> list[dict[str, Any]]:
        """Return the JSON objects printed so far."""
        return [json.loads(line) for line in list(self.lines)]

    def people(self) -> list[dict[str, Any]]:
        """Return the people in them, of one message after the other."""
        return [person for message in self.messages() for person in message['people']]

    def until(self, wanted: Callable[[], bool]) -> None:
        """Wait until something is so; the run must not have ended before."""
        wait_until(lambda: wanted() or self.process.poll() is not None, self._state)
        assert wanted(), self._state()

    def nodes(self) -> dict[str, int]:
        """Return the process ids of the running nodes by name."""
        return {name: pid for pid, name in node_processes(self.process.pid).items()}

    def _state(self) -> str:
        return f'{len(self.lines)} lines, last {self.lines[-1:]}, log:\n{self.log}'

    def _read(self) -> None:
        for line in self.process.stdout:
            self.lines.append(line)


def node_processes(parent: int | None = None) -> dict[int, str]:
    """Return pid and name of the node processes, of one parent or of this user."""
    found = {}
    for folder in Path('/proc').iterdir():
        try:
            words = (folder / 'cmdline').read_text().split('\0')
            state, ppid = (folder / 'stat').read_text().rsplit(')', 1)[1].split()[:2]
        except (OSError, ValueError):
            continue
        names = [word.removeprefix('emorec_ros.') for word in words
                 if word.startswith('emorec_ros.')]
        if names and names[0] in NODES and state != 'Z' and parent in (None, int(ppid)):
            found[int(folder.name)] = names[0]
    return found
