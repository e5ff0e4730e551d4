# SPDX-License-Identifier: Apache-2.0
"""Show depth as colours, alone and beside the colour image."""

import cv2
import numpy as np

NEAREST, FARTHEST = 400.0, 5000.0
"""Distances at the ends of the colour scale, mm."""
WIDEST = 640
"""Pixels across of a depth image that is shown."""


def depth_as_colours(depth: np.ndarray) -> np.ndarray:
    """Return depth as colours, near is red, far is blue, unknown is black.

    Args:
        depth: uint16 in mm or float32 in m, (H, W).

    Returns:
        uint8 (h, w, 3) in BGR order, no wider than WIDEST.
    """
    step = -(-depth.shape[1] // WIDEST)
    depth = depth[::step, ::step]
    millimetres = depth.astype(np.float32) if depth.dtype == np.uint16 else 1000 * depth
    with np.errstate(invalid='ignore'):
        is_known = np.isfinite(millimetres) & (millimetres > 0)
    near = np.where(is_known, (FARTHEST - millimetres) / (FARTHEST - NEAREST), 0.0)
    colours = cv2.applyColorMap((255 * np.clip(near, 0.0, 1.0)).astype(np.uint8),
                                cv2.COLORMAP_TURBO)
    colours[~is_known] = 0
    return colours


def beside(rgb: np.ndarray, colours: np.ndarray) -> np.ndarray:
    """Return an image with depth on its right, in the same height.

    Args:
        rgb: uint8 (H, W, 3).
        colours: uint8 (h, w, 3) in BGR order, as depth_as_colours returns it.

    Returns:
        uint8 (H, W + w * H / h, 3) RGB.
    """
    height = rgb.shape[0]
    width = max(1, round(colours.shape[1] * height / colours.shape[0]))
    depth = cv2.resize(colours, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.hstack([rgb, depth[..., ::-1]])
