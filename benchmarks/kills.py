#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Kill a process of the graph again and again, time until /emotions is back, print it as JSON.

    .venv/bin/python benchmarks/kills.py [--processes each] [--kills 60]

The graph runs as `emorec live --source demo` runs it, with 640x480 colour and depth at 30 Hz. The
process that reads the images gets SIGKILL (face_detector or, with `--processes one`, pipeline).
/emotions is back with the first answer to an image taken after the kill. A reader that gets stuck
is ended by the watchdog 10 s later. The pause before a restart never doubles here. Ctrl-C prints
what there is.
"""

import argparse
from contextlib import suppress
import json
import os
from pathlib import Path
import re
import signal
from statistics import median
import sys
from time import monotonic
from time import time_ns

from emorec_ros.graph import GraphOptions
from emorec_ros.graph import LAYOUTS
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.run import supervisor
from emorec_ros.run.live_run import LiveRun
from emorec_ros.runtime.watchdog import STUCK_AFTER
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


def kill(live: LiveRun, reader: str, kills: int, times: list[float]) -> None:
    """Note how long each kill keeps /emotions away, in s."""
    wait_for_answer(live, 0)
    with tqdm(total=kills, unit='kill', leave=False) as bar:
        for _ in range(kills):
            settle(live)
            killed, stamp = monotonic(), time_ns()
            os.kill(live.pids()[reader], signal.SIGKILL)
            wait_for_answer(live, stamp)
            times.append(monotonic() - killed)
            bar.set_postfix(worst=f'{max(times):.1f} s')
            bar.update()


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
    parser.add_argument('--kills', type=int, default=60, help='how often')
    arguments = parser.parse_args()
    supervisor.STEADY_AFTER = 0.0
    ends: list[str] = []
    reader = READER[arguments.processes]
    options = GraphOptions(source='demo', people='none', processes=arguments.processes)
    with LiveRun(options, False, ends.append) as live:
        libraries = middleware(live.pids()[reader])
        times: list[float] = []
        with suppress(KeyboardInterrupt):
            kill(live, reader, arguments.kills, times)
    json.dump({
        'killed': reader, 'middleware': libraries, 'kills': len(times),
        'median_s': round(median(times), 2), 'worst_s': round(max(times), 2),
        f'over_{STUCK_AFTER:g}_s': sum(time > STUCK_AFTER for time in times),
        'over_3_s': sum(time > 3 for time in times),
        'ended_by_watchdog': sum('SIGALRM' in line for line in ends),
        'load_after': os.getloadavg()[0]}, sys.stdout, indent=2)
    print()


if __name__ == '__main__':
    main()
