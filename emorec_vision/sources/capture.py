# SPDX-License-Identifier: Apache-2.0
"""OpenCV's video capture without its own messages on standard error."""

from collections.abc import Iterator
from contextlib import contextmanager
import os

import cv2

# FFmpeg's level 'quiet'; OpenCV reads it once, when it first opens or writes a video.
os.environ.setdefault('OPENCV_FFMPEG_LOGLEVEL', '-8')

SILENT = 0
"""cv::utils::logging::LOG_LEVEL_SILENT; in Python, OpenCV 4.6 (Ubuntu 24.04) has no name for it
and calls the function that sets it cv2.setLogLevel."""


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


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keep OpenCV's warnings off standard error inside a with block."""
    set_level = cv2.setLogLevel if hasattr(cv2, 'setLogLevel') else cv2.utils.logging.setLogLevel
    level = set_level(SILENT)
    try:
        yield
    finally:
        set_level(level)
