#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A camera_driver whose source is a crowd: N moving copies of one face, 640x480 with depth."""

import os
import sys

import cv2
from emorec_ros import camera_driver
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources.demo.portrait import load_portrait
import numpy as np

WIDTH, HEIGHT = 640, 480
COLUMNS = 5
FACE_AREA = (slice(0, 280), slice(90, 370))
FACE_CENTER = (135 / 280, 114 / 280)
"""Of her face in that part of the photograph, as shares of its side."""
INTRINSICS = Intrinsics(525.0, 525.0, 319.5, 239.5)
NEAR, WALL = 1500, 2500
HEAD_RADII = (30, 42)
"""Half the width and height of a head, px: 0.086 m and 0.12 m at NEAR mm."""
HEAD_DEPTH = 90
"""From its front to its outline, mm."""


class CrowdSource(Source):
    """Deliver images of `faces` heads in rows, each swaying by some pixels, 1.5 m away."""

    kind = 'crowd'
    live = True
    frame_rate = 30.0

    def __init__(self, faces: int) -> None:
        """Prepare the heads."""
        super().__init__()
        self._side = WIDTH // COLUMNS - 12
        self._head = cv2.resize(
            load_portrait()[FACE_AREA], (self._side, self._side),
            interpolation=cv2.INTER_AREA)
        self._faces = faces
        self._number = 0
        y, x = np.mgrid[:self._side, :self._side]
        r2 = sum(((axis - self._side * middle) / radius) ** 2
                 for axis, middle, radius in zip((x, y), FACE_CENTER, HEAD_RADII))
        front = NEAR + HEAD_DEPTH * (1 - np.sqrt(np.clip(1 - r2, 0, 1)))
        self._head_depth = np.where(r2 < 1, front, WALL).astype(np.uint16)

    def read(self) -> Frame:
        """Return the next image."""
        self._number += 1
        rgb = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
        depth = np.full((HEIGHT, WIDTH), WALL, np.uint16)
        for face in range(self._faces):
            row, column = divmod(face, COLUMNS)
            sway = round(6 * np.sin(self._number / 15 + face))
            x = column * (self._side + 12) + 6 + sway
            y = row * (self._side + 40) + 10
            rgb[y:y + self._side, x:x + self._side] = self._head
            depth[y:y + self._side, x:x + self._side] = self._head_depth
        return Frame(rgb, None, depth, INTRINSICS)


if __name__ == '__main__':
    setattr(camera_driver, 'open_source', lambda _: CrowdSource(int(os.environ['CROWD'])))
    sys.exit(camera_driver.main())
