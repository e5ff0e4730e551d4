# SPDX-License-Identifier: Apache-2.0
"""The HTTP service: pictures in, faces and emotions out, kept in a store; no ROS in here.

OpenCV reads its limit when it is loaded: import this package before cv2.
"""

import os

MAX_PIXELS = 25_000_000
"""Width times height of a picture."""
os.environ['OPENCV_IO_MAX_IMAGE_PIXELS'] = str(MAX_PIXELS)
