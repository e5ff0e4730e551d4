#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure what the bridge to ROS4HRI costs per image, per face in it, and per new face.

    .venv/bin/python benchmarks/hri_bridge.py [--images 300] [--faces 5]

The bridge runs as a process of its own, fed with images at 30 Hz: without a face, with faces that
stay, and with these while this process subscribes to the topics of each and to /tf; then with
three images a second, each with other faces. The figures are differences of the CPU time that the
kernel counted, as JSON.
"""

import argparse
from contextlib import suppress
import json
import os
from pathlib import Path
import subprocess
import sys
from time import monotonic
from time import sleep
from typing import Any

from domain_coordinator import domain_id
from emorec.msg import Face
from emorec.msg import FaceArray
from emorec.msg import Identity
from emorec.msg import IdentityArray
from emorec.msg import PersonEmotion
from emorec.msg import PersonEmotionArray
from emorec_ros.hri.ids import face_id
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.command_node import CommandNode
from emorec_ros.runtime.qos.profiles import RESULT
from geometry_msgs.msg import Point
from hri_msgs.msg import Expression
from hri_msgs.msg import NormalizedRegionOfInterest2D
import numpy as np
from sensor_msgs.msg import RegionOfInterest
from std_msgs.msg import Header

PERIOD = 1 / 30
UNHURRIED = 1 / 3
"""Seconds between images of new faces, so that none is lost."""
TICK = os.sysconf('SC_CLK_TCK')
ROI = RegionOfInterest(x_offset=200, y_offset=150, width=100, height=100)
CROP = to_message(np.zeros((150, 150), np.uint8), 'mono8')
"""As the detector's context crop of such a face."""


class Feed:
    """Stand in for the graph, and let the bridge work."""

    def __init__(self) -> None:
        self._node = CommandNode('hri_benchmark')
        ros = self._node.ros
        self._faces, self._identities, self._emotions = (
            ros.create_publisher(kind, topic, RESULT) for kind, topic in (
                (FaceArray, 'faces'), (IdentityArray, 'identities'),
                (PersonEmotionArray, 'emotions')))
        self._bridge = subprocess.Popen([sys.executable, '-m', 'emorec_ros.hri_bridge'])
        self._node.start()
        while not all(publisher.get_subscription_count() for publisher in (
                self._faces, self._identities, self._emotions)):
            sleep(0.1)
        self._images = 0

    def close(self) -> None:
        """End the bridge."""
        self._bridge.terminate()
        self._bridge.wait()
        self._node.close()

    def listen(self, track_ids: list[str]) -> None:
        """Subscribe to what the bridge says of faces."""
        for track_id in track_ids:
            root = f'/humans/faces/{face_id(track_id)}'
            for kind, topic in ((NormalizedRegionOfInterest2D, 'roi'), (Expression, 'expression')):
                self._node.ros.create_subscription(
                    kind, f'{root}/{topic}', lambda _message: None, RESULT)
        with suppress(ImportError):
            from tf2_msgs.msg import TFMessage
            self._node.ros.create_subscription(TFMessage, '/tf', lambda _message: None, RESULT)

    def cost(self, images: int, faces: int, new: bool = False) -> float:
        """Return the CPU time of the bridge per image, ms, after a second of warming up."""
        self._play(3 if new else 30, faces, new)
        before = self._cpu()
        self._play(images, faces, new)
        return 1000 * (self._cpu() - before) / images

    def _cpu(self) -> float:
        words = Path(f'/proc/{self._bridge.pid}/stat').read_text().rsplit(')', 1)[1].split()
        return (int(words[11]) + int(words[12])) / TICK

    def _play(self, images: int, faces: int, new: bool) -> None:
        due = monotonic()
        for _ in range(images):
            self._images += 1
            self._show(
                [f's-{self._images if new else 0}-{number}' for number in range(faces)])
            due += UNHURRIED if new else PERIOD
            sleep(max(0.0, due - monotonic()))

    def _show(self, track_ids: list[str]) -> None:
        header = Header(stamp=time_from_ns(self._images * 33_333_333), frame_id='optical')
        common: dict[str, Any] = {'roi': ROI, 'position': Point(x=0.1, y=0.2, z=1.5)}
        self._faces.publish(FaceArray(
            header=header, image_width=640, image_height=480, faces=[
                Face(track_id=each, score=0.9, detected=True, crop=CROP, **common)
                for each in track_ids]))
        self._identities.publish(IdentityArray(
            header=header, identities=[Identity(track_id=each) for each in track_ids]))
        self._emotions.publish(PersonEmotionArray(
            header=header, people=[PersonEmotion(track_id=each, emotion=3, **common)
                                   for each in track_ids]))


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument('--images', type=int, default=300, help='images of each run')
    parser.add_argument('--faces', type=int, default=5, help='faces in an image')
    arguments = parser.parse_args()
    images, faces = arguments.images, arguments.faces
    with domain_id() as domain:
        os.environ['ROS_DOMAIN_ID'] = str(domain)
        feed = Feed()
        try:
            none, unheard = feed.cost(images, 0), feed.cost(images, faces)
            feed.listen([f's-0-{number}' for number in range(faces)])
            heard, renewed = feed.cost(images, faces), feed.cost(images // 10, faces, new=True)
        finally:
            feed.close()
    print(json.dumps({
        'ms_per_image_without_faces': round(none, 2),
        'ms_per_image_and_face': round((unheard - none) / faces, 3),
        'ms_per_image_and_face_with_subscribers': round((heard - none) / faces, 3),
        'ms_per_new_face': round((renewed - unheard) / faces, 2)}, indent=2))
    return 0


if __name__ == '__main__':
    sys.exit(main())
