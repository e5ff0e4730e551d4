# SPDX-License-Identifier: Apache-2.0
"""A window for annotated images."""

import cv2
import numpy as np

TITLE = 'emorec (q ends)'


class Window:
    """A window that opens with its first image, and that its user may size and end."""

    def __init__(self) -> None:
        self._is_open = False
        self._shape: tuple[int, ...] = ()

    def show(self, rgb: np.ndarray) -> bool:
        """Show an image, uint8 RGB (H, W, 3), and tell whether the user wants no more."""
        closed = self._is_open and cv2.getWindowProperty(TITLE, cv2.WND_PROP_VISIBLE) < 1
        if not self._is_open:
            cv2.namedWindow(TITLE, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO
                            | cv2.WINDOW_GUI_NORMAL)
            self._is_open = True
        if rgb.shape != self._shape:
            cv2.resizeWindow(TITLE, rgb.shape[1], rgb.shape[0])
            self._shape = rgb.shape
        cv2.imshow(TITLE, cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
        return cv2.waitKey(1) & 0xFF == ord('q') or closed

    def close(self) -> None:
        """Close the window if it is open."""
        if self._is_open:
            cv2.destroyAllWindows()
