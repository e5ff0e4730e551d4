#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure the whole graph in both layouts of its processes, and print the figures as JSON.

    .venv/bin/python benchmarks/live.py [--seconds 30] [--rounds 2] [--faces 1 10] [--starts 10]

The graph runs as `emorec live` runs it, with a 640x480 colour and depth camera at 30 Hz, turn
about: bare loop (benchmarks/bare_loop.py), `--processes one`, `--processes each`. Latency is from
the capture stamp to the arrival of /emotions in this process; CPU is what the kernel counted after
five seconds of warming up; memory is PSS, which counts what processes share once.
"""

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
import json
import os
from pathlib import Path
import signal
from statistics import mean
from statistics import median
import subprocess
import sys
from threading import Thread
from time import monotonic
from time import sleep
from time import time_ns
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from emorec.msg import PersonEmotionArray
from emorec_ros.graph import GraphOptions
from emorec_ros.graph import LAYOUTS
from emorec_ros.graph import NODE_ENVIRONMENT
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.run.live_run import LiveRun
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo
from tqdm import tqdm

HERE = Path(__file__).parent
DRIVER = 'camera_driver'
WARM_UP = 5.0
TICK = os.sysconf('SC_CLK_TCK')
BUDGETS = {
    'frames_lost': 0, 'latency_p50_ms': 30, 'latency_p95_ms': 50, 'cpu_cores': 1.0,
    'pss_mb_without_driver': 300, 'times_the_bare_loop': 1.3, 'rate_hz': 30, 'start_p95_s': 4.0}


class Counts:
    """Count what comes in and out, with the time of its arrival; nobody listens in between."""

    def __init__(self, node: Any) -> None:
        deep = QoSProfile(depth=200)
        self.sent: set[int] = set()
        self.answers: dict[int, tuple[int, int, int]] = {}
        self.diagnostics: dict[str, dict[str, str]] = {}
        subscribe = node.create_subscription
        subscribe(CameraInfo, 'camera/rgb/camera_info',
                  lambda message: self.sent.add(stamp_ns(message.header.stamp)), deep)
        subscribe(PersonEmotionArray, 'emotions', self._on_people, deep)
        subscribe(DiagnosticArray, '/diagnostics', self._on_diagnostics, deep)

    def _on_people(self, message: PersonEmotionArray) -> None:
        measured = sum(person.frame_emotion < 7 for person in message.people)
        self.answers[stamp_ns(message.header.stamp)] = (time_ns(), len(message.people), measured)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.diagnostics[status.name.split('/')[-1].removeprefix('emorec: ')] = {
                pair.key: pair.value for pair in status.values}


@dataclass
class Measured:
    """What the rounds of one layout showed; CPU time by process in s, PSS in MB."""

    seconds: float = 0.0
    sent: int = 0
    answers: list[tuple[float, int, int]] = field(default_factory=list)
    cpu: Counter[str] = field(default_factory=Counter)
    pss: list[float] = field(default_factory=list)
    grown: list[float] = field(default_factory=list)
    work_ms: dict[str, dict[str, str]] = field(default_factory=dict)

    def figures(self, loop: dict[str, float]) -> dict[str, Any]:
        """Return them for printing, beside those of the bare loop."""
        latencies = [latency for latency, _, _ in self.answers]
        answered = len(self.answers)
        total = self.cpu.total()
        nodes_ms = 1000 * (total - self.cpu[DRIVER]) / answered
        return {
            'seconds': round(self.seconds, 1),
            'frames_sent': self.sent,
            'frames_lost': self.sent - answered,
            'rate_hz': round(answered / self.seconds, 2),
            'faces_per_frame': round(mean(faces for _, faces, _ in self.answers), 2),
            'emotions_per_frame': round(mean(measured for _, _, measured in self.answers), 2),
            'latency_p50_ms': round(median(latencies), 1),
            'latency_p95_ms': round(percentile(latencies, 0.95), 1),
            'cpu_cores': round(total / self.seconds, 3),
            'cpu_cores_by_process': {
                name: round(cpu / self.seconds, 3) for name, cpu in self.cpu.items()},
            'cpu_ms_per_answer': round(1000 * total / answered, 1),
            'cpu_ms_per_answer_without_driver': round(nodes_ms, 1),
            'times_the_bare_loop': round(
                1000 * total / answered / (loop['source_cpu_ms'] + loop['work_cpu_ms']), 2),
            'times_the_bare_loop_without_driver': round(nodes_ms / loop['work_cpu_ms'], 2),
            'pss_mb_without_driver': round(mean(self.pss)),
            'pss_growth': round(mean(self.grown), 4),
            'work_ms': self.work_ms,
        }


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used so far, in s."""
    fields = Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def pss_mb(pids: dict[str, int]) -> float:
    """Return the proportional set size of all processes but the driver, in MB."""
    lines = [line for name, pid in pids.items() if name != DRIVER
             for line in Path(f'/proc/{pid}/smaps_rollup').read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith('Pss:')) / 1024


def percentile(values: list[float], share: float) -> float:
    """Return a percentile of values."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(faces: int, processes: str, seconds: float, result: Measured) -> None:
    """Run the graph with a crowd of `faces` heads (the demo scene for one)."""
    options = GraphOptions(source='demo' if faces == 1 else 'topics', processes=processes)
    with LiveRun(options, False, lambda text: print(text, file=sys.stderr)) as live:
        context = rclpy.Context()
        rclpy.init(context=context)
        node = rclpy.create_node('benchmark', context=context, enable_rosout=False,
                                 start_parameter_services=False)
        counts = Counts(node)
        Thread(target=spin, args=(node, context), daemon=True).start()
        camera = None if faces == 1 else start_crowd(faces)
        try:
            pids = dict(live.pids())
            if camera is not None:
                pids[DRIVER] = camera.pid
            wait_until(lambda: counts.answers)
            sleep(WARM_UP)
            record(counts, pids, seconds, result)
        finally:
            if camera is not None and camera.poll() is None:
                camera.kill()
            rclpy.try_shutdown(context=context)


def record(counts: Counts, pids: dict[str, int], seconds: float, result: Measured) -> None:
    """Measure for `seconds`, then stop the camera and add what arrived to the result."""
    used = {name: cpu_seconds(pid) for name, pid in pids.items()}
    memory = pss_mb(pids)
    start, first = monotonic(), max(counts.sent)
    for _ in tqdm(range(int(seconds)), unit='s', leave=False):
        sleep(1.0)
    took, last = monotonic() - start, max(counts.sent)
    result.cpu.update({name: cpu_seconds(pid) - used[name] for name, pid in pids.items()})
    result.pss.append(pss_mb(pids))
    result.grown.append(result.pss[-1] / memory - 1)
    result.seconds += took
    os.kill(pids[DRIVER], signal.SIGINT)
    sleep(2.5)
    between = [stamp for stamp in counts.sent if first < stamp <= last]
    result.sent += len(between)
    for stamp in between:
        if stamp in counts.answers:
            came, people, measured = counts.answers[stamp]
            result.answers.append(((came - stamp) / 1e6, people, measured))
    result.work_ms = {
        name: {key: value for key, value in values.items() if key.endswith(' ms')}
        for name, values in counts.diagnostics.items()}


def bare_loop(faces: int, seconds: float) -> dict[str, float]:
    """Return the figures of the same work in one loop."""
    run = subprocess.run(
        [sys.executable, str(HERE / 'bare_loop.py'), str(faces), str(seconds)], check=True,
        capture_output=True, text=True, env={**os.environ, **NODE_ENVIRONMENT})
    return json.loads(run.stdout)


def compare(faces: int, layouts: list[str], rounds: int, seconds: float) -> dict[str, Any]:
    """Measure the bare loop and the layouts in turn."""
    loops = []
    results = {layout: Measured() for layout in layouts}
    for _ in range(rounds):
        loops.append(bare_loop(faces, seconds))
        for layout, result in results.items():
            measure(faces, layout, seconds, result)
    loop = {key: mean(each[key] for each in loops) for key in loops[0]}
    return {'bare_loop': loop,
            **{layout: result.figures(loop) for layout, result in results.items()}}


def start_crowd(faces: int) -> subprocess.Popen:
    """Start the crowd camera in the domain of the running graph."""
    return subprocess.Popen(
        [sys.executable, str(HERE / 'crowd_camera.py'), '--ros-args',
         '-r', '__ns:=/camera', '-r', 'emotions:=/emotions', '-p', 'source:=crowd'],
        env={**os.environ, 'CROWD': str(faces)})


def start_times(layout: str, starts: int) -> dict[str, Any]:
    """Time `emorec live` from its call to the first /emotions."""
    times = []
    emorec = Path(sys.prefix) / 'bin' / 'emorec'
    for _ in tqdm(range(starts), unit='start', leave=False):
        began = monotonic()
        process = subprocess.Popen(
            [str(emorec), 'live', '--source', 'demo', '--json', '--processes', layout],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        assert process.stdout is not None
        process.stdout.readline()
        times.append(monotonic() - began)
        process.send_signal(signal.SIGINT)
        process.wait()
    return {'starts': starts, 'start_p50_s': round(median(times), 2),
            'start_p95_s': round(percentile(times, 0.95), 2),
            'start_max_s': round(max(times), 2)} if times else {}


def wait_until(ready: Callable[[], Any], timeout: float = 30.0) -> None:
    """Wait until something is so."""
    deadline = monotonic() + timeout
    while not ready():
        if monotonic() > deadline:
            raise SystemExit('no answer on /emotions within 30 s')
        sleep(0.05)


def spin(node: Any, context: rclpy.Context) -> None:
    """Take messages until the end."""
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    try:
        executor.spin()
    except ExternalShutdownException:
        pass


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description='Measure the whole graph against its budgets; prints JSON.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add('--seconds', type=float, default=30.0, help='measured time per crowd, layout and round')
    add('--rounds', type=int, default=2, help='turns of each layout')
    add('--faces', type=int, nargs='*', default=[1, 10], help='crowds to measure')
    add('--processes', nargs='*', choices=LAYOUTS, default=list(LAYOUTS), help='layouts')
    add('--starts', type=int, default=10, help='starts to time per layout')
    arguments = parser.parse_args()
    figures: dict[str, Any] = {'budgets': BUDGETS, 'load_before': os.getloadavg()[0],
                               'cores': os.cpu_count()}
    for faces in arguments.faces:
        figures[f'{faces} face{"s" if faces > 1 else ""}'] = compare(
            faces, arguments.processes, arguments.rounds, arguments.seconds)
    figures['start'] = {layout: start_times(layout, arguments.starts)
                        for layout in arguments.processes}
    print(json.dumps(figures, indent=2))


if __name__ == '__main__':
    main()
