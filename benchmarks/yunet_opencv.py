#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Compare YuNet on ONNX Runtime with OpenCV's FaceDetectorYN: the same file, images and thread.

Prints, for the images of the scenes and a lowest score of 0.3, how many faces each finds, the
largest differences of a box and a landmark (px) and of a score, and the median CPU time by size of
the image, ms.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
import sys
import time
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_vision.faces.detectors.yunet_network import MOST_BOXES  # noqa: E402
from emorec_vision.faces.detectors.yunet_network import OVERLAP  # noqa: E402
from emorec_vision.faces.detectors.yunet_network import YuNetNetwork  # noqa: E402
from emorec_vision.model_files.weights import yunet_weights  # noqa: E402
import numpy as np  # noqa: E402

LEAST_SCORE = 0.3
STRIDE = 32
SIZES = ((640, 480), (320, 256), (160, 128), (64, 64))
RUNS = 50


def main() -> int:
    """Run the comparison."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('model', nargs='?', type=Path, default=yunet_weights(),
                        help='ONNX file of YuNet (default: the installed weights)')
    parser.add_argument('--scenes', type=Path,
                        default=ROOT.parent / 'shared' / 'data' / 'scenes',
                        help='folder of the images (default: %(default)s)')
    arguments = parser.parse_args()
    if arguments.model is None or not hasattr(cv2, 'FaceDetectorYN'):
        print('this needs the weights of YuNet and an OpenCV with FaceDetectorYN', file=sys.stderr)
        return 2
    cv2.setNumThreads(1)
    content = arguments.model.read_bytes()
    ours = YuNetNetwork(content, LEAST_SCORE)
    compare(ours, content, sorted(arguments.scenes.glob('*/*.*g*')))
    for size in SIZES:
        noise = np.random.default_rng(1).integers(0, 255, size[::-1], np.uint8)
        shown = cv2.cvtColor(noise, cv2.COLOR_GRAY2BGR)
        theirs = opencv(content, size)
        print(f'{size[0]}x{size[1]}: ONNX Runtime {cpu_ms(lambda: ours.detect(noise)):.2f} ms, '
              f'OpenCV {cv2.__version__} {cpu_ms(lambda: theirs.detect(shown)):.2f} ms')
    return 0


def compare(ours: YuNetNetwork, content: bytes, paths: list[Path]) -> None:
    """Print how far the answers for some images are apart."""
    counts, worst = np.zeros(2, int), np.zeros(15)
    for path in paths:
        gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        height, width = (side // STRIDE * STRIDE for side in gray.shape)
        gray = gray[:height, :width]
        shown = cv2.cvtColor(gray, cv2.COLOR_GRAY2BGR)
        rows = opencv(content, (width, height)).detect(shown)[1]
        theirs, found = np.empty((0, 15)) if rows is None else rows, ours.detect(gray)
        counts += len(found), len(theirs)
        if len(found) == len(theirs) > 0:
            worst = np.maximum(worst, np.abs(found - theirs).max(axis=0))
    print(f'{len(paths)} images: {counts[0]} faces by ONNX Runtime, {counts[1]} by OpenCV; '
          f'largest difference of boxes {worst[:4].max():.4f} px, of landmarks '
          f'{worst[4:14].max():.4f} px, of scores {worst[14]:.6f}')


def opencv(content: bytes, size: tuple[int, ...]) -> Any:
    """Return OpenCV's detector for images of a size, (width, height) px."""
    return cv2.FaceDetectorYN.create('onnx', np.frombuffer(content, np.uint8),
                                     np.empty(0, np.uint8), size, LEAST_SCORE, OVERLAP, MOST_BOXES)


def cpu_ms(run: Callable[[], object]) -> float:
    """Return the median CPU time of a call, ms."""
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        run()
        times.append(1e3 * (time.process_time() - start))
    return float(np.median(times))


if __name__ == '__main__':
    sys.exit(main())
