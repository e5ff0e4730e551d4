#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""A camera that plays the demo scene as real RGB-D cameras do on a bad day; see CASES.

    .venv/bin/python benchmarks/hostile_camera.py half_rate

It publishes 640x480 colour and depth at 30 Hz under the names of emorec's drivers, in the
namespace `camera`, until SIGTERM.
"""

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
import sys
from time import monotonic
from time import sleep

from emorec_ros.messages.conversions import camera_info
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.process.rcl_errors import RCLError
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.demo.room import HEIGHT
from emorec_vision.sources.demo.room import INTRINSICS
from emorec_vision.sources.demo.room import WIDTH
from emorec_vision.sources.demo.source import DemoScene
from emorec_vision.sources.demo.source import FRAME_RATE
import rclpy
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from std_msgs.msg import Header

FRAME = 'camera_rgb_optical_frame'


@dataclass(frozen=True)
class Case:
    """What is wrong with a camera.

    Attributes:
        every: only every so manyth image has depth.
        begins: number of the first image with depth; the publisher is there from the start.
        late: images by which depth arrives after its colour image.
        off: added to the stamp of depth, ns.
        size: width and height that camera_info speaks of, px.
        intrinsics: in camera_info.
    """

    every: int = 1
    begins: int = 0
    late: int = 0
    off: int = 0
    size: tuple[int, int] = (WIDTH, HEIGHT)
    intrinsics: Intrinsics = INTRINSICS


SMALL = Intrinsics(262.5, 262.5, 159.5, 119.5)
WIDE = Intrinsics(912.0, 912.0, 640.0, 360.0)
CASES = {
    'good': Case(),
    'half_rate': Case(every=2),
    'late_1': Case(late=1),
    'late_3': Case(late=3),
    'stamps_off_21_ms': Case(off=21_000_000),
    'begins_after_1_s': Case(begins=30),
    'begins_after_10_s': Case(begins=300),
    'info_of_320x240': Case(size=(320, 240), intrinsics=SMALL),
    'info_of_1280x720': Case(size=(1280, 720), intrinsics=WIDE),
    'all_at_once': Case(every=2, begins=30, late=3, size=(1280, 720), intrinsics=WIDE),
}


class HostileCamera:
    """The topics of the camera.

    Args:
        case: what is wrong.
    """

    def __init__(self, case: Case) -> None:
        self._case = case
        self._node = rclpy.create_node('hostile_camera', namespace='camera')
        publisher = self._node.create_publisher
        self._colour = publisher(Image, 'rgb/image_raw', IMAGE)
        self._info = publisher(CameraInfo, 'rgb/camera_info', IMAGE)
        self._depth = publisher(Image, 'depth_registered/image_raw', IMAGE)
        self._scene = DemoScene()
        self._coming: deque[Image | None] = deque([None] * case.late)

    def publish(self, number: int) -> None:
        """Publish one image of the scene, and the depth that is due."""
        frame, case = self._scene.frame(number), self._case
        stamp = self._node.get_clock().now().nanoseconds
        header = Header(stamp=time_from_ns(stamp), frame_id=FRAME)
        depth = None
        if number >= case.begins and number % case.every == 0 and frame.depth is not None:
            depth = to_message(frame.depth, '16UC1', Header(
                stamp=time_from_ns(stamp + case.off), frame_id=FRAME))
        self._coming.append(depth)
        due = self._coming.popleft()
        if due is not None:
            self._depth.publish(due)
        info = camera_info(case.intrinsics, *case.size)
        info.header = header
        self._info.publish(info)
        self._colour.publish(to_message(frame.rgb, 'rgb8', header))


def main() -> None:
    """Publish at the pace of the camera; what a busy machine missed is not made up."""
    rclpy.init()
    camera = HostileCamera(CASES[sys.argv[1]])
    due = monotonic()
    with suppress(RCLError):  # ROS ended meanwhile
        for number in count():
            camera.publish(number)
            due = max(due + 1 / FRAME_RATE, monotonic())
            sleep(max(due - monotonic(), 0.0))


if __name__ == '__main__':
    main()
