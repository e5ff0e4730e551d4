#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure the CPU of the graph while it works, is off, and is lazy, and print it as JSON.

    .venv/bin/python benchmarks/switching.py [--seconds 10]

The nodes run on the demo's 640x480 colour and depth at 30 Hz; figures are what the kernel counted
for each process over so many seconds, in cores.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
import json
import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from time import sleep

from emorec.msg import PersonEmotionArray
from emorec_ros.graph import describe
from emorec_ros.graph import GraphOptions
from emorec_ros.graph import NODE_ENVIRONMENT
from emorec_ros.graph import parameter_file
import rclpy
from rclpy.node import Node
from std_srvs.srv import SetBool

TICK = os.sysconf('SC_CLK_TCK')
SETTLING = 6.0
"""Seconds for lazy nodes to go to sleep one after the other."""
DETECTOR = '/face_detector'
DRIVER = '/camera/camera_driver'


@contextmanager
def graph(lazy: bool) -> Iterator[dict[str, subprocess.Popen]]:
    """Run the nodes of `emorec live --source demo` as processes, by their names."""
    processes = {}
    with TemporaryDirectory() as folder:
        for node in describe(GraphOptions(source='demo', people='none')):
            file = Path(folder) / f'{node.executable}.yaml'
            file.write_text(parameter_file(node, lazy=lazy))
            words = ['--params-file', str(file), '-r', f'__ns:=/{node.namespace}']
            for topic, target in node.remappings.items():
                words += ['-r', f'{topic}:={target}']
            processes[node.executable] = subprocess.Popen(
                [sys.executable, '-m', f'emorec_ros.{node.executable}', '--ros-args', *words],
                env={**os.environ, **NODE_ENVIRONMENT}, stderr=subprocess.DEVNULL)
        try:
            yield processes
        finally:
            for process in processes.values():
                process.terminate()
            for process in processes.values():
                process.wait()


def cpu(processes: dict[str, subprocess.Popen], seconds: float) -> dict[str, float]:
    """Return the cores that each process keeps busy, and their sum."""
    before = {name: ticks(process.pid) for name, process in processes.items()}
    sleep(seconds)
    used = {name: round((ticks(process.pid) - before[name]) / TICK / seconds, 3)
            for name, process in processes.items()}
    return {**used, 'all': round(sum(used.values()), 3)}


def ticks(pid: int) -> int:
    """Return the clock ticks that a process has spent."""
    fields = Path(f'/proc/{pid}/stat').read_text().rpartition(')')[2].split()
    return int(fields[11]) + int(fields[12])


def switch(node: Node, name: str, on: bool) -> None:
    """Call ~/set_enabled of a node."""
    client = node.create_client(SetBool, f'{name}/set_enabled')
    client.wait_for_service()
    rclpy.spin_until_future_complete(node, client.call_async(SetBool.Request(data=on)))


def main() -> int:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('--seconds', type=float, default=10.0, help='per figure (default: 10)')
    seconds = parser.parse_args().seconds
    rclpy.init()
    node = rclpy.create_node('switching')
    figures = {}
    with graph(lazy=False) as processes:
        subscription = node.create_subscription(PersonEmotionArray, 'emotions', lambda _: None, 10)
        switch(node, DETECTOR, True)
        sleep(SETTLING)
        figures['on'] = cpu(processes, seconds)
        switch(node, DETECTOR, False)
        figures['detector off'] = cpu(processes, seconds)
        switch(node, DRIVER, False)
        figures['detector and driver off'] = cpu(processes, seconds)
        node.destroy_subscription(subscription)
    with graph(lazy=True) as processes:
        sleep(SETTLING)
        figures['lazy, nobody subscribes'] = cpu(processes, seconds)
    json.dump(figures, sys.stdout, indent=2)
    print()
    return 0


if __name__ == '__main__':
    sys.exit(main())
