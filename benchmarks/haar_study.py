#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure the Haar detector's recall and false positives over its settings.

Needs a folder of whole images with every face marked (cmumit) and of images without a face
(nonface): annotations.csv with image,width,height,exhaustive,x1,y1,x2,y2. Every second image
is for choosing settings, the others for reporting. Prints one Markdown table per half and JSON of
all settings. Found and marked boxes are paired one to one, best IoU first, when IoU > 0.3.
  recall      found share of the faces, images as they are
  N px        the same in copies shrunk until their median face is N px wide
  unmatched   boxes per face beside the marked ones, cmumit as it is
  false       boxes per million px of the images without a face, shrunk to 0.3 million px at most
  CPU ms      of one search of 640x480 on one thread, median of ten images
Intervals hold 95 % of 1000 resamplings of images (an image's faces are no independent draws).
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from collections.abc import Sequence
from dataclasses import dataclass
import itertools
import json
from pathlib import Path
import sys
import time
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_vision.faces.detectors.haar import find_cascade  # noqa: E402
from emorec_vision.faces.detectors.haar import load_cascade  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
import numpy as np  # noqa: E402
from scenes import FACE_WIDTHS  # noqa: E402
from scenes import Image  # noqa: E402
from scenes import load_images  # noqa: E402
from scenes import matches  # noqa: E402
from scenes import ratio  # noqa: E402
import tqdm  # noqa: E402

CASCADES = ('default', 'alt', 'alt2')
SCALE_FACTORS = (1.1, 1.15, 1.2)
NEIGHBORS = (1, 2, 3, 4, 5, 6, 8)
MIN_SIZES = (24, 30, 36)
GROUPINGS = tuple(itertools.product(NEIGHBORS, MIN_SIZES))
ORIGINAL = ('default', 1.15, 5, 30)
"""The settings of the original emorec."""
EPSILON = 0.2
"""GROUP_EPS of OpenCV's cascade detector."""
TOLERANCE = 1.05
"""Times that differ by less than this are equal."""


@dataclass(frozen=True)
class Setting:
    """Name a setting and hold, per image, faces, hits and boxes that match no face."""

    name: tuple[str, float, int, int]
    counts: np.ndarray
    cpu_ms: float


def main() -> int:
    """Run the study."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--scenes', type=Path,
                        default=ROOT.parent / 'shared' / 'data' / 'scenes',
                        help='folder of the images (default: %(default)s)')
    parser.add_argument('--scale-factors', type=float, nargs='+', default=SCALE_FACTORS,
                        metavar='X', help='(default: %(default)s)')
    parser.add_argument('--cascades', nargs='+', default=CASCADES, choices=CASCADES,
                        help='(default: %(default)s)')
    parser.add_argument('--counts', type=Path, metavar='FILE.json',
                        help='keep what was counted in this file, and do not count it again')
    arguments = parser.parse_args()
    if not (arguments.scenes / 'annotations.csv').is_file():
        print(f'no annotations.csv in {arguments.scenes}: name the folder of the images with '
              '--scenes', file=sys.stderr)
        return 2
    cv2.setNumThreads(1)
    images = load_images(arguments.scenes)
    pairs = list(itertools.product(arguments.cascades, arguments.scale_factors))
    counts = count_all(images, pairs, arguments.counts)
    times = cpu_times(images, pairs)
    report(images, [
        Setting((*pair, neighbors, size), np.array(rows), times[(*pair, size)])
        for pair in pairs for (neighbors, size), rows in zip(GROUPINGS, counts[str(pair)])])
    return 0


def count_all(images: Sequence[Image], pairs: Sequence[tuple[str, float]],
              kept: Path | None) -> dict[str, Any]:
    """Return, per cascade and scale factor, the counts of every grouping and image."""
    counts = json.loads(kept.read_text()) if kept and kept.is_file() else {}
    missing = [pair for pair in pairs if str(pair) not in counts]
    with tqdm.tqdm(total=len(missing) * len(images), desc='searching', unit='image',
                   leave=False, disable=None) as bar:
        for pair in missing:
            counts[str(pair)] = count(images, *pair, bar)
            if kept:
                unfinished = kept.with_name(f'.{kept.name}.part')
                unfinished.write_text(json.dumps(counts))
                unfinished.replace(kept)
    return counts


def count(images: Sequence[Image], cascade: str, factor: float,
          bar: tqdm.tqdm[Any]) -> list[list[tuple[int, int, int]]]:
    """Return (faces, hits, others) by grouping and image: windows are found only once."""
    classifier = open_cascade(cascade)
    counts: list[list[tuple[int, int, int]]] = [[] for _ in GROUPINGS]
    for image in images:
        windows = np.array(classifier.detectMultiScale(
            image.gray, factor, 0, minSize=(MIN_SIZES[0], MIN_SIZES[0]))).reshape(-1, 4)
        for rows, (neighbors, min_size) in zip(counts, GROUPINGS):
            found = grouped(windows[windows[:, 2] >= min_size], neighbors)
            hits = matches(image.faces, found)
            rows.append((len(image.faces), hits, len(found) - hits))
        bar.update()
    return counts


def open_cascade(name: str) -> cv2.CascadeClassifier:
    """Return one of OpenCV's frontal cascades."""
    return load_cascade(find_cascade().with_name(f'haarcascade_frontalface_{name}.xml'))


def grouped(windows: np.ndarray, neighbors: int) -> list[Box]:
    """Return the boxes that OpenCV's detector makes of its windows, int (N, 4)."""
    boxes, _ = cv2.groupRectangles(windows.tolist(), neighbors, EPSILON)
    return [Box(*(int(value) for value in box)) for box in boxes]


def cpu_times(images: Sequence[Image], pairs: Sequence[tuple[str, float]]
              ) -> dict[tuple[str, float, int], float]:
    """Return the time of a search of 640x480, ms: images' best of three rounds, median."""
    scenes = [cv2.resize(image.gray, (640, 480), interpolation=cv2.INTER_AREA)
              for image in images if image.width == 0 and image.faces
              and min(image.gray.shape) >= 400][:10]
    classifiers = {name: open_cascade(name) for name, _ in pairs}
    settings = [(*pair, size) for pair in pairs for size in MIN_SIZES]
    times = np.empty((3, len(settings), len(scenes)))
    for turn, (index, setting), (place, scene) in itertools.product(
            range(3), enumerate(settings), enumerate(scenes)):
        cascade, factor, size = setting
        start = time.thread_time()
        classifiers[cascade].detectMultiScale(scene, factor, 5, minSize=(size, size))
        times[turn, index, place] = (time.thread_time() - start) * 1e3
    return dict(zip(settings, np.median(times.min(0), axis=1).tolist()))


def report(images: Sequence[Image], settings: Sequence[Setting]) -> None:
    """Print the tables of what the first half recommends, and JSON of everything."""
    keys = [(image.width, image.half, bool(image.faces)) for image in images]
    million_px = np.array([image.gray.size / 1e6 for image in images])
    rows = [[figures(setting, keys, million_px, half) for setting in settings]
            for half in (0, 1)]
    order = shown(rows[0])
    for half, title in enumerate(('Half for choosing', 'Half for reporting')):
        print(f'{title}\n\n' + '\n'.join(table([rows[half][index] for index in order])) + '\n')
    print(json.dumps({'choosing': rows[0], 'reporting': rows[1]}))


def figures(setting: Setting, keys: Sequence[tuple[int, int, bool]], million_px: np.ndarray,
            half: int) -> dict[str, Any]:
    """Return the figures of a setting on one half, each as (value, low, high)."""
    widths, halves, marked = (np.array(column) for column in zip(*keys))
    faces, hits, others = setting.counts.T
    row: dict[str, Any] = dict(zip(('cascade', 'scale_factor', 'min_neighbors', 'min_size'),
                                   setting.name), cpu_ms=round(setting.cpu_ms, 1))
    for width in (0, *FACE_WIDTHS):
        mine = (widths == width) & (halves == half) & marked
        row[f'{width} px' if width else 'recall'] = ratio(hits[mine], faces[mine])
    mine = (widths == 0) & (halves == half)
    row['unmatched'] = ratio(others[mine & marked], faces[mine & marked])
    row['false'] = ratio(others[mine & ~marked], million_px[mine & ~marked])
    return row


def shown(rows: Sequence[dict[str, Any]]) -> list[int]:
    """Return which settings to show: no dearer and no more often wrong than the original's."""
    def name(row: dict[str, Any]) -> tuple[Any, ...]:
        return tuple(row[key] for key in ('cascade', 'scale_factor', 'min_neighbors', 'min_size'))
    original = next((row for row in rows if name(row) == ORIGINAL), rows[0])
    better = [index for index, row in enumerate(rows) if row is not original
              and row['cpu_ms'] <= TOLERANCE * original['cpu_ms']
              and row['false'][0] <= original['false'][0]
              and row['unmatched'][0] <= original['unmatched'][0]]
    better.sort(key=lambda index: -rows[index]['recall'][0])
    cascades = [index for index, row in enumerate(rows) if row is not original
                and name(row)[1:] in (ORIGINAL[1:], (1.1, 3, 30), (1.2, 3, 30))]
    chosen = [rows.index(original), *better[:6], *cascades]
    return list(dict.fromkeys(chosen))


def table(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """Yield the lines of a Markdown table."""
    columns = ('recall', *(f'{width} px' for width in FACE_WIDTHS), 'unmatched', 'false')
    yield '| cascade, scale, neighbours, size | ' + ' | '.join(columns) + ' | CPU ms |'
    yield '|---' * (len(columns) + 2) + '|'
    for row in rows:
        cells = [f'{row["cascade"]} {row["scale_factor"]:g} {row["min_neighbors"]} '
                 f'{row["min_size"]}']
        for column in columns:
            value, low, high = row[column]
            unit = 1 if column == 'false' else 100
            cells.append(f'{unit * value:.1f} ({unit * low:.1f}-{unit * high:.1f})')
        yield f'| {" | ".join(cells)} | {row["cpu_ms"]:g} |'


if __name__ == '__main__':
    sys.exit(main())
