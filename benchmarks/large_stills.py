#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Count the faces that are found in large still images, and time the search.

Prints a Markdown table: for each detector the faces found in images of 12 to 24 megapixels that
show the portrait of the demo, with noise; the faces found in 35 images without one, enlarged to 3
megapixels; and the CPU time of a search of the latter on one thread. Each as emorec searches, and
at full size from the detector's own smallest size on.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import partial
from pathlib import Path
import sys
import time

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from emorec_vision.errors import InputError  # noqa: E402
from emorec_vision.faces.detector import Detection  # noqa: E402
from emorec_vision.faces.detector import FaceDetector  # noqa: E402
from emorec_vision.faces.detector import merged  # noqa: E402
from emorec_vision.faces.detectors.factory import open_detector  # noqa: E402
from emorec_vision.faces.search.still_search import MAX_PIXELS  # noqa: E402
from emorec_vision.faces.search.still_search import search_still  # noqa: E402
import numpy as np  # noqa: E402

MEGAPIXELS = (12, 14, 16, 18, 20, 22, 24)
PORTRAIT_SHARE = 0.8
"""Of the height of an image."""
NOISE = 12.0
WITHOUT = 35


def main() -> int:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--nonface', type=Path,
                        default=ROOT.parent / 'shared' / 'data' / 'scenes' / 'nonface',
                        help='folder of images without a face (default: %(default)s)')
    paths = sorted(parser.parse_args().nonface.glob('*'))[:WITHOUT]
    cv2.setNumThreads(1)
    try:
        detectors = {name: open_detector(name.lower()) for name in ('YuNet', 'Haar')}
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    print('| | faces in each | false | CPU ms, mean |\n|---|---|---|---|')
    for name, detector in detectors.items():
        print_row(name, partial(search_still, detector), paths)
        print_row(f'{name} at full size', partial(search_fully, detector), paths)
    return 0


def search_fully(detector: FaceDetector, gray: np.ndarray) -> list[Detection]:
    """Return the faces of an image of any size, as it is."""
    return merged(detector.detect(gray))


def print_row(name: str, search: Callable[[np.ndarray], list[Detection]],
              paths: list[Path]) -> None:
    """Print what a search finds."""
    faces = [len(search(portrait(1e6 * size))) for size in MEGAPIXELS]
    false, start = 0, time.process_time()
    for path in paths:
        false += len(search(enlarged(path)))
    spent = 1e3 * (time.process_time() - start) / max(len(paths), 1)
    print(f'| {name} | {" ".join(map(str, faces))} | {false} | {spent:.0f} |', flush=True)


def portrait(pixels: float) -> np.ndarray:
    """Return the portrait of the demo before gray, with noise, 4:3."""
    height = round((pixels * 3 / 4) ** 0.5)
    rng = np.random.default_rng(round(pixels))
    image = rng.normal(110.0, NOISE, (height, round(height * 4 / 3)))
    face = cv2.imread(str(ROOT / 'emorec_vision' / 'sources' / 'demo' / 'portrait.jpg'),
                      cv2.IMREAD_GRAYSCALE)
    side = round(PORTRAIT_SHARE * height)
    image[height - side:, :side] += cv2.resize(face, (side, side)).astype(float) - 110.0
    return image.clip(0, 255).astype(np.uint8)


def enlarged(path: Path) -> np.ndarray:
    """Return an image twice as large as is searched."""
    gray = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
    scale = (2 * MAX_PIXELS / gray.size) ** 0.5
    size = [int(side * scale) for side in gray.shape[::-1]]
    return np.asarray(cv2.resize(gray, size, interpolation=cv2.INTER_CUBIC))


if __name__ == '__main__':
    sys.exit(main())
