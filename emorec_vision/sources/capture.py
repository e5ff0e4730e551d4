# SPDX-License-Identifier: Apache-2.0
"""OpenCV's video capture without its own messages on standard error."""

import cv2
from emorec_vision.quiet_opencv import quiet_opencv

ONE_THREAD = [cv2.CAP_PROP_N_THREADS, 1] if hasattr(cv2, 'CAP_PROP_N_THREADS') else []
"""Ubuntu 24.04's OpenCV 4.6 cannot be told."""


def open_capture(name: str | int, backend: int,
                 settings: list[int] | None = None) -> cv2.VideoCapture | None:
    """Open a camera or a file, or return None; nothing is printed."""
    with quiet_opencv():
        try:
            capture = cv2.VideoCapture(name, backend, settings or [])
        except cv2.error:
            return None
    if capture.isOpened():
        return capture
    capture.release()
    return None
