#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure how wide a detector's box is on a face, and the distances estimated from it.

Prints the width of the box over the distance between the eyes, which OpenCV's eye cascade finds
(per person the median, and of these the median and the standard deviation), and the width in
metres that this means for pupils 63 mm apart (Dodgson 2004). Then the relative error of the
estimated distance where depth measures it too, on recorded faces.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from itertools import combinations
import math
from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from depth_recordings import frames  # noqa: E402
from depth_recordings import KINECT  # noqa: E402
from depth_recordings import STRUCTURE  # noqa: E402
from emorec_vision.camera.face_position import BOX_WIDTH  # noqa: E402
from emorec_vision.camera.face_position import estimated_position  # noqa: E402
from emorec_vision.depth.gate import DepthGate  # noqa: E402
from emorec_vision.depth.gate import DepthVerdict  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.faces.detector import FaceDetector  # noqa: E402
from emorec_vision.faces.detectors.factory import DETECTORS  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
import numpy as np  # noqa: E402

PUPILS = 0.0634
"""Mean distance between the pupils of adults, m (Dodgson 2004, doi:10.1117/12.529999)."""
MARGIN = 60
"""Repeated edge around portraits, so that the detector's box fits in, px."""
RECORDINGS = {'uva_a1_person': KINECT, 'uva_a3_structure_sensor': STRUCTURE}
FRONTAL = {'uva_a1_person': (*range(9), *range(94, 100)), 'uva_a3_structure_sensor': (0,)}
"""Frames in which they look at the camera; in the others they are turned to the side."""


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--data', type=Path, default=ROOT.parent / 'shared' / 'data',
                        help='folder with yale, identity/orl and rgbd (default: %(default)s)')
    parser.add_argument('--detector', choices=DETECTORS, default='auto',
                        help='which detector (default: %(default)s)')
    parser.add_argument('--detector-model', default='', help='ONNX file of YuNet')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    if not (options.data / 'rgbd').is_dir():
        print(f'no recordings {options.data / "rgbd"}: name the folder with --data',
              file=sys.stderr)
        return 2
    try:
        detector = open_detector(options.detector, options.detector_model, tell=print)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    people: list[float] = []
    for name, pattern, scale in (('yale', 'yale/*.png', 1), ('orl', 'identity/orl/*/*.pgm', 2)):
        ratios = ratios_by_person(detector, sorted(options.data.glob(pattern)), scale)
        say(name, [float(np.median(each)) for each in ratios.values()],
            sum(map(len, ratios.values())))
        people += [float(np.median(each)) for each in ratios.values()]
    say('both', people, 0)
    report_errors(detector, options.data / 'rgbd')
    return 0


def ratios_by_person(
    detector: FaceDetector, paths: list[Path], scale: int
) -> dict[str, list[float]]:
    """Return width of the box over distance of the eyes, per person, of enlarged portraits."""
    ratios = defaultdict(list)
    eyes = cv2.CascadeClassifier(cv2.data.haarcascades + 'haarcascade_eye.xml')
    for path in paths:
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        gray = cv2.resize(gray, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC)
        gray = cv2.copyMakeBorder(gray, *[MARGIN] * 4, cv2.BORDER_REPLICATE)
        for face in detector.detect(gray)[:1]:
            apart = eye_distance(eyes, gray, face.box.clip(gray.shape[1], gray.shape[0]))
            if apart is not None:
                who = path.name[:9] if path.name.startswith('subject') else path.parent.name
                ratios[who].append(face.box.width / apart)
    return ratios


def eye_distance(eyes: cv2.CascadeClassifier, gray: np.ndarray, box: Box) -> float | None:
    """Return how far apart the eyes in a face are, px, None where two are not found."""
    upper = gray[box.y:box.y + round(0.6 * box.height), box.x:box.right]
    found = eyes.detectMultiScale(upper, 1.05, 4, minSize=(box.width // 7,) * 2)
    middles = [(x + width / 2, y + height / 2) for x, y, width, height in found]
    for (x1, y1), (x2, y2) in combinations(middles, 2):
        if (0.3 < abs(x1 - x2) / box.width < 0.6 and abs(y1 - y2) < 0.08 * box.width
                and min(x1, x2) < box.width / 2 < max(x1, x2)):
            return math.dist((x1, y1), (x2, y2))
    return None


def say(name: str, ratios: list[float], images: int) -> None:
    """Print the ratios of the people of one set."""
    median = float(np.median(ratios))
    print(f'{name}: {len(ratios)} people{f", {images} images" if images else ""}: box / eyes '
          f'{median:.3f}, sd {np.std(ratios):.3f}; box {median * PUPILS:.4f} m '
          f'(used: {BOX_WIDTH:.4f} m)')


def report_errors(detector: FaceDetector, recordings: Path) -> None:
    """Print the relative errors of the estimates on recorded faces."""
    rows = list(errors(detector, recordings))
    frontal = [error for name, frame, error in rows if frame in FRONTAL[name]]
    for title, values in (('frontal', frontal), ('all, also turned', [row[2] for row in rows])):
        print(f'recorded faces, {title}: n {len(values)}, median error '
              f'{100 * np.median(values):+.1f} %, median of its size '
              f'{100 * np.median(np.abs(values)):.1f} %, largest '
              f'{100 * np.max(np.abs(values)):.1f} %')


def errors(detector: FaceDetector, recordings: Path) -> Iterator[tuple[str, int, float]]:
    """Yield recording, frame and relative error of each face that depth calls real."""
    gate = DepthGate()
    for name, intrinsics in RECORDINGS.items():
        for frame, gray, depth in frames(recordings / name):
            for face in detector.detect(gray):
                answer = gate.check(depth, face.box, intrinsics)
                if answer.verdict is DepthVerdict.REAL:
                    estimate = estimated_position(face.box, intrinsics)[2]
                    yield name, int(frame), estimate / answer.distance - 1.0


if __name__ == '__main__':
    sys.exit(main())
