# SPDX-License-Identifier: Apache-2.0
"""Ask the depth gate about recorded frames, and time both ways of using depth on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
import time

import cv2
from depth_placements import LARGEST_BOX
from depth_placements import SMALLEST_BOX
from depth_scenes import FOCAL
from depth_scenes import Placement
from emorec_vision.depth.gate import DepthGate
from emorec_vision.faces.detector import FaceDetector
from emorec_vision.faces.finder import FaceFinder
from emorec_vision.geometry import Box
from emorec_vision.geometry import Intrinsics
from emorec_vision.stamps import seconds_to_ns
import numpy as np

KINECT = Intrinsics(FOCAL, FOCAL, 320.0, 240.0)
STRUCTURE = Intrinsics(567.629, 567.629, 320.0, 240.0)
PEOPLE = {'uva_a1_person': Box(130, 40, 340, 440), 'pcl_no_person': Box(0, 0, 0, 0)}
"""Where people are at some time in a recording: no box of `boxes` touches that."""
PHOTO = {'000': (Box(388, 157, 17, 17), Box(386, 157, 37, 37)),
         '002': (Box(147, 78, 20, 20), Box(141, 78, 46, 46))}
"""The face on the printed photo that hangs on the wall, and the whole photo, px; by hand."""


def frames(folder: Path) -> Iterator[tuple[str, np.ndarray, np.ndarray]]:
    """Yield name, gray uint8 and depth uint16 mm of the frames of a recording."""
    for path in sorted(folder.glob('*_depth.png')):
        name = path.name[:3]
        colour = next(folder.glob(f'{name}_rgb.*'))
        yield (name, cv2.imread(str(colour), cv2.IMREAD_GRAYSCALE),
               cv2.imread(str(path), cv2.IMREAD_UNCHANGED))


def boxes(recordings: Path, rng: np.random.Generator, count: int) -> list[Placement]:
    """Return boxes, as wide as a face at their distance, at random where nobody is."""
    images = [(depth, people) for name, people in PEOPLE.items()
              for _, _, depth in [*frames(recordings / name)][::8 if 'a1' in name else 1]]
    found: list[Placement] = []
    while len(found) < count:
        depth, people = images[rng.integers(len(images))]
        column, row = int(rng.integers(40, 600)), int(rng.integers(40, 440))
        distance = float(depth[row, column]) / 1000.0
        if not 0.5 <= distance < 4.0:
            continue
        side = round(rng.uniform(SMALLEST_BOX, LARGEST_BOX) * FOCAL / distance)
        box = Box(column - side // 2, row - side // 2, side, side)
        if box.clip(640, 480) == box and not box.intersection(people):
            found.append(Placement(depth, box, False, 'recorded scene', distance))
    return found


def report(recordings: Path, detector: FaceDetector) -> None:
    """Print what the gate says about all that the detector finds, and how long it takes."""
    gate = DepthGate()
    print(f'\nrecorded frames, whole search, {type(detector).__name__}:')
    for name, intrinsics in (('uva_a1_person', KINECT), ('uva_a3_structure_sensor', STRUCTURE),
                             ('pcl_no_person', KINECT)):
        answers: Counter[str] = Counter()
        distances = []
        for frame, gray, depth in frames(recordings / name):
            for face in detector.detect(gray):
                answer = gate.check(depth, face.box, intrinsics)
                answers[answer.reason or 'kept'] += 1
                if answer.reason:
                    width = face.box.width * answer.distance / intrinsics.fx
                    print(f'  {name} {frame}: {answer.distance:.2f} m, {width:.3f} m wide: '
                          f'{answer.reason}')
                if name == 'uva_a1_person' and (int(frame) <= 8 or int(frame) >= 94):
                    distances.append(answer.distance)
        where = (f', at {min(distances):.3f} to {max(distances):.3f} m in frames 0-8 and 94-99'
                 if distances else '')
        print(f'  {name}: {dict(answers)}{where}')
    for frame, gray, depth in frames(recordings / 'uva_a3_structure_sensor'):
        for box in PHOTO.get(frame, ()):
            answer = gate.check(depth, box, STRUCTURE)
            print(f'  printed photo in frame {frame}, {box.width} px: {answer.verdict.value}, '
                  f'{answer.reason}, {answer.distance:.2f} m')
    times(recordings, detector)


def times(recordings: Path, detector: FaceDetector) -> None:
    """Print the CPU time per frame and the faces of each way on the recorded person."""
    images = [*frames(recordings / 'uva_a1_person')]
    print('\nuva_a1_person, 100 frames, one thread:')
    for stills in (True, False):
        for mode, far in (('off', 4.0), ('gate', 4.0), ('segment', 4.0), ('segment', 1.2)):
            finder = FaceFinder(detector, DepthGate(far=far), stills=stills, depth_mode=mode)
            start, faces = time.process_time(), 0
            for number, (_, gray, depth) in enumerate(images):
                faces += len(finder.process(gray, seconds_to_ns(number / 30), depth, KINECT).faces)
            spent = 1e3 * (time.process_time() - start) / len(images)
            print(f'  {"still images" if stills else "stream"}, {mode}, far {far:g} m: '
                  f'{spent:.1f} ms a frame, {faces} faces')
