#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure YuNet and Haar on the images of haar_study.py, and YuNet's boxes against Haar's.

Prints a Markdown table of recall and false positives of all images, by score (columns: see there,
and CPU ms of a search per 640x480 px), and JSON of how YuNet's squares lie to Haar's where both
find a face of 40 px or more (in each half of the images and of eight video clips):
  size         median of Haar's side over YuNet's
  across, down median shift from YuNet's middle to Haar's, in sides
  iou          median overlap
and CPU times on one thread, ms, by size of the searched image.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
import itertools
import json
import math
from pathlib import Path
import sys
import time
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.faces.detector import Detection  # noqa: E402
from emorec_vision.faces.detector import Evidence  # noqa: E402
from emorec_vision.faces.detector import FaceDetector  # noqa: E402
from emorec_vision.faces.detectors.haar import HaarDetector  # noqa: E402
from emorec_vision.faces.detectors.yunet import YuNetDetector  # noqa: E402
from emorec_vision.model_files.weights import yunet_weights  # noqa: E402
import numpy as np  # noqa: E402
from scenes import FACE_WIDTHS  # noqa: E402
from scenes import Image  # noqa: E402
from scenes import load_images  # noqa: E402
from scenes import matches  # noqa: E402
from scenes import MOST_PX  # noqa: E402
from scenes import ratio  # noqa: E402
import tqdm  # noqa: E402

SCORES = (0.5, 0.6, 0.7, 0.8, 0.9)
WIDTHS = (20, *FACE_WIDTHS)
MIN_SIZE = 17
LEAST_FITTED = 40
"""Smaller boxes of Haar are rounded too much to be compared, px."""
SIZES = ((640, 480), (320, 240), (64, 64))


def main() -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', nargs='?', default='',
                        help='face_detection_yunet_2023mar.onnx (default: the installed weights)')
    parser.add_argument('--scenes', type=Path,
                        default=ROOT.parent / 'shared' / 'data' / 'scenes',
                        help='folder of the images (default: %(default)s)')
    parser.add_argument('--clips', type=Path, default=ROOT.parent / 'shared' / 'data' / 'video',
                        help='folder of video files (default: %(default)s)')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        detector = YuNetDetector(arguments.model or yunet_weights() or '', MIN_SIZE)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    if not (arguments.scenes / 'annotations.csv').is_file():
        print(f'no annotations.csv in {arguments.scenes}: name the folder of the images with '
              '--scenes', file=sys.stderr)
        return 2
    images = load_images(arguments.scenes, WIDTHS)
    yunet, yunet_ms = search(detector, images, Evidence.EXPECTED)
    haar, haar_ms = search(HaarDetector(), images, Evidence.SURE)
    rows = [(f'YuNet, score {score:g}', [[face for face in faces if face.score >= score]
                                         for faces in yunet], yunet_ms) for score in SCORES]
    print('\n'.join(table(images, [*rows, ('Haar 1.15 5 24', haar, haar_ms)])) + '\n')
    sets = {f'scenes {half}': [image.gray for image in images if image.half == half
                               and image.faces and not image.width] for half in (0, 1)}
    clips = sorted(arguments.clips.glob('*.mkv'))
    sets.update({f'clips {half}': [frame for path in clips[4 * half:4 * half + 4]
                                   for frame in read_clip(path)] for half in (0, 1)})
    print(json.dumps({'boxes': {name: box_fit(detector, grays) for name, grays in sets.items()},
                      'cpu_ms': {f'{width}x{height}': cpu_time(detector, width, height)
                                 for width, height in SIZES}}))
    return 0


def search(detector: FaceDetector, images: Sequence[Image],
           evidence: Evidence) -> tuple[list[list[Detection]], float]:
    """Return the faces of each image, and the CPU time per 640x480 px of the whole ones, ms."""
    found, seconds, pixels = [], 0.0, 0
    for image in tqdm.tqdm(images, leave=False, disable=None):
        start = time.thread_time()
        found.append(detector.detect(image.gray, evidence=evidence))
        if not image.width:
            seconds += time.thread_time() - start
            pixels += image.gray.size
    return found, 1e3 * seconds * MOST_PX / pixels


def table(images: Sequence[Image],
          rows: Sequence[tuple[str, list[list[Detection]], float]]) -> Iterator[str]:
    """Yield the lines of a Markdown table: a label, the faces of each image and CPU ms a row."""
    yield '| detector | found, unmatched, false | recall | ' + ' | '.join(
        f'{width} px' for width in WIDTHS) + ' | unmatched | false | CPU ms |'
    yield '|---' * (len(WIDTHS) + 6) + '|'
    widths = np.array([image.width for image in images])
    marked = np.array([bool(image.faces) for image in images])
    faces = np.array([len(image.faces) for image in images])
    million_px = np.array([image.gray.size / 1e6 for image in images])
    for label, found, cpu_ms in rows:
        boxes = [[face.box for face in row] for row in found]
        hits = np.array([matches(image.faces, row) for image, row in zip(images, boxes)])
        others = np.array([len(row) for row in boxes]) - hits
        whole = widths == 0
        counts = [int(each.sum()) for each in (hits[whole & marked], others[whole & marked],
                                               others[whole & ~marked])]
        cells = [(100, ratio(hits[mine & marked], faces[mine & marked]))
                 for mine in (whole, *(widths == width for width in WIDTHS))]
        cells += [(100, ratio(others[whole & marked], faces[whole & marked])),
                  (1, ratio(others[whole & ~marked], million_px[whole & ~marked]))]
        yield f'| {label} | {counts[0]}, {counts[1]}, {counts[2]} | ' + ' | '.join(
            '{:.1f} ({:.1f}-{:.1f})'.format(*(unit * value for value in values))
            for unit, values in cells) + f' | {cpu_ms:.1f} |'


def box_fit(detector: YuNetDetector, images: Sequence[np.ndarray]) -> dict[str, Any]:
    """Return how YuNet's squares lie to Haar's where both find the face of an image."""
    haar, rows = HaarDetector(), []
    for image in images:
        squares = [face.box for face in detector.detect(image)]
        for box in (face.box for face in haar.detect(image, LEAST_FITTED)):
            other = max(squares, key=box.iou, default=box)
            if other is not box and other.iou(box) > 0.3:
                across, down = np.subtract(box.center, other.center) / other.width
                rows.append((box.width / other.width, across, down, other.iou(box)))
    values = np.median(rows, axis=0).tolist() if rows else [math.nan] * 4
    return {'faces': len(rows), **{name: round(value, 3) for name, value in
                                   zip(('size', 'across', 'down', 'iou'), values)}}


def read_clip(path: Path) -> Iterator[np.ndarray]:
    """Yield every twelfth frame of a video file, gray."""
    video = cv2.VideoCapture(str(path))
    for number in itertools.count():
        there, frame = video.read()
        if not there:
            return
        if number % 12 == 0:
            yield cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY)


def cpu_time(detector: YuNetDetector, width: int, height: int) -> float:
    """Return the median time of a pass over an image of a size, ms."""
    noise = np.random.default_rng(1).integers(0, 255, (height, width), np.uint8)
    times = []
    for _ in range(30):
        start = time.thread_time()
        detector.detect(noise, max_size=min(width, height, 200))
        times.append((time.thread_time() - start) * 1e3)
    return round(float(np.median(times)), 2)


if __name__ == '__main__':
    sys.exit(main())
