#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill, stop and lie to the graph at random, by a seed, and print how it recovers.

    .venv/bin/python benchmarks/storm.py --seed 1 --events 100 [--busy 2] [--processes one]

The graph runs as `emorec live --source demo --processes each` does. Each event is one of

- kill: a process gets SIGKILL;
- stop: a process gets SIGSTOP, and SIGCONT up to 4 s later;
- hostile: 20 messages of benchmarks/hostile_messages.py go to its topics.

It has recovered with the first answer on /emotions to an image taken after the event (after
SIGCONT of a stop). In the end whole runs of `emorec live` get SIGKILL. What is left of them and of
the storm is told: processes, files in /dev/shm and in /tmp. Ctrl-C prints what there is.
"""

import argparse
from collections import defaultdict
from contextlib import ExitStack
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
import os
from pathlib import Path
from random import Random
import signal
from statistics import median
import subprocess
import sys
import tempfile
from threading import Thread
from time import monotonic
from time import sleep
from time import time_ns
from typing import Any

from emorec_ros.graph import GraphOptions
from emorec_ros.graph import LAYOUTS
from emorec_ros.run import supervisor
from emorec_ros.run.live_run import LiveRun
from endurance import shared_files
from hostile_messages import HostileMessages
from kills import settle
from kills import wait_for_answer
from live import spin
import rclpy
from soak import BUSY
from soak import running
from tqdm import tqdm

KINDS = ('kill', 'stop', 'hostile')
MESSAGES = 20
LONGEST_STOP = 4.0
ENDED_AFTER = 3.0
"""Seconds after which a process whose run was killed counts as an orphan."""


@dataclass
class Storm:
    """What came of the events.

    Attributes:
        times: until the graph had recovered, s, by kind and process.
        pids: of all processes there were.
        files: in /dev/shm that any of them had mapped.
        restarts: processes that ended though only messages had come.
    """

    times: dict[tuple[str, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    pids: set[int] = field(default_factory=set)
    files: set[str] = field(default_factory=set)
    restarts: int = 0

    def note(self, live: LiveRun) -> None:
        """Note which processes there are, and their shared memory."""
        for pid in live.pids().values():
            with suppress(OSError):
                self.files |= shared_files([pid])
                self.pids.add(pid)

    def event(self, kind: str, live: LiveRun, random: Random, messages: HostileMessages) -> None:
        """Let something happen, wait until the graph has recovered, and note the time."""
        settle(live)
        self.note(live)
        before = live.pids()
        name = 'all' if kind == 'hostile' else random.choice(sorted(before))
        if kind == 'hostile':
            for _ in range(MESSAGES):
                messages.publish()
        elif kind == 'stop':
            os.kill(before[name], signal.SIGSTOP)
            wait_through(live, random.uniform(0.2, LONGEST_STOP))
            with suppress(ProcessLookupError):
                os.kill(before[name], signal.SIGCONT)
        else:
            os.kill(before[name], signal.SIGKILL)
        began, stamp = monotonic(), time_ns()
        try:
            wait_for_answer(live, stamp)
        finally:
            self.times[kind, name].append(monotonic() - began)
        if kind == 'hostile':
            self.restarts += sum(live.pids()[each] != pid for each, pid in before.items())

    def table(self) -> str:
        """Return the recoveries as Markdown."""
        lines = ['| event | process | times | median, s | worst, s | over 3 s |',
                 '|---|---|---|---|---|---|']
        for kind in KINDS:
            rows = {name: times for (each, name), times in sorted(self.times.items())
                    if each == kind}
            every = [time for times in rows.values() for time in times]
            for name, times in [*rows.items(), *([('together', every)] if len(rows) > 1 else [])]:
                lines.append(f'| {kind} | {name} | {len(times)} | {median(times):.2f} | '
                             f'{max(times):.2f} | {sum(time > 3 for time in times)} |')
        return '\n'.join(lines)


def wait_through(live: LiveRun, seconds: float) -> None:
    """Let the graph run on."""
    until = monotonic() + seconds
    while monotonic() < until:
        live.exit_code()
        live.wait_for_message(0.02)


def alive(pid: int) -> bool:
    """Tell whether a process runs, zombies not counted."""
    try:
        return Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()[0] != 'Z'
    except OSError:
        return False


def left(pids: set[int], files: set[str], folders: set[Path]) -> str:
    """Return what is left of processes, shared memory and folders, in words."""
    return (f'{sum(map(alive, pids))} processes, {sum(map(os.path.exists, files))} files in '
            f'/dev/shm, {sum(path.exists() for path in folders)} folders in '
            f'{tempfile.gettempdir()}')


def storm(events: int, kinds: list[str], layout: str, random: Random) -> Storm:
    """Run the graph through so many events."""
    found, context = Storm(), rclpy.Context()
    options = GraphOptions(source='demo', people='none', processes=layout)
    supervisor.STEADY_AFTER = 0.0
    with LiveRun(options, False, lambda text: print(text, file=sys.stderr)) as live:
        folder = Path(os.environ['ROS_LOG_DIR'])
        rclpy.init(context=context)
        node = rclpy.create_node('stranger', context=context, enable_rosout=False)
        Thread(target=spin, args=(node, context), daemon=True).start()
        messages = HostileMessages(node, random)
        try:
            wait_for_answer(live, 0)
            for _ in tqdm(range(events), unit='event', leave=False, disable=None):
                found.event(random.choice(kinds), live, random, messages)
        except (KeyboardInterrupt, SystemExit) as end:
            print(f'ended early: {end or "Ctrl-C"}')
        finally:
            found.note(live)
            rclpy.try_shutdown(context=context)
    print(found.table())
    print(f'\n{found.restarts} processes ended by hostile messages; left behind at the end: '
          f'{left(found.pids, found.files, {folder})}')
    return found


def kill_runs(runs: int) -> None:
    """Start `emorec live`, kill it with its first answer, and tell what is left."""
    before = set(Path(tempfile.gettempdir()).glob('emorec_*'))
    pids: set[int] = set()
    files: set[str] = set()
    for _ in range(runs):
        run: Any = subprocess.Popen(
            [sys.executable, '-m', 'emorec_cli.main', 'live', '--source', 'demo', '--json',
             '--people', 'none', '--processes', 'each'], stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL)
        run.stdout.readline()
        children = Path(f'/proc/{run.pid}/task/{run.pid}/children').read_text().split()
        pids |= {int(pid) for pid in children}
        files |= shared_files([run.pid, *map(int, children)])
        run.kill()
        run.wait()
        sleep(ENDED_AFTER)
    folders = set(Path(tempfile.gettempdir()).glob('emorec_*')) - before
    print(f'{runs} runs killed; left behind: {left(pids, files, folders)}; '
          'the next start removes what is no process')


def main() -> None:
    """Let it storm and print."""
    parser = argparse.ArgumentParser(
        description='Kills, stops and hostile messages by seed; prints how the graph recovers.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add('--seed', type=int, default=1, help='of what happens')
    add('--events', type=int, default=100, help='how many')
    add('--kinds', nargs='+', choices=KINDS, default=list(KINDS), help='of events')
    add('--runs', type=int, default=5, help='whole runs to kill in the end')
    add('--processes', choices=LAYOUTS, default='each', help='layout')
    add('--busy', type=int, default=0, help='processes that keep the machine busy')
    arguments = parser.parse_args()
    print(f'seed {arguments.seed}, {os.cpu_count()} cores, {arguments.busy} busy processes, load '
          f'{os.getloadavg()[0]:.1f} before\n', flush=True)
    with ExitStack() as stack:
        for _ in range(arguments.busy):
            stack.enter_context(running('-c', BUSY))
        storm(arguments.events, arguments.kinds, arguments.processes, Random(arguments.seed))
        kill_runs(arguments.runs)
    print(f'load {os.getloadavg()[0]:.1f} after')


if __name__ == '__main__':
    main()
