#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure YuNet as the Haar detector is measured by haar_study.py, and its boxes against Haar's.

Needs the model's ONNX file and the images of haar_study.py. Prints Markdown tables of recall
and false positives by score (columns: see there) and JSON of how YuNet's squares lie to Haar's
where both find a face of 40 px or more (in each half of the images and of eight video clips):
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
from emorec_vision.faces.haar import HaarDetector  # noqa: E402
from emorec_vision.faces.yunet import YuNetDetector  # noqa: E402
import numpy as np  # noqa: E402
from scenes import FACE_WIDTHS  # noqa: E402
from scenes import Image  # noqa: E402
from scenes import load_images  # noqa: E402
from scenes import matches  # noqa: E402
from scenes import ratio  # noqa: E402
import tqdm  # noqa: E402

SCORES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
MIN_SIZE = 24
LEAST_FITTED = 40
"""Smaller boxes of Haar are rounded too much to be compared, px."""
SIZES = ((640, 480), (320, 240), (64, 64))


def main() -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', type=Path, help='face_detection_yunet_2023mar.onnx')
    parser.add_argument('--scenes', type=Path,
                        default=ROOT.parent / 'shared' / 'data' / 'scenes',
                        help='folder of the images (default: %(default)s)')
    parser.add_argument('--clips', type=Path, default=ROOT.parent / 'shared' / 'data' / 'video',
                        help='folder of video files (default: %(default)s)')
    arguments = parser.parse_args()
    cv2.setNumThreads(1)
    try:
        detector = YuNetDetector(arguments.model, MIN_SIZE)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    if not (arguments.scenes / 'annotations.csv').is_file():
        print(f'no annotations.csv in {arguments.scenes}: name the folder of the images with '
              '--scenes', file=sys.stderr)
        return 2
    images = load_images(arguments.scenes)
    found = [detector.detect(image.gray, evidence=Evidence.ANY)
             for image in tqdm.tqdm(images, desc='YuNet', leave=False, disable=None)]
    for half, title in enumerate(('Half for choosing', 'Half for reporting')):
        mine = [index for index, image in enumerate(images) if image.half == half]
        print(f'{title}\n\n' + '\n'.join(table([images[index] for index in mine],
                                               [found[index] for index in mine])) + '\n')
    sets = {f'scenes {half}': [image.gray for image in images if image.half == half
                               and image.faces and not image.width] for half in (0, 1)}
    clips = sorted(arguments.clips.glob('*.mkv'))
    sets.update({f'clips {half}': [frame for path in clips[4 * half:4 * half + 4]
                                   for frame in read_clip(path)] for half in (0, 1)})
    print(json.dumps({'boxes': {name: box_fit(detector, grays) for name, grays in sets.items()},
                      'cpu_ms': {f'{width}x{height}': cpu_time(detector, width, height)
                                 for width, height in SIZES}}))
    return 0


def table(images: Sequence[Image], found: Sequence[list[Detection]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, one per score."""
    yield '| score | recall | ' + ' | '.join(f'{width} px' for width in FACE_WIDTHS) + \
        ' | unmatched | false |'
    yield '|---' * (len(FACE_WIDTHS) + 4) + '|'
    widths = np.array([image.width for image in images])
    marked = np.array([bool(image.faces) for image in images])
    faces = np.array([len(image.faces) for image in images])
    million_px = np.array([image.gray.size / 1e6 for image in images])
    for score in SCORES:
        boxes = [[face.box for face in row if face.score >= score] for row in found]
        hits = np.array([matches(image.faces, row) for image, row in zip(images, boxes)])
        others = np.array([len(row) for row in boxes]) - hits
        whole = widths == 0
        cells = [(100, ratio(hits[mine & marked], faces[mine & marked]))
                 for mine in (whole, *(widths == width for width in FACE_WIDTHS))]
        cells += [(100, ratio(others[whole & marked], faces[whole & marked])),
                  (1, ratio(others[whole & ~marked], million_px[whole & ~marked]))]
        yield f'| {score:g} | ' + ' | '.join(
            '{:.1f} ({:.1f}-{:.1f})'.format(*(unit * value for value in values))
            for unit, values in cells) + ' |'


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
