#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
r"""Measure the identity node with ten people known and ten faces in view at 30 Hz; prints JSON.

    .venv/bin/python benchmarks/identity_node.py FOLDER [--people 10] [--faces 10] [--seconds 10]

FOLDER holds a folder of images per person, such as ORL. Half of the images of the first people
are enrolled, or --enrolled of them, the others are shown in turn, a new one every --hold images,
on one track per person; further people are strangers. Images without a face that the detector
finds are left out. A crowd of 40 of whom 30 are known by one photo:

    .venv/bin/python benchmarks/identity_node.py FOLDER --people 30 --faces 40 --enrolled 1

The next image waits for the answer to the one before, so that a busy machine only takes longer.
  latency         from /faces to /identities, ms
  cpu_ms          processor time of the node per image
  rank_1          share of the images shown of known people whose nearest person is right
  accepted        share of these looks that are within the threshold too, and of looks at strangers
  named_after     images until half of the known people, and until all, were named
  right, wrong    share of the answers, after the first second, that say the right name, and
                  another one than that (a stranger's too); the rest say unknown
  settled         the same of the second half of the time, and of the strangers' answers those
                  that say a name
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
from emorec_ros.runtime.qos.profiles import RESULT  # noqa: E402
from emorec_vision.faces.crop import context_crop  # noqa: E402
from emorec_vision.faces.crop import face_input  # noqa: E402
from emorec_vision.faces.crop import FaceCrop  # noqa: E402
from emorec_vision.faces.detector import Evidence  # noqa: E402
from emorec_vision.faces.detector import FaceDetector  # noqa: E402
from emorec_vision.faces.detectors.factory import DETECTORS  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.identity.factory import AUTO  # noqa: E402
from emorec_vision.identity.factory import RECOGNIZERS  # noqa: E402
from emorec_vision.identity.recognizer import FACE_SIZE  # noqa: E402
from emorec_vision.identity.recognizer import TrainedRecognizer  # noqa: E402
from emorec_vision.people.model_content import kind_of  # noqa: E402
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
BORDER = 20
"""Border added before the search, px; faces that fill an image are not found otherwise."""
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
    parser.add_argument('--enrolled', type=int, default=0,
                        help='photos enrolled of each (default: half of them)')
    parser.add_argument('--recognizer', choices=RECOGNIZERS, default=AUTO)
    parser.add_argument('--detector', choices=DETECTORS, default='auto')
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
        store = PeopleStore(Path(people), recognizer=arguments.recognizer)
        detector = open_detector(arguments.detector)
        os.environ.update(ROS_DOMAIN_ID=str(domain), ROS_AUTOMATIC_DISCOVERY_RANGE='LOCALHOST')
        for number, home in enumerate(homes[:max(arguments.people, arguments.faces)]):
            faces = faces_of(home, detector)
            enrolled = arguments.enrolled or len(faces) // 2
            if number < arguments.people:
                store.add(home.name, [crop(face) for face in faces[:enrolled]])
            if number < arguments.faces:
                shown.append((home.name, faces[enrolled:]))
        store.train()
        known = [home.name for home in homes[:arguments.people]]
        assert store.model.recognizer is not None
        print(json.dumps({
            'recognizer': kind_of(store.model.recognizer),
            **looks(store.model.recognizer, shown, known),
            **run(people, shown, known, arguments)}, indent=1))
    return 0


def looks(recognizer: TrainedRecognizer, shown: Sequence[tuple[str, list[Face]]],
          known: list[str]) -> dict[str, Any]:
    """Return how many single looks at the faces that are shown are right."""
    nearest, friends, strangers = [], [], []
    for name, faces in shown:
        for face in faces:
            found = recognizer.look(FaceCrop(
                '', to_gray(face.crop), box_from_roi(face.crop_roi), box_from_roi(face.roi), True))
            accepted = found.score <= recognizer.threshold
            if name in known:
                nearest.append(found.person == name)
                friends.append(found.person == name and accepted)
            else:
                strangers.append(accepted)
    return {'rank_1': share(nearest),
            'accepted': {'known': share(friends), 'strangers': share(strangers)}}


def share(answers: Sequence[bool]) -> float | None:
    """Return the share of true ones, None of nothing."""
    return round(float(np.mean(answers)), 4) if len(answers) else None


def faces_of(home: Path, detector: FaceDetector) -> list[Face]:
    """Return the faces that the detector finds in a person's images, as it publishes them."""
    faces = []
    for path in sorted(home.iterdir()):
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        gray = cv2.copyMakeBorder(gray, *[BORDER] * 4, cv2.BORDER_REPLICATE)
        gray = cv2.resize(gray, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
        found = next(filter(None, (detector.detect(gray, evidence=each) for each in Evidence)),
                     [])
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


def run(people: str, shown: Sequence[tuple[str, list[Face]]], known: list[str],
        arguments: argparse.Namespace) -> dict[str, Any]:
    """Show faces to a node for some seconds and return the figures."""
    process = subprocess.Popen(
        [sys.executable, '-m', 'emorec_ros.identity', '--ros-args', '-p', f'people:={people}',
         '-p', f'recognizer:={arguments.recognizer}'],
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
    Thread(target=spin, args=(node, rclpy.utilities.get_default_context()), daemon=True).start()
    while publisher.get_subscription_count() == 0:
        sleep(0.05)
    sleep(1.0)
    try:
        used, due = cpu_seconds(process.pid), monotonic()
        for number in range(round(arguments.seconds / PERIOD)):
            faces = [poses[number // arguments.hold % len(poses)] for _, poses in shown]
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
    settled: dict[bool, list[bool]] = {True: [], False: []}
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
            if number >= len(sent) / 2:
                known = truth[identity.track_id]
                settled[bool(known)].append(identity.person == known if known
                                            else bool(identity.person))
    named = sorted(number for track, number in first.items() if truth[track])
    return {'latency_ms': {'p50': round(percentile(latencies, 0.5), 1),
                           'p95': round(percentile(latencies, 0.95), 1),
                           'max': round(max(latencies), 1)},
            'named': len(named), 'of': sum(map(bool, truth.values())),
            'named_after': {'half': named[(len(named) - 1) // 2], 'all': named[-1]}
            if named else None,
            'settled': {'right': share(settled[True]), 'strangers_named': share(settled[False])},
            'right': round(right / max(total, 1), 3), 'wrong': round(wrong / max(total, 1), 3)}


if __name__ == '__main__':
    sys.exit(main())
