# SPDX-License-Identifier: Apache-2.0
"""What grows while the graph runs for hours; soak.py --hours has the command.

Each minute people come and go before a network camera, which then is unplugged; a bag is played
in a loop, whose time goes back each time; and a viewer opens and closes.
"""

from collections.abc import Iterable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
import json
import os
from pathlib import Path
import re
from statistics import median
import subprocess
import sys
from tempfile import TemporaryDirectory
from threading import Event
from threading import Thread
from time import monotonic
from typing import Any

from emorec_ros.graph import GraphOptions
from emorec_ros.run.live_run import LiveRun
from emorec_ros.runtime.qos.profiles import IMAGE
from live import spin
import rclpy
from sensor_msgs.msg import CompressedImage
from visitors import LoopingBag
from visitors import VisitedCamera

MINUTE = 60.0
VIEWER = (10.0, 30.0)
UNPLUGGED = (35.0, 55.0)
BAG = (37.0, 52.0)
MEASURED_AT = 8.0
"""Seconds of each minute at which, from which and to which things happen."""
OWN = 'this benchmark'
"""Its own row: what `emorec live` is beside the nodes, with the camera and the bag."""
FLAT = 0.02
COUNTED = {'rss_kb': 1024, 'anon_kb': 1024, 'fds': 1, 'threads': 1}
"""What is counted of each process, and what to divide it by for the table."""


@dataclass(frozen=True)
class Row:
    """What was measured in one minute.

    Attributes:
        minute: since the start.
        processes: what process_figures returns of each, by its name.
        shm: bytes in /dev/shm that the processes map.
        log: bytes logged so far.
        answers: messages on /emotions so far.
    """

    minute: int
    processes: dict[str, dict[str, int]]
    shm: int
    log: int
    answers: int


def process_figures(pid: int) -> dict[str, int]:
    """Return what is COUNTED of a process, and its pid; anon_kb is memory of its own.

    Raises:
        OSError: if it has ended.
    """
    folder = Path(f'/proc/{pid}')
    status = (folder / 'status').read_text()
    field = {name: int(value) for name, value in re.findall(r'(\w+):\s+(\d+)', status)}
    return {'rss_kb': field['VmRSS'], 'anon_kb': field['RssAnon'], 'threads': field['Threads'],
            'pid': pid, 'fds': len(list((folder / 'fd').iterdir()))}


def shared_files(pids: Iterable[int]) -> set[str]:
    """Return the files in /dev/shm that processes map."""
    return {path for pid in pids
            for path in re.findall(r'/dev/shm/\S+', Path(f'/proc/{pid}/maps').read_text())}


def shared_bytes(pids: Iterable[int]) -> int:
    """Return what the files in /dev/shm that processes map take, bytes."""
    return sum(os.stat(path).st_blocks * 512
               for path in shared_files(pids) if os.path.exists(path))


def log_bytes(log: Path) -> int:
    """Return what was logged: standard error, and the files of ROS."""
    files = [log, *Path(os.environ['ROS_LOG_DIR']).rglob('*.log')]
    return sum(path.stat().st_size for path in files)


class Minutes(Thread):
    """What happens in each minute, beside the measuring."""

    def __init__(self, node: Any, camera: VisitedCamera) -> None:
        super().__init__(daemon=True)
        self._node, self._camera, self._bag = node, camera, LoopingBag(node)
        self._viewer: Any = None
        self.began = monotonic()

    def now(self) -> float:
        """Return the second of the minute."""
        return (monotonic() - self.began) % MINUTE

    def run(self) -> None:
        """Plug, unplug, open and close for ever."""
        pause = Event()
        while True:
            self._look(VIEWER[0] <= self.now() < VIEWER[1])
            if UNPLUGGED[0] <= self.now() < UNPLUGGED[1]:
                self._camera.plugged.clear()
            else:
                self._camera.plugged.set()
            if BAG[0] <= self.now() < BAG[1]:
                self._bag.play(lambda: BAG[0] <= self.now() < BAG[1])
            pause.wait(0.1)

    def _look(self, wanted: bool) -> None:
        if wanted and self._viewer is None:
            self._viewer = self._node.create_subscription(
                CompressedImage, 'annotated_image/compressed', lambda _: None, IMAGE)
        elif not wanted and self._viewer is not None:
            self._node.destroy_subscription(self._viewer)
            self._viewer = None


@contextmanager
def known_person() -> Iterator[str]:
    """Yield a people folder with one person."""
    with TemporaryDirectory() as folder:
        for words in (['acquire', '--name', 'Ada', '--num-photos', '10', '--source', 'demo'],
                      ['train']):
            subprocess.run([sys.executable, '-m', 'emorec_cli.main', 'faces', *words,
                            '--people', folder], check=True, stdout=2)
        yield folder


def endure(hours: float, every: int, out: Path) -> None:
    """Run for hours; write a row each minute, print a table every so many and at the end."""
    log = out.with_suffix('.log')
    os.dup2(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
    rows: list[Row] = []
    with known_person() as people, out.open('w') as file:
        try:
            for row in measured(hours, people, log):
                rows.append(row)
                file.write(json.dumps(vars(row)) + '\n')
                file.flush()
                if len(rows) % every == 0:
                    print(table(rows), flush=True)
        except KeyboardInterrupt:
            print('stopped')
    print(table(rows), flush=True)


def measured(hours: float, people: str, log: Path) -> Iterator[Row]:
    """Run the graph and yield a row each minute."""
    camera, context = VisitedCamera(), rclpy.Context()
    options = GraphOptions(source=f'stream:{camera.url}', people=people, processes='each',
                           visualizer=True)
    with LiveRun(options, False, lambda text: print(text, file=sys.stderr)) as live:
        rclpy.init(context=context)
        node = rclpy.create_node('endurance', context=context, enable_rosout=False,
                                 start_parameter_services=False)
        minutes = Minutes(node, camera)
        Thread(target=spin, args=(node, context), daemon=True).start()
        minutes.start()
        answers = minute = 0
        try:
            while minute < hours * 60:
                answers += live.wait_for_message(0.05) is not None
                if live.exit_code() is not None:
                    raise SystemExit(f'the graph ended with {live.exit_code()}')
                if monotonic() - minutes.began > minute * MINUTE + MEASURED_AT:
                    pids = {**live.pids(), OWN: os.getpid()}
                    yield Row(minute, {name: process_figures(pid) for name, pid in pids.items()},
                              shared_bytes(pids.values()), log_bytes(log), answers)
                    minute += 1
        finally:
            rclpy.try_shutdown(context=context)
            camera.close()


def table(rows: list[Row]) -> str:
    """Return what grew, as Markdown: medians of five minutes after the warm-up and at the end."""
    warm = min(10, len(rows) // 4)
    first, last = rows[warm:warm + 5], rows[-5:]
    if not first:
        return 'no rows yet'

    def change(start: float, end: float) -> str:
        grown = (end - start) / start if start else 0.0
        return f'{start:g} -> {end:g} ({"" if grown <= FLAT else "NOT FLAT "}{grown:+.1%})'
    lines = [f'\nminutes {first[0].minute} to {first[-1].minute} against {last[0].minute} to '
             f'{last[-1].minute}, {last[-1].answers} answers\n',
             '| process | RSS, MB | not shared, MB | descriptors | threads | restarts |',
             '|---|---|---|---|---|---|']
    for name in last[-1].processes:
        cells = [change(*(round(median(row.processes[name][key] for row in part) / unit, 1)
                          for part in (first, last))) for key, unit in COUNTED.items()]
        restarts = len({row.processes[name]['pid'] for row in rows}) - 1
        lines.append(f'| {name} | {" | ".join(cells)} | {restarts} |')
    shm = (round(median(row.shm for row in part) / 2**20, 1) for part in (first, last))
    lines.append(f'\n/dev/shm, MB: {change(*shm)}')
    if len(last) > 1:
        lines.append('log, bytes a minute: ' + change(*(
            round((part[-1].log - part[0].log) / (len(part) - 1)) for part in (first, last))))
    return '\n'.join(lines)
