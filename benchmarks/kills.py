#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill processes of the graph again and again, time until /emotions is back, print it as JSON.

    .venv/bin/python benchmarks/kills.py [--processes each] [--victim any] [--kills 100] [--busy 2]

The graph runs as `emorec live --source demo` runs it, with 640x480 colour and depth at 30 Hz. A
process gets SIGKILL: the one that reads the images (face_detector or, with `--processes one`,
pipeline), or one at random. /emotions is back with the first answer to an image taken after the
kill. A process that is stuck afterwards is ended by the supervisor, which makes such a time longer
than 10 s. `--busy N` lets as many other processes compute for ever. Each start counts as steady
here, so that the next one follows at once. Ctrl-C prints what there is.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import suppress
import json
import os
from pathlib import Path
from random import Random
import re
import signal
from statistics import median
import subprocess
import sys
from time import monotonic
from time import time_ns

from emorec_ros.graph import GraphOptions
from emorec_ros.graph import LAYOUTS
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.run import supervisor
from emorec_ros.run.live_run import LiveRun
from emorec_ros.runtime.process.watchdog import STUCK_AFTER
from tqdm import tqdm

READER = {'one': 'pipeline', 'each': 'face_detector'}
SETTLING = 1.5
"""Seconds of answers between one return and the next kill."""
PATIENCE = 120.0


def wait_for_answer(live: LiveRun, taken_after: int) -> None:
    """Wait for the answer to an image with a later stamp (ns); crashed nodes start again."""
    deadline = monotonic() + PATIENCE
    while monotonic() < deadline:
        live.exit_code()
        message = live.wait_for_message(0.02)
        if message is not None and stamp_ns(message.header.stamp) > taken_after:
            return
    raise SystemExit(f'no answer within {PATIENCE:g} s')


def settle(live: LiveRun) -> None:
    """Let the graph answer for a while."""
    until = monotonic() + SETTLING
    while monotonic() < until:
        live.exit_code()
        live.wait_for_message(0.02)


def kill(live: LiveRun, victims: list[str], times: list[tuple[str, float]]) -> None:
    """Note of each kill who was killed and for how long that kept /emotions away, in s."""
    wait_for_answer(live, 0)
    with tqdm(total=len(victims), unit='kill', leave=False) as bar:
        for victim in victims:
            settle(live)
            killed, stamp = monotonic(), time_ns()
            os.kill(live.pids()[victim], signal.SIGKILL)
            wait_for_answer(live, stamp)
            times.append((victim, monotonic() - killed))
            bar.set_postfix(worst=f'{max(time for _, time in times):.1f} s')
            bar.update()


@contextmanager
def busy(number: int) -> Iterator[None]:
    """Let other processes compute meanwhile."""
    processes = [subprocess.Popen([sys.executable, '-S', '-c', 'while True: pass'])
                 for _ in range(number)]
    try:
        yield
    finally:
        for process in processes:
            process.kill()
            process.wait()


def figures(times: list[float]) -> dict[str, float]:
    """Return what is printed of times in s."""
    return {'kills': len(times), 'median_s': round(median(times), 2),
            'worst_s': round(max(times), 2), 'over_3_s': sum(time > 3 for time in times),
            f'over_{STUCK_AFTER:g}_s': sum(time > STUCK_AFTER for time in times)}


def middleware(pid: int) -> list[str]:
    """Return the names of the Fast DDS libraries that a process has loaded."""
    maps = Path(f'/proc/{pid}/maps').read_text()
    return sorted(set(re.findall(r'libfast(?:dds|rtps)\S*', maps)))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description='Time until /emotions is back after kill -9; prints JSON.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument('--processes', choices=LAYOUTS, default='each', help='layout')
    parser.add_argument('--victim', choices=('reader', 'any'), default='reader',
                        help='which process: the reader of the images, or any at random')
    parser.add_argument('--kills', type=int, default=60, help='how often')
    parser.add_argument('--seed', type=int, default=0, help='of the choice')
    parser.add_argument('--busy', type=int, default=0, help='other processes that compute')
    arguments = parser.parse_args()
    supervisor.STEADY_AFTER = 0.0
    ends: list[str] = []
    reader = READER[arguments.processes]
    options = GraphOptions(source='demo', people='none', processes=arguments.processes)
    times: list[tuple[str, float]] = []
    with busy(arguments.busy), LiveRun(options, False, ends.append) as live:
        names = [reader] if arguments.victim == 'reader' else sorted(live.pids())
        victims = Random(arguments.seed).choices(names, k=arguments.kills)
        libraries = middleware(live.pids()[reader])
        with suppress(KeyboardInterrupt):
            kill(live, victims, times)
    json.dump({
        'middleware': libraries, **figures([time for _, time in times]),
        'ended_as_stuck': sum('nothing moved' in line for line in ends),
        'of_each': {name: figures([time for victim, time in times if victim == name])
                    for name in sorted({victim for victim, _ in times})},
        'load_after': os.getloadavg()[0]}, sys.stdout, indent=2)
    print()


if __name__ == '__main__':
    main()
