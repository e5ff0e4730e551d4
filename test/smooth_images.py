# SPDX-License-Identifier: Apache-2.0
"""Noise as smooth as faces, of which no two images are alike."""
import cv2
import numpy as np


def smooth_images(count: int, rng: np.random.Generator,
                  shape: tuple[int, int] = (48, 48)) -> np.ndarray:
    """Return images as smooth as faces, uint8 (count, H, W)."""
    noise = rng.normal(0, 1, (count, *shape)).astype(np.float32)
    blurred = np.stack([cv2.GaussianBlur(image, (0, 0), 3) for image in noise])
    return np.clip(128 + blurred * 400, 0, 255).astype(np.uint8)
