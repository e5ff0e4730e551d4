#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The work of the live graph in one loop without ROS, as the yardstick of benchmarks/live.py.

    OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv/bin/python benchmarks/bare_loop.py 1 20

Finds, measures, names and confirms the faces of a 640x480 colour and depth camera at 30 Hz, for 20
seconds after the warming up, and prints the CPU time per image (ms) of the source and of the work.
"""

import json
import sys
from time import monotonic
from time import sleep
from time import thread_time

from crowd_camera import CrowdSource
import cv2
from emorec_vision.depth.gate import DepthGate
from emorec_vision.emotion.aggregation import Aggregation
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.emotion.person_windows import PersonWindows
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.identity.tracks import TrackIdentities
from emorec_vision.sources import Frame
from emorec_vision.sources import open_source
import numpy as np

RATE = 30
WARM_UP = 5 * RATE
"""Images before the measuring begins."""


class Loop:
    """What the nodes do with an image, one after the other."""

    def __init__(self) -> None:
        self._finder = FaceFinder(
            open_detector(), DepthGate(near=0.3, far=4.0))
        self._model = EmotionModel(model_path(''))
        self._tracks = TrackIdentities(None)
        self._aggregation = Aggregation(PersonWindows())

    def answer(self, frame: Frame, stamp: int) -> int:
        """Return how many people an image shows; its stamp is in ns."""
        gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
        faces = self._finder.process(gray, stamp, frame.depth, frame.intrinsics).faces
        size = self._model.input_size
        seen = [face for face in faces if face.detected]
        rows = self._model.predict(np.array(
            [face.pixels(size) for face in seen], np.uint8).reshape(-1, size, size))
        names = {each.track_id: each.person
                 for each in self._tracks.update(self._finder.session, faces)}
        self._aggregation.begin_session(self._finder.session)
        self._aggregation.set_names(names)
        return len(self._aggregation.update(
            stamp, [face.track_id for face in faces],
            {face.track_id: row for face, row in zip(seen, rows, strict=True)}, monotonic()))


def main() -> None:
    """Run at the pace of the camera, so that caches and clock are those of the graph."""
    faces, seconds = int(sys.argv[1]), float(sys.argv[2])
    cv2.setNumThreads(1)
    loop = Loop()
    source = open_source('demo') if faces == 1 else CrowdSource(faces)
    images = WARM_UP + round(RATE * seconds)
    spent = {'source': 0.0, 'work': 0.0}
    people, start = 0, monotonic()
    for number in range(images):
        sleep(max(0.0, start + number / RATE - monotonic()))
        times = [thread_time()]
        frame = source.read()
        assert frame is not None
        times.append(thread_time())
        count = loop.answer(frame, number * 1_000_000_000 // RATE)
        times.append(thread_time())
        if number >= WARM_UP:
            people += count
            spent['source'] += times[1] - times[0]
            spent['work'] += times[2] - times[1]
    measured = images - WARM_UP
    print(json.dumps({'images': measured, 'people_per_image': round(people / measured, 2), **{
        f'{name}_cpu_ms': round(1000 * value / measured, 2) for name, value in spent.items()}}))


if __name__ == '__main__':
    main()
