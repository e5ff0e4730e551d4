#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Draw the images of docs/depth.md: the demo scene, and relief against distance."""

from __future__ import annotations

from pathlib import Path
import sys

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import cv2  # noqa: E402
from depth_placements import false_placement  # noqa: E402
from depth_placements import true_placement  # noqa: E402
from depth_scenes import YUNET  # noqa: E402
from emorec_vision.depth.gate import DepthGate  # noqa: E402
from emorec_vision.faces.detectors.haar import HaarDetector  # noqa: E402
from emorec_vision.faces.finder import FaceFinder  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402
from emorec_vision.sources.demo.room import INTRINSICS  # noqa: E402
from emorec_vision.sources.demo.source import DemoScene  # noqa: E402
import numpy as np  # noqa: E402

GREEN, RED, GRAY = (60, 190, 80), (240, 90, 80), (120, 120, 120)
WIDTH, HEIGHT, MARGIN = 640, 360, 44
LEAST, MOST = -0.06, 0.12


def main() -> int:
    """Write docs/images/depth_scene.png and docs/images/depth_relief.png."""
    folder = ROOT / 'docs' / 'images'
    for name, image in (('scene', scene()), ('relief', relief())):
        cv2.imwrite(str(folder / f'depth_{name}.png'), cv2.cvtColor(image, cv2.COLOR_RGB2BGR),
                    [cv2.IMWRITE_PNG_COMPRESSION, 9])
    return 0


def scene() -> np.ndarray:
    """Return a frame of the demo and its depth; the gate reaches to the poster's wall."""
    frame = DemoScene().frame(90)
    finder = FaceFinder(HaarDetector(), DepthGate(far=6.0), stills=True)
    gray = cv2.cvtColor(frame.rgb, cv2.COLOR_RGB2GRAY)
    found = finder.process(gray, 0, frame.depth, INTRINSICS)
    assert frame.depth is not None
    depth = cv2.applyColorMap(np.clip(frame.depth / 5.5e3 * 255, 0, 255).astype(np.uint8),
                              cv2.COLORMAP_BONE)
    images = [frame.rgb.copy(), depth]
    for image in images:
        for face in found.faces:
            mark(image, face.box, f'real {face.distance:.2f} m', GREEN)
        for rejected in found.rejected:
            mark(image, rejected.box, f'{rejected.reason} {rejected.distance:.2f} m', RED)
    return cv2.resize(np.hstack(images), (960, 360), interpolation=cv2.INTER_AREA)


def mark(image: np.ndarray, box: Box, text: str, colour: tuple[int, int, int]) -> None:
    """Draw a box, and its text on a dark ground above it."""
    cv2.rectangle(image, (box.x, box.y), (box.right, box.bottom), colour, 2)
    (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.6, 1)
    left = min(box.x, image.shape[1] - width - 8)
    cv2.rectangle(image, (left, box.y - height - 12), (left + width + 8, box.y - 2), (32, 32, 32),
                  -1)
    cv2.putText(image, text, (left + 4, box.y - 8), cv2.FONT_HERSHEY_SIMPLEX, 0.6, colour, 1,
                cv2.LINE_AA)


def relief() -> np.ndarray:
    """Return measured relief of synthetic heads and flat prints, and the least a face needs."""
    image = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    rng, gate = np.random.default_rng(9), DepthGate()
    for number in range(160):
        distance = rng.uniform(0.5, 4.0)
        one = (true_placement(rng, distance, [], YUNET) if number % 2
               else false_placement(rng, distance, 'flat print', YUNET))
        shape = gate.check(one.depth, one.box, one.intrinsics).shape
        if shape is not None:
            cv2.circle(image, place(distance, shape.relief), 3, GREEN if one.is_face else RED,
                       -1, cv2.LINE_AA)
    curve = [place(z, gate.least_relief(z)) for z in np.linspace(0.5, 4.0, 60)]
    cv2.polylines(image, [np.array(curve)], False, (0, 0, 0), 2, cv2.LINE_AA)
    for z in (1, 2, 3, 4):
        write(image, f'{z} m', (place(z, 0)[0] - 12, HEIGHT - 14))
    for value in (-0.05, 0.0, 0.05, 0.1):
        row = place(0.5, value)[1]
        cv2.line(image, (MARGIN, row), (WIDTH - 8, row), (225, 225, 225), 1)
        write(image, f'{100 * value:.0f} cm', (2, row + 4))
    write(image, 'relief against distance: heads green, flat prints red, '
          'the least of a free head black', (MARGIN, 16))
    return image


def place(distance: float, value: float) -> tuple[int, int]:
    """Return the pixel of a distance and a relief in m."""
    x = MARGIN + (distance - 0.5) / 3.5 * (WIDTH - MARGIN - 24)
    y = HEIGHT - 32 - (min(max(value, LEAST), MOST) - LEAST) / (MOST - LEAST) * (HEIGHT - 60)
    return round(x), round(y)


def write(image: np.ndarray, text: str, where: tuple[int, int]) -> None:
    """Write a line of text."""
    cv2.putText(image, text, where, cv2.FONT_HERSHEY_SIMPLEX, 0.4, GRAY, 1, cv2.LINE_AA)


if __name__ == '__main__':
    sys.exit(main())
