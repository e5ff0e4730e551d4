#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure how the boxes of both detectors scatter on faces: the jitter of depth_gate.py.

Prints, per detector, the standard deviation (from the median absolute deviation) of a box's
middle, across and down, and of its side, all in box sides:

- marked: from face to face, against eyes and mouth that people marked in the CMU-MIT images;
- clip: from frame to frame, against the mean of the frames before and after;
- head: in recorded frames, across, against the middle of the head's outline in depth. Also the
  width of the box at the distance of the face, in m, 5th to 95th percentile.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
import itertools
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from depth_recordings import frames  # noqa: E402
from depth_recordings import KINECT  # noqa: E402
from depth_recordings import STRUCTURE  # noqa: E402
from emorec_vision.depth.gate import DepthGate  # noqa: E402
from emorec_vision.depth.gate import DepthVerdict  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.faces.detector import FaceDetector  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
import numpy as np  # noqa: E402

SMALLEST = 40
"""Marks on smaller faces are too coarse, px."""
RECORDINGS = {'uva_a1_person': KINECT, 'uva_a3_structure_sensor': STRUCTURE}


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, default=ROOT.parent / 'shared' / 'data',
                        help='folder with scenes, video and rgbd (default: %(default)s)')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        detectors = [open_detector(name) for name in ('haar', 'yunet')]
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    for title, errors, folder in (('marked', marked_errors, 'scenes'),
                                  ('clip', clip_errors, 'video')):
        found = [errors(each, options.data / folder) for each in detectors]
        both = sorted(found[0].keys() & found[1].keys())
        for detector, rows in zip(detectors, found, strict=True):
            spread(title, detector, np.array([rows[key] for key in both]))
    for detector in detectors:
        head_errors(detector, options.data / 'rgbd')
    return 0


def spread(title: str, detector: FaceDetector, rows: np.ndarray) -> None:
    """Print the spread of errors (N, 3): across, down, side."""
    across, down, side = 1.483 * np.median(np.abs(rows - np.median(rows, axis=0)), axis=0)
    print(f'{title}: {type(detector).__name__}, {len(rows)} faces: across {across:.3f}, down '
          f'{down:.3f}, side {side:.3f}', flush=True)


def marked_errors(detector: FaceDetector, folder: Path) -> dict[tuple, tuple[float, ...]]:
    """Return the place and the log of the size of boxes against marked faces, by face."""
    faces: dict[str, list[np.ndarray]] = defaultdict(list)
    for line in (folder / 'cmumit_landmarks.txt').read_text(encoding='utf-8').splitlines():
        name, *numbers = line.split()
        faces[name].append(np.array(numbers, float).reshape(6, 2))
    found = {}
    for path in sorted((folder / 'cmumit').iterdir()):
        for face in detector.detect(cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)):
            for number, points in enumerate(faces[path.name]):
                row = against(face.box, points)
                if row is not None:
                    found[path.name, number] = row
    return found


def against(box: Box, points: np.ndarray) -> tuple[float, ...] | None:
    """Return where a box is against two eyes, nose and mouth, None if it is on another face."""
    eyes, mouth = points[:2].mean(axis=0), points[3:].mean(axis=0)
    size = float(np.hypot(*(points[1] - points[0])) + np.hypot(*(mouth - eyes)))
    across, down = (np.array(box.center) - (eyes + mouth) / 2) / box.width
    if max(abs(across), abs(down)) > 0.35 or box.width < SMALLEST:
        return None
    return float(across), float(down), float(np.log(box.width / size))


def clip_errors(detector: FaceDetector, folder: Path) -> dict[tuple, tuple[float, ...]]:
    """Return how far a box is from the mean of its neighbours, every twelfth frame."""
    found = {}
    for path in sorted(folder.glob('*.mkv')):
        boxes: dict[int, np.ndarray] = {}
        video = cv2.VideoCapture(str(path))
        for number in itertools.count():
            there, frame = video.read()
            if not there:
                break
            faces = (detector.detect(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY))
                     if number % 12 < 3 else [])
            if faces:
                boxes[number] = np.array([*faces[0].box.center, faces[0].box.width])
            if number % 12 == 2 and {number - 2, number - 1, number} <= boxes.keys():
                before, here, after = (boxes[number - back] for back in (2, 1, 0))
                error = (here - (before + after) / 2) / here[2] / np.sqrt(1.5)
                found[path.name, number] = tuple(error.tolist())
    return found


def head_errors(detector: FaceDetector, recordings: Path) -> None:
    """Print the widths of boxes on recorded faces, and how far from the head they are."""
    rows = np.array([*recorded(detector, recordings)])
    print(f'head: {type(detector).__name__}, {len(rows)} faces, all real to depth: across '
          f'{np.sqrt(np.mean(rows[:, 0] ** 2)):.3f}; '
          f'{np.percentile(rows[:, 1], 5):.3f} to {np.percentile(rows[:, 1], 95):.3f} m wide')


def recorded(detector: FaceDetector, recordings: Path) -> Iterator[tuple[float, float]]:
    """Yield place across, in sides, and width in m of each box that depth calls real."""
    gate = DepthGate()
    for name, intrinsics in RECORDINGS.items():
        for _, gray, depth in frames(recordings / name):
            for face in detector.detect(gray):
                answer, box = gate.check(depth, face.box, intrinsics), face.box
                if answer.verdict is DepthVerdict.REAL:
                    row = depth[round(box.y + box.height * 0.3):round(box.y + box.height * 0.6)]
                    near = np.abs(row / 1000.0 - answer.distance - 0.05) < 0.15
                    columns = np.flatnonzero(near.mean(axis=0) > 0.5)
                    columns = columns[np.abs(columns - box.center[0]) < box.width]
                    middle = (columns.min() + columns.max() + 1) / 2
                    yield ((box.center[0] - middle) / box.width,
                           box.width * answer.distance / intrinsics.fx)


if __name__ == '__main__':
    sys.exit(main())
