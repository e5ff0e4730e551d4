# SPDX-License-Identifier: Apache-2.0
"""What a lens does to an image, and how to undo it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

COEFFICIENTS = {'plumb_bob': 5, 'rational_polynomial': 8, 'equidistant': 4}
"""How many each distortion model has; sensor_msgs/distortion_models.hpp."""
WIDEST = 5.0
"""Largest X / Z or Y / Z believed: 79 degrees off the axis, where no face looks like one."""


@dataclass(frozen=True)
class Distortion:
    """The distortion of a lens, as D of sensor_msgs/CameraInfo.

    Attributes:
        model: one of COEFFICIENTS.
        coefficients: as many as the model has.
    """

    model: str
    coefficients: tuple[float, ...]

    def undone(self, x: float, y: float) -> tuple[float, float]:
        """Return X / Z and Y / Z of the ray that the lens lets appear at (x, y).

        Where the model cannot be undone, as beyond the edge of a fisheye's image, that is (x, y).
        """
        point = np.array([[[x, y]]])
        import cv2  # --help of every command would load it otherwise
        undistort = (cv2.fisheye if self.model == 'equidistant' else cv2).undistortPoints
        ray = undistort(point, np.eye(3), np.array(self.coefficients)).reshape(2)
        if not np.all(np.abs(ray) < WIDEST):
            return x, y
        return float(ray[0]), float(ray[1])
