#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure the whole graph against its budgets and print the figures as JSON.

    .venv/bin/python benchmarks/live.py [--seconds 60] [--faces 1 10] [--starts 10]

The graph runs as `emorec live` runs it, with a 640x480 colour and depth camera at 30 Hz. Latency
is from the capture stamp to the arrival of /emotions in this process; CPU is what the kernel
counted for each node after five seconds of warming up, in cores.
"""

import argparse
from collections.abc import Callable
import json
import os
from pathlib import Path
import signal
from statistics import median
import subprocess
import sys
from threading import Thread
from time import monotonic
from time import sleep
from time import time_ns
from typing import Any

from diagnostic_msgs.msg import DiagnosticArray
from emorec.msg import FaceArray
from emorec.msg import PersonEmotionArray
from emorec_ros.graph import GraphOptions
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.run.live_run import LiveRun
import rclpy
from rclpy.executors import ExternalShutdownException
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo
from tqdm import tqdm

WARM_UP = 5.0
TICK = os.sysconf('SC_CLK_TCK')
BUDGETS = {
    'lost_between_driver_and_detector': 0, 'latency_p50_ms': 30, 'latency_p95_ms': 50,
    'cpu_cores': 1.0, 'rate_hz': 30, 'start_p95_s': 4.0}


class Counts:
    """Count what crosses the topics, with the time of its arrival."""

    def __init__(self, node: Any) -> None:
        deep = QoSProfile(depth=200)
        self.sent: set[int] = set()
        self.faces: dict[int, int] = {}
        self.answers: dict[int, tuple[int, int]] = {}
        self.diagnostics: dict[str, dict[str, str]] = {}
        subscribe = node.create_subscription
        subscribe(CameraInfo, 'camera/rgb/camera_info',
                  lambda message: self.sent.add(stamp_ns(message.header.stamp)), deep)
        subscribe(FaceArray, 'faces', self._on_faces, deep)
        subscribe(PersonEmotionArray, 'emotions', self._on_people, deep)
        subscribe(DiagnosticArray, '/diagnostics', self._on_diagnostics, deep)

    def _on_faces(self, message: FaceArray) -> None:
        self.faces[stamp_ns(message.header.stamp)] = len(message.faces)

    def _on_people(self, message: PersonEmotionArray) -> None:
        measured = sum(person.frame_emotion < 7 for person in message.people)
        self.answers[stamp_ns(message.header.stamp)] = (time_ns(), measured)

    def _on_diagnostics(self, message: DiagnosticArray) -> None:
        for status in message.status:
            self.diagnostics[status.name.split('/')[-1].removeprefix('emorec: ')] = {
                pair.key: pair.value for pair in status.values}


def cpu_seconds(pid: int) -> float:
    """Return the processor time that a process has used so far, in s."""
    fields = Path(f'/proc/{pid}/stat').read_text().rsplit(')', 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def memory_mb(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    for line in Path(f'/proc/{pid}/status').read_text().splitlines():
        if line.startswith('VmRSS:'):
            return int(line.split()[1]) / 1024
    return 0.0


def percentile(values: list[float], share: float) -> float:
    """Return a percentile of values."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))]


def measure(faces: int, seconds: float) -> dict[str, Any]:
    """Run the graph with a crowd of `faces` heads (the demo scene for one)."""
    options = GraphOptions(source='demo' if faces == 1 else 'topics')
    with LiveRun(options, False, lambda text: print(text, file=sys.stderr)) as live:
        node = rclpy.create_node('benchmark', enable_rosout=False, start_parameter_services=False)
        counts = Counts(node)
        Thread(target=spin, args=(node,), daemon=True).start()
        camera = None if faces == 1 else start_crowd(faces)
        try:
            pids = dict(live.pids())
            if camera is not None:
                pids['camera_driver'] = camera.pid
            wait_until(lambda: counts.answers)
            sleep(WARM_UP)
            return record(counts, pids, seconds)
        finally:
            if camera is not None and camera.poll() is None:
                camera.kill()


def record(counts: Counts, pids: dict[str, int], seconds: float) -> dict[str, Any]:
    """Measure for `seconds`, then stop the camera and count what arrived."""
    used = {name: cpu_seconds(pid) for name, pid in pids.items()}
    memory = sum(memory_mb(pid) for pid in pids.values())
    start, first = monotonic(), max(counts.sent)
    for _ in tqdm(range(int(seconds)), unit='s', leave=False):
        sleep(1.0)
    took, last = monotonic() - start, max(counts.sent)
    cores = {name: round((cpu_seconds(pid) - used[name]) / took, 3) for name, pid in pids.items()}
    grown = sum(memory_mb(pid) for pid in pids.values()) / memory - 1
    os.kill(pids['camera_driver'], signal.SIGINT)
    sleep(2.5)
    return {
        **frame_figures(counts, first, last, took),
        'cpu_cores': round(sum(cores.values()), 3),
        'cpu_cores_by_node': cores,
        'memory_mb': round(memory),
        'memory_growth': round(grown, 4),
        'work_ms': {name: {key: value for key, value in values.items() if key.endswith(' ms')}
                    for name, values in counts.diagnostics.items()},
    }


def frame_figures(counts: Counts, first: int, last: int, took: float) -> dict[str, Any]:
    """Say what became of the frames whose stamps (ns) lie between `first` and `last`."""
    between = [stamp for stamp in counts.sent if first < stamp <= last]
    answered = [stamp for stamp in between if stamp in counts.answers]
    latencies = [(counts.answers[stamp][0] - stamp) / 1e6 for stamp in answered]
    return {
        'seconds': round(took, 1),
        'frames_sent': len(between),
        'frames_answered': len(answered),
        'rate_hz': round(len(answered) / took, 2),
        'lost_between_driver_and_detector': sum(stamp not in counts.faces for stamp in between),
        'faces_per_frame': round(mean_of([counts.faces.get(stamp, 0) for stamp in answered]), 2),
        'emotions_per_frame': round(mean_of([counts.answers[stamp][1] for stamp in answered]), 2),
        'latency_p50_ms': round(median(latencies), 1),
        'latency_p95_ms': round(percentile(latencies, 0.95), 1),
    }


def mean_of(values: list[int]) -> float:
    """Return the mean."""
    return sum(values) / len(values)


def start_crowd(faces: int) -> subprocess.Popen:
    """Start the crowd camera in the domain of the running graph."""
    return subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name('crowd_camera.py')), '--ros-args',
         '-r', '__ns:=/camera', '-r', 'emotions:=/emotions', '-p', 'source:=crowd'],
        env={**os.environ, 'CROWD': str(faces)})


def start_times(starts: int) -> dict[str, Any]:
    """Time `emorec live` from its call to the first /emotions."""
    times = []
    emorec = Path(sys.prefix) / 'bin' / 'emorec'
    for _ in tqdm(range(starts), unit='start', leave=False):
        began = monotonic()
        process = subprocess.Popen([str(emorec), 'live', '--source', 'demo', '--json'],
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


def spin(node: Any) -> None:
    """Take messages until the end."""
    executor = SingleThreadedExecutor()
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
    parser.add_argument('--seconds', type=float, default=60.0, help='measured time per crowd')
    parser.add_argument('--faces', type=int, nargs='*', default=[1, 10], help='crowds to measure')
    parser.add_argument('--starts', type=int, default=10, help='starts to time')
    arguments = parser.parse_args()
    figures: dict[str, Any] = {'budgets': BUDGETS, 'load_before': os.getloadavg()[0],
                               'cores': os.cpu_count()}
    for faces in arguments.faces:
        figures[f'{faces} face{"s" if faces > 1 else ""}'] = measure(faces, arguments.seconds)
    figures['start'] = start_times(arguments.starts)
    print(json.dumps(figures, indent=2))


if __name__ == '__main__':
    main()
