#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure the identity node with ten people known and ten faces in view at 30 Hz; prints JSON.

    .venv/bin/python benchmarks/identity_node.py FOLDER [--people 10] [--faces 10] [--seconds 10]

FOLDER holds a folder of images per person, such as ORL. Half of the images of the first people
are enrolled, the others are shown in turn, a new one every --hold images, on one track per
person; further people are strangers. Images without a face that the detector finds are left out.
The next image waits for the answer to the one before, so that a busy machine only takes longer.
  latency         from /faces to /identities, ms
  cpu_ms          processor time of the node per image
  named_after     images until half of the known people, and until all, were named
  right, wrong    share of the answers, after the first second, that say the right name, and
                  another one than that (a stranger's too); the rest say unknown
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
import json
import os
from pathlib import Path
import subprocess
import sys
from tempfile import TemporaryDirectory
from threading import Thread
from time import monotonic
from time import sleep
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / 'benchmarks')]

import cv2  # noqa: E402
from domain_coordinator import domain_id  # noqa: E402
from emorec.msg import Face  # noqa: E402
from emorec.msg import FaceArray  # noqa: E402
from emorec.msg import IdentityArray  # noqa: E402
from emorec_ros.messages.conversions import box_from_roi  # noqa: E402
from emorec_ros.messages.conversions import roi_from_box  # noqa: E402
from emorec_ros.messages.conversions import stamp_ns  # noqa: E402
from emorec_ros.messages.conversions import time_from_ns  # noqa: E402
from emorec_ros.messages.images import to_gray  # noqa: E402
from emorec_ros.messages.images import to_message  # noqa: E402
from emorec_ros.runtime.qos import RESULT  # noqa: E402
from emorec_vision.faces.crop import context_crop  # noqa: E402
from emorec_vision.faces.crop import face_input  # noqa: E402
from emorec_vision.faces.detectors.haar import HaarDetector  # noqa: E402
from emorec_vision.identity.recognizer import FACE_SIZE  # noqa: E402
from emorec_vision.people.store import PeopleStore  # noqa: E402
from live import cpu_seconds  # noqa: E402
from live import percentile  # noqa: E402
from live import spin  # noqa: E402
import numpy as np  # noqa: E402
import rclpy  # noqa: E402
from std_msgs.msg import Header  # noqa: E402

PERIOD = 1 / 30
PATIENCE = 1.0
"""Longest wait for an answer before the next image, s."""
ENLARGED = 3
"""Faces are small in ORL's images; the detector gets them this many times as large."""


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('folder', type=Path)
    parser.add_argument('--people', type=int, default=10, help='people known (default: 10)')
    parser.add_argument('--faces', type=int, default=10, help='people in view (default: 10)')
    parser.add_argument('--seconds', type=float, default=10.0, help='measured time (default: 10)')
    parser.add_argument('--hold', type=int, default=6, help='images of one pose (default: 6)')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    homes = sorted(path for path in arguments.folder.glob('*') if path.is_dir())
    if len(homes) < max(arguments.people, arguments.faces):
        print(f'identity_node: {arguments.folder} holds {len(homes)} folders of people, too few '
              f'for {arguments.people} known and {arguments.faces} in view', file=sys.stderr)
        return 2
    shown: list[tuple[str, list[Face]]] = []
    with TemporaryDirectory() as people, domain_id() as domain:
        store = PeopleStore(Path(people))
        os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
        for number, home in enumerate(homes[:max(arguments.people, arguments.faces)]):
            faces = faces_of(home)
            half = len(faces) // 2
            if number < arguments.people:
                store.add(home.name, [crop(face) for face in faces[:half]])
            if number < arguments.faces:
                shown.append((home.name, faces[half:]))
        store.train()
        known = [home.name for home in homes[:arguments.people]]
        print(json.dumps(run(people, shown, known, arguments.seconds, arguments.hold), indent=1))
    return 0


def faces_of(home: Path) -> list[Face]:
    """Return the faces that the detector finds in a person's images, as it publishes them."""
    faces = []
    for path in sorted(home.iterdir()):
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        gray = cv2.resize(gray, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        found = HaarDetector().detect(gray)
        if found:
            box = max((one.box for one in found), key=lambda box: box.area)
            context, context_box = context_crop(gray, box)
            faces.append(Face(track_id=f's-{home.name}', roi=roi_from_box(box), detected=True,
                              crop=to_message(context, 'mono8'),
                              crop_roi=roi_from_box(context_box)))
    return faces


def crop(face: Face) -> np.ndarray:
    """Return a face as it is enrolled, uint8 (150, 150)."""
    return face_input(to_gray(face.crop), box_from_roi(face.crop_roi), box_from_roi(face.roi),
                      FACE_SIZE)


def run(people: str, shown: Sequence[tuple[str, list[Face]]], known: list[str], seconds: float,
        hold: int) -> dict[str, Any]:
    """Show faces to a node for some seconds and return the figures."""
    process = subprocess.Popen(
        [sys.executable, '-m', 'emorec_ros.identity', '--ros-args', '-p', f'people:={people}'],
        env={**os.environ, 'OPENBLAS_NUM_THREADS': '1', 'OMP_NUM_THREADS': '1'}, cwd=ROOT)
    rclpy.init()
    node = rclpy.create_node('benchmark', enable_rosout=False, start_parameter_services=False)
    sent: dict[int, float] = {}
    answers: dict[int, tuple[float, IdentityArray]] = {}
    node.create_subscription(
        IdentityArray, 'identities',
        lambda message: answers.setdefault(stamp_ns(message.header.stamp), (monotonic(), message)),
        RESULT)
    publisher = node.create_publisher(FaceArray, 'faces', RESULT)
    Thread(target=spin, args=(node,), daemon=True).start()
    while publisher.get_subscription_count() == 0:
        sleep(0.05)
    sleep(1.0)
    try:
        used, due = cpu_seconds(process.pid), monotonic()
        for number in range(round(seconds / PERIOD)):
            faces = [poses[number // hold % len(poses)] for _, poses in shown]
            stamp = 10**10 + round(number * PERIOD * 1e9)
            sent[stamp] = monotonic()
            publisher.publish(FaceArray(
                header=Header(stamp=time_from_ns(stamp)), session='s', faces=faces))
            while stamp not in answers and monotonic() < sent[stamp] + PATIENCE:
                sleep(0.001)
            due += PERIOD
            sleep(max(0.0, due - monotonic()))
        cpu = cpu_seconds(process.pid) - used
    finally:
        process.terminate()
        process.wait(5)
        rclpy.try_shutdown()
    return {'pictures': len(sent), 'answered': len(answers),
            'cpu_ms': round(1000 * cpu / len(sent), 2),
            **figures(sent, answers, {f's-{name}': name if name in known else ''
                                      for name, _ in shown})}


def figures(sent: dict[int, float], answers: dict[int, tuple[float, IdentityArray]],
            truth: dict[str, str]) -> dict[str, Any]:
    """Return what the answers (by stamp, ns) show; `truth` names the tracks."""
    latencies = [1000 * (at - sent[stamp]) for stamp, (at, _) in answers.items()]
    first: dict[str, int] = {}
    right = wrong = total = 0
    for number, stamp in enumerate(sorted(sent)):
        if stamp not in answers:
            continue
        for identity in answers[stamp][1].identities:
            if identity.known:
                first.setdefault(identity.track_id, number)
            if number * PERIOD >= 1.0:
                total += 1
                right += identity.person == truth[identity.track_id]
                wrong += identity.person not in ('', truth[identity.track_id])
    named = sorted(number for track, number in first.items() if truth[track])
    return {'latency_ms': {'p50': round(percentile(latencies, 0.5), 1),
                           'p95': round(percentile(latencies, 0.95), 1),
                           'max': round(max(latencies), 1)},
            'named': len(named), 'of': sum(map(bool, truth.values())),
            'named_after': {'half': named[(len(named) - 1) // 2], 'all': named[-1]}
            if named else None,
            'right': round(right / max(total, 1), 3), 'wrong': round(wrong / max(total, 1), 3)}


if __name__ == '__main__':
    sys.exit(main())
