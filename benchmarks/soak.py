#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Count false people while a hostile camera plays to the live graph, and print it as JSON.

    .venv/bin/python benchmarks/soak.py --busy 2
    .venv/bin/python benchmarks/soak.py --busy 2 --cases half_rate late_1 \
        --command 'ros2 launch emorec live.launch.py source:=topics'

benchmarks/hostile_camera.py shows one person all the time, who moves, and a poster of a face. The
graph is started anew for each case: by a command, or without one as `emorec live` does it. So many
processes keep the machine busy beside it.

    .venv/bin/python benchmarks/soak.py --hours 2 --out soak.jsonl

runs the graph for hours instead, and prints what grew (benchmarks/endurance.py): memory,
descriptors and threads of each process, shared memory, log. Ctrl-C prints what there is.
"""

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from contextlib import ExitStack
from dataclasses import dataclass
import json
import os
from pathlib import Path
import shlex
import signal
import subprocess
import sys
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic
from time import sleep
from typing import Any

from domain_coordinator import domain_id
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.graph import config_folder
from emorec_ros.graph import GraphOptions
from emorec_ros.graph import LAYOUTS
from emorec_ros.messages.conversions import box_from_roi
from emorec_ros.messages.conversions import stamp_ns
from emorec_ros.run import dds
from emorec_ros.run.live_run import LiveRun
from emorec_vision.sources.demo.room import POSTER
from endurance import endure
from hostile_camera import CASES
from live import percentile
from live import spin
from live import wait_until
import rclpy
from rclpy.qos import QoSProfile
from sensor_msgs.msg import CameraInfo
from tqdm import tqdm

HERE = Path(__file__).parent
LAST_ANSWERS = 3.0
"""Seconds for them after the camera has stopped."""
BUSY = 'while True: pass'


@dataclass(frozen=True)
class Seen:
    """What an answer says of the scene.

    Attributes:
        people: track_ids of all.
        posters: those of them that are on the poster.
        confirmed: how many of the posters have a confirmed emotion.
        checked: how many people are depth-checked.
    """

    people: frozenset[str]
    posters: frozenset[str]
    confirmed: int
    checked: int


class Counts:
    """The images that were sent, and the first answer to each, by stamp (ns)."""

    def __init__(self, node: Any) -> None:
        deep = QoSProfile(depth=1000)
        self.sent: set[int] = set()
        self.answers: dict[int, Seen] = {}
        node.create_subscription(CameraInfo, 'camera/rgb/camera_info', self._on_info, deep)
        node.create_subscription(PersonEmotionArray, 'emotions', self._on_people, deep)

    def _on_info(self, message: CameraInfo) -> None:
        self.sent.add(stamp_ns(message.header.stamp))

    def _on_people(self, message: PersonEmotionArray) -> None:
        posters = [person for person in message.people if is_poster(person)]
        self.answers.setdefault(stamp_ns(message.header.stamp), Seen(
            frozenset(person.track_id for person in message.people),
            frozenset(person.track_id for person in posters),
            sum(person.confirmed for person in posters),
            sum(person.depth_checked for person in message.people)))

    def figures(self) -> dict[str, Any]:
        """Return what there is to tell; start-up ends with the first image with a person."""
        stamps = sorted(self.sent)
        first = next((place for place, stamp in enumerate(stamps)
                      if stamp in self.answers and self.answers[stamp].people), len(stamps))
        after = [self.answers[stamp] for stamp in stamps[first:] if stamp in self.answers]
        gaps = gaps_ms(stamps)
        checked = [stamp for stamp in stamps[first:]
                   if stamp in self.answers and self.answers[stamp].checked]
        return {
            'images': len(stamps),
            'rate_hz': round(1000 * len(gaps) / sum(gaps), 1),
            'gap_p95_ms': round(percentile(gaps, 0.95)),
            'unanswered': sum(stamp not in self.answers for stamp in stamps),
            'longest_gap_of_answers_ms': round(max(gaps_ms(sorted(self.answers)), default=0.0)),
            'longest_gap_of_checks_ms': round(max(gaps_ms(checked), default=0.0)),
            'images_until_the_first_person': first,
            'one_person': sum(len(seen.people) == 1 and not seen.posters for seen in after),
            'two_or_more': sum(len(seen.people) > 1 for seen in after),
            'with_the_poster': sum(bool(seen.posters) for seen in after),
            'poster_confirmed': sum(seen.confirmed for seen in after),
            'nobody_after_the_start': sum(not seen.people for seen in after),
            'person_depth_checked': sum(
                seen.checked > 0 and not seen.posters for seen in after),
            'ids': len(frozenset().union(*(seen.people for seen in after))),
            'ids_of_the_poster': len(frozenset().union(*(seen.posters for seen in after))),
        }


def gaps_ms(stamps: list[int]) -> list[float]:
    """Return the times between stamps (ns) that follow each other."""
    return [(later - earlier) / 1e6 for earlier, later in zip(stamps, stamps[1:])]


def is_poster(person: PersonEmotion) -> bool:
    """Tell whether the middle of a face lies on the poster, where the person never is."""
    x, y = box_from_roi(person.roi).center
    return POSTER.x <= x < POSTER.right and POSTER.y <= y < POSTER.bottom


@contextmanager
def graph(command: str, layout: str, log: Any) -> Iterator[None]:
    """Run the graph; what is started inside of it is in its domain, with its DDS profile."""
    if not command:
        options = GraphOptions(source='topics', processes=layout)
        with LiveRun(options, False, lambda text: print(text, file=log)):
            yield
        return
    before = dict(os.environ)
    with TemporaryDirectory() as folder, domain_id() as domain:
        os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
        process = subprocess.Popen(shlex.split(command), stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL)
        os.environ.update(dds.launched_environment(
            config_folder() / 'fastdds.xml', Path(folder), os.environ, dds.segment_size()))
        try:
            yield
        finally:
            process.terminate()
            process.wait()
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def running(*command: str) -> Iterator[None]:
    """Run a Python program beside."""
    process = subprocess.Popen([sys.executable, *command], stdin=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def soak(case: str, images: int, busy: int, command: str, layout: str, log: Any
         ) -> dict[str, Any]:
    """Play a case to the graph and return what was counted."""
    context = rclpy.Context()
    with ExitStack() as stack:
        stack.enter_context(graph(command, layout, log))
        for _ in range(busy):
            stack.enter_context(running('-c', BUSY))
        rclpy.init(context=context)
        stack.callback(rclpy.try_shutdown, context=context)
        node = rclpy.create_node('soak', context=context, enable_rosout=False,
                                 start_parameter_services=False)
        counts = Counts(node)
        Thread(target=spin, args=(node, context), daemon=True).start()
        wait_until(lambda: node.count_subscribers('camera/rgb/image_raw'), 60.0)
        began = monotonic()
        with running(str(HERE / 'hostile_camera.py'), case):
            with tqdm(total=images, unit='image', desc=case, leave=False,
                      disable=None) as bar:
                while len(counts.sent) < images:
                    bar.update(len(counts.sent) - bar.n)
                    sleep(0.2)
            seconds = monotonic() - began
        sleep(LAST_ANSWERS)
        return {'seconds': round(seconds, 1), **counts.figures()}


def main() -> None:
    """Measure and print, each case as soon as it is over."""
    parser = argparse.ArgumentParser(
        description='Play a hostile camera to the live graph and count false people; prints JSON.',
        formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    add = parser.add_argument
    add('--cases', nargs='+', choices=CASES, default=list(CASES), help='what is wrong')
    add('--images', type=int, default=5000, help='of each case')
    add('--busy', type=int, default=0, help='processes that keep the machine busy')
    add('--command', default='', help='that starts the graph with source:=topics')
    add('--processes', choices=LAYOUTS, default='one', help='layout without a command')
    add('--log', type=argparse.FileType('a'), default=sys.stderr, help='for what the graph says')
    add('--hours', type=float, help='run so long instead, and print what grew')
    add('--every', type=int, default=5, help='minutes from table to table, with --hours')
    add('--out', type=Path, default=Path('soak.jsonl'), help='a row per minute, with --hours; '
        'what the graph says goes beside it, into .log')
    arguments = parser.parse_args()
    if arguments.hours:
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        endure(arguments.hours, arguments.every, arguments.out)
        return
    print(json.dumps({'cores': os.cpu_count(), 'busy': arguments.busy,
                      'command': arguments.command or f'emorec live ({arguments.processes})'}),
          flush=True)
    for case in arguments.cases:
        print(f'--- {case}', file=arguments.log, flush=True)
        load = os.getloadavg()[0]
        figures = soak(case, arguments.images, arguments.busy, arguments.command,
                       arguments.processes, arguments.log)
        print(json.dumps({'case': case, 'load_before': load, **figures}), flush=True)


if __name__ == '__main__':
    main()
