# SPDX-License-Identifier: Apache-2.0
"""The HTTP service: pictures in, faces and emotions out, kept in a store; no ROS in here.

OpenCV reads its limit when it is loaded: import this package before cv2.
"""

import os

from emorec_vision.image_header import MAX_PIXELS

os.environ['OPENCV_IO_MAX_IMAGE_PIXELS'] = str(MAX_PIXELS)
