# SPDX-License-Identifier: Apache-2.0
"""A plain head in depth, for tests that need one that the gate believes."""
from emorec_vision.geometry import Box
import numpy as np


def with_head(depth: np.ndarray, box: Box, millimetres: float) -> np.ndarray:
    """Return a depth image in mm with a head under a box, its middle at a distance."""
    rows, columns = np.mgrid[:depth.shape[0], :depth.shape[1]]
    across = (columns + 0.5 - box.center[0]) / (box.width / 2)
    down = (rows + 0.5 - box.center[1]) / (box.height / 2)
    inside = (across / 0.9) ** 2 + (down / 1.3) ** 2 < 1
    return np.where(inside, millimetres + 55 * across ** 2 + 10 * down ** 2,
                    depth).astype(depth.dtype)
