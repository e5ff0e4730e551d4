#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure YuNet as the Haar detector is measured by haar_study.py, and its boxes against Haar's.

Needs the model's ONNX file and the pictures of haar_study.py. Prints Markdown tables of recall
and false positives by score (columns: see there) and JSON of how YuNet's squares lie to Haar's
where both find a face of 40 px or more (in each half of the pictures and of eight video clips):
  size         median of Haar's side over YuNet's
  across, down median shift from YuNet's middle to Haar's, in sides
  iou          median overlap
and CPU times on one thread, ms, by size of the searched picture.
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
from emorec_vision.faces.haar import Detection  # noqa: E402
from emorec_vision.faces.haar import Evidence  # noqa: E402
from emorec_vision.faces.haar import HaarDetector  # noqa: E402
from emorec_vision.faces.yunet import YuNetDetector  # noqa: E402
import numpy as np  # noqa: E402
from scenes import FACE_WIDTHS  # noqa: E402
from scenes import load_pictures  # noqa: E402
from scenes import matches  # noqa: E402
from scenes import Picture  # noqa: E402
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
                        help='folder of the pictures (default: %(default)s)')
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
        print(f'no annotations.csv in {arguments.scenes}: name the folder of the pictures with '
              '--scenes', file=sys.stderr)
        return 2
    pictures = load_pictures(arguments.scenes)
    found = [detector.detect(picture.gray, evidence=Evidence.ANY)
             for picture in tqdm.tqdm(pictures, desc='YuNet', leave=False, disable=None)]
    for half, title in enumerate(('Half for choosing', 'Half for reporting')):
        mine = [index for index, picture in enumerate(pictures) if picture.half == half]
        print(f'{title}\n\n' + '\n'.join(table([pictures[index] for index in mine],
                                               [found[index] for index in mine])) + '\n')
    sets = {f'scenes {half}': [picture.gray for picture in pictures if picture.half == half
                               and picture.faces and not picture.width] for half in (0, 1)}
    clips = sorted(arguments.clips.glob('*.mkv'))
    sets.update({f'clips {half}': [frame for path in clips[4 * half:4 * half + 4]
                                   for frame in read_clip(path)] for half in (0, 1)})
    print(json.dumps({'boxes': {name: box_fit(detector, grays) for name, grays in sets.items()},
                      'cpu_ms': {f'{width}x{height}': cpu_time(detector, width, height)
                                 for width, height in SIZES}}))
    return 0


def table(pictures: Sequence[Picture], found: Sequence[list[Detection]]) -> Iterator[str]:
    """Yield the lines of a Markdown table, one per score."""
    yield '| score | recall | ' + ' | '.join(f'{width} px' for width in FACE_WIDTHS) + \
        ' | unmatched | false |'
    yield '|---' * (len(FACE_WIDTHS) + 4) + '|'
    widths = np.array([picture.width for picture in pictures])
    marked = np.array([bool(picture.faces) for picture in pictures])
    faces = np.array([len(picture.faces) for picture in pictures])
    million_px = np.array([picture.gray.size / 1e6 for picture in pictures])
    for score in SCORES:
        boxes = [[face.box for face in row if face.score >= score] for row in found]
        hits = np.array([matches(picture.faces, row) for picture, row in zip(pictures, boxes)])
        others = np.array([len(row) for row in boxes]) - hits
        whole = widths == 0
        cells = [(100, ratio(hits[mine & marked], faces[mine & marked]))
                 for mine in (whole, *(widths == width for width in FACE_WIDTHS))]
        cells += [(100, ratio(others[whole & marked], faces[whole & marked])),
                  (1, ratio(others[whole & ~marked], million_px[whole & ~marked]))]
        yield f'| {score:g} | ' + ' | '.join(
            '{:.1f} ({:.1f}-{:.1f})'.format(*(unit * value for value in values))
            for unit, values in cells) + ' |'


def box_fit(detector: YuNetDetector, pictures: Sequence[np.ndarray]) -> dict[str, Any]:
    """Return how YuNet's squares lie to Haar's where both find the face of a picture."""
    haar, rows = HaarDetector(), []
    for picture in pictures:
        squares = [face.box for face in detector.detect(picture)]
        for box in (face.box for face in haar.detect(picture, LEAST_FITTED)):
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
    """Return the median time of a pass over a picture of a size, ms."""
    noise = np.random.default_rng(1).integers(0, 255, (height, width), np.uint8)
    times = []
    for _ in range(30):
        start = time.thread_time()
        detector.detect(noise, max_size=min(width, height, 200))
        times.append((time.thread_time() - start) * 1e3)
    return round(float(np.median(times)), 2)


if __name__ == '__main__':
    sys.exit(main())
