#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measure how well depth tells faces from boxes that hold none.

Prints a table: for faces and for boxes of each kind the share that is dropped without depth, by
the gate and by segmentation (a box whose middle lies in no searched region), by distance, with
95 % intervals (Wilson), then the recorded frames, then the times. All of it with the boxes of each
detector (benchmarks/box_spread.py). Faces are recorded heads, cut out by depth, moved to another
distance and seen through a model of the sensor again, and synthetic ones. --tuning takes the
frames and seeds on which the gate's limits were chosen.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
import math
from pathlib import Path
import sys
import time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from depth_placements import FALSE_KINDS  # noqa: E402
from depth_placements import false_placement  # noqa: E402
from depth_placements import RealHead  # noqa: E402
from depth_placements import recorded_heads  # noqa: E402
from depth_placements import true_placement  # noqa: E402
import depth_recordings  # noqa: E402
from depth_scenes import Boxes  # noqa: E402
from depth_scenes import HAAR  # noqa: E402
from depth_scenes import Placement  # noqa: E402
from depth_scenes import YUNET  # noqa: E402
from emorec_vision.depth.gate import DepthGate  # noqa: E402
from emorec_vision.depth.gate import DepthVerdict  # noqa: E402
from emorec_vision.depth.segmentation import near_regions  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.faces.detector import FaceDetector  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.faces.detectors.haar import HaarDetector  # noqa: E402
import numpy as np  # noqa: E402

BANDS = ((0.5, 1.0), (1.0, 2.0), (2.0, 3.0), (3.0, 4.0))
FACE_KINDS = ('recorded head', 'synthetic head', 'long hair', 'profile')
ORIGINAL_FAR = 1.2
"""Where the original's cut, grey level 100 of 255, lies when the farthest reading is raw 2047."""
SEEDS = {'tuning': (1001, 1002, 1003), 'report': (601, 602, 603)}


@dataclass(frozen=True)
class Case:
    """A detector, its boxes, and frames of the recorded person, who turns by 3.6 degrees in each.

    Attributes:
        frames: with faces that count.
        profile: with faces turned further, which count apart.
    """

    detector: FaceDetector
    boxes: Boxes
    frames: tuple[int, ...]
    profile: tuple[int, ...] = ()


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--recordings', type=Path,
                        default=ROOT.parent / 'shared' / 'data' / 'rgbd',
                        help='folder of the recordings (default: %(default)s)')
    parser.add_argument('--count', type=int, default=2100,
                        help='faces of each sort, and boxes on none (default: %(default)s)')
    parser.add_argument('--detector', choices=('haar', 'yunet'), action='append',
                        help='draw the boxes of this one only (default: of both)')
    parser.add_argument('--tuning', action='store_true',
                        help='take the frames and seeds on which the limits were chosen')
    options = parser.parse_args()
    cv2.setNumThreads(1)
    person = options.recordings / 'uva_a1_person'
    if not person.is_dir():
        print(f'no recording {person}: real heads come from it; name a folder with '
              '--recordings. The tests score synthetic heads without it', file=sys.stderr)
        return 2
    try:
        cases = {name: case_of(name) for name in options.detector or ('haar', 'yunet')}
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    seeds = SEEDS['tuning' if options.tuning else 'report']
    print('share dropped (95 % interval); without depth it is 0 everywhere\n'
          '| detector | boxes | n | way | all | '
          + ' | '.join(f'{a:g}-{b:g} m' for a, b in BANDS) + ' |')
    print('|---' * (5 + len(BANDS)) + '|')
    for name, case in cases.items():
        heads, profile = (
            recorded_heads(person, case.detector, each[0 if options.tuning else 1::2])
            for each in (case.frames, case.profile))
        print(f'{name}: {len(heads)} recorded heads, {len(profile)} in profile, seeds {seeds}',
              file=sys.stderr)
        print_table(name, *placements(case.boxes, heads, profile, seeds, options))
    for name, case in cases.items():
        depth_recordings.report(options.recordings, case.detector)
    return 0


def case_of(name: str) -> Case:
    """Return what is asked of a detector.

    Raises:
        InputError: when it cannot be had.
    """
    if name == 'haar':
        return Case(HaarDetector(1.15, 5, 30), HAAR, (*range(14), *range(86, 100)))
    return Case(open_detector(name), YUNET, (*range(17), *range(84, 100)),
                (*range(17, 33), *range(68, 84)))


def placements(boxes: Boxes, heads: list[RealHead], profile: list[RealHead],
               seeds: Sequence[int], options: argparse.Namespace,
               ) -> tuple[list[Placement], list[Placement]]:
    """Return composed placements, and boxes in recorded scenes."""
    rng = [np.random.default_rng(seed) for seed in seeds]
    composed = [true_placement(rng[0], rng[0].uniform(0.5, 4.0), heads, boxes)
                for _ in range(options.count)]
    composed += [true_placement(rng[1], rng[1].uniform(0.5, 4.0), [], boxes)
                 for _ in range(options.count // 2)]
    composed += [false_placement(rng[2], rng[2].uniform(0.5, 4.0),
                                 FALSE_KINDS[number % len(FALSE_KINDS)], boxes)
                 for number in range(options.count)]
    if profile:
        composed += [true_placement(rng[0], rng[0].uniform(0.5, 4.0), profile, boxes, 'profile')
                     for _ in range(options.count // 2)]
    return composed, depth_recordings.boxes(options.recordings, rng[2], 400)


def print_table(detector: str, composed: Sequence[Placement],
                recorded: Sequence[Placement]) -> None:
    """Print what share of the placements each way of using depth drops."""
    ways: dict[str, Callable[[Placement], bool]] = {
        'gate': by_gate, 'segment 4 m': lambda one: by_segmentation(one, 4.0),
        f'segment {ORIGINAL_FAR} m': lambda one: by_segmentation(one, ORIGINAL_FAR)}
    every = [*composed, *recorded]
    dropped = {}
    for name, way in ways.items():
        start = time.process_time()
        dropped[name] = np.array([way(one) for one in every])
        print(f'{name}: {1e3 * (time.process_time() - start) / len(every):.2f} ms CPU per box',
              file=sys.stderr)
    faces = np.array([one.is_face for one in every])
    kinds = np.array([one.kind for one in every])
    was_composed = np.arange(len(every)) < len(composed)
    rows = {'face, all': faces & (kinds != 'profile')}
    rows.update({kind: kinds == kind for kind in FACE_KINDS if kind in kinds})
    rows['no face, all'] = ~faces & was_composed
    rows.update({kind: kinds == kind for kind in (*FALSE_KINDS, 'recorded scene')})
    distances = np.array([one.distance for one in every])
    for title, chosen in rows.items():
        for name in ways if title in ('face, all', 'no face, all') else ('gate',):
            cells = [share(dropped[name][chosen & (distances >= a) & (distances < b)])
                     for a, b in ((0.0, 9.0), *BANDS)]
            print(f'| {detector} | {title} | {chosen.sum()} | {name} | ' + ' | '.join(cells)
                  + ' |', flush=True)


def by_gate(one: Placement) -> bool:
    """Tell whether the gate drops a box."""
    answer = DepthGate().check(one.depth, one.box, one.intrinsics)
    return answer.verdict is DepthVerdict.FALSE


def by_segmentation(one: Placement, far: float) -> bool:
    """Tell whether the middle of a box lies in no region that is searched."""
    column, row = one.box.center
    return not any(box.x <= column < box.right and box.y <= row < box.bottom
                   for box in near_regions(one.depth, 0.3, far, 8))


def share(dropped: np.ndarray) -> str:
    """Return a share in % with its 95 % interval (Wilson 1927, doi:10.2307/2276774)."""
    count = dropped.size
    if not count:
        return '-'
    p, z2 = float(dropped.mean()), 1.96 ** 2
    middle = (p + z2 / (2 * count)) / (1 + z2 / count)
    half = math.sqrt(z2 * (p * (1 - p) / count + z2 / (4 * count ** 2))) / (1 + z2 / count)
    low, high = max(middle - half, 0.0), min(middle + half, 1.0)
    return f'{100 * p:.1f} ({100 * low:.1f}-{100 * high:.1f})'


if __name__ == '__main__':
    sys.exit(main())
