# SPDX-License-Identifier: Apache-2.0
"""Keep OpenCV's own messages off standard error."""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2

SILENT = 0
"""cv::utils::logging::LOG_LEVEL_SILENT; in Python, OpenCV 4.6 (Ubuntu 24.04) has no name for it
and calls the function that sets it cv2.setLogLevel."""


@contextmanager
def quiet_opencv() -> Iterator[None]:
    """Keep OpenCV's warnings off standard error inside a with block."""
    set_level = cv2.setLogLevel if hasattr(cv2, 'setLogLevel') else cv2.utils.logging.setLogLevel
    level = set_level(SILENT)
    try:
        yield
    finally:
        set_level(level)
