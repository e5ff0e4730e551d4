# SPDX-License-Identifier: Apache-2.0
"""What plays to the graph for hours: a network camera people walk past, and a looping bag."""

from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from threading import Event
from threading import Thread
from typing import Any

import cv2
from emorec_ros.messages.conversions import camera_info
from emorec_ros.messages.conversions import time_from_ns
from emorec_ros.messages.images import to_message
from emorec_ros.runtime.qos.profiles import IMAGE
from emorec_vision.sources.demo.portrait import load_portrait
from emorec_vision.sources.demo.room import INTRINSICS
from emorec_vision.sources.demo.source import DemoScene
import numpy as np
from sensor_msgs.msg import CameraInfo
from sensor_msgs.msg import Image
from std_msgs.msg import Header

WIDTH, HEIGHT, SIDE = 640, 480, 200
RATE = 10.0
"""Images per second of both."""
VISITS = (1, 2, 3, 2, 1, 0)
"""People in view, each number for SECONDS_OF_VISIT."""
SECONDS_OF_VISIT = 5
BAG_BEGINS = 1_700_000_000_000_000_000
BAG_IMAGES = 50


class VisitedCamera:
    """MJPEG over HTTP on loopback: people come, stay and go, over and over.

    Attributes:
        url: of the camera.
        plugged: while it is not set, connections end and no new ones are let in.
    """

    def __init__(self) -> None:
        self.plugged = Event()
        self.plugged.set()
        self._images = _visits()
        self._number = 0
        camera = self

        class Handler(BaseHTTPRequestHandler):

            def do_GET(self) -> None:  # noqa: N802
                if not camera.plugged.is_set():
                    self.send_error(503)
                    return
                self.send_response(200)
                self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=frame')
                self.end_headers()
                camera.send(self.wfile)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self._server.daemon_threads = True
        self.url = f'http://127.0.0.1:{self._server.server_address[1]}/'
        Thread(target=self._server.serve_forever, daemon=True).start()

    def send(self, file: Any) -> None:
        """Send images until the camera is unplugged or the client leaves."""
        pause = Event()
        while self.plugged.is_set():
            data = self._images[self._number % len(self._images)]
            self._number += 1
            try:
                file.write(b'--frame\r\nContent-Type: image/jpeg\r\nContent-Length: '
                           + str(len(data)).encode() + b'\r\n\r\n' + data + b'\r\n')
            except OSError:
                return
            pause.wait(1 / RATE)

    def close(self) -> None:
        """Stop."""
        self.plugged.clear()
        self._server.shutdown()
        self._server.server_close()


class LoopingBag:
    """The demo scene with depth, under the stamps of a file, as `ros2 bag play --loop` has it."""

    def __init__(self, node: Any) -> None:
        publisher = node.create_publisher
        self._colour = publisher(Image, 'camera/rgb/image_raw', IMAGE)
        self._info = publisher(CameraInfo, 'camera/rgb/camera_info', IMAGE)
        self._depth = publisher(Image, 'camera/depth_registered/image_raw', IMAGE)
        scene = DemoScene()
        self._frames = [scene.frame(3 * number) for number in range(BAG_IMAGES)]

    def play(self, goes_on: Callable[[], bool]) -> None:
        """Play it from its beginning, to its end or as long as that is wanted."""
        pause = Event()
        for number, frame in enumerate(self._frames):
            if not goes_on():
                return
            header = Header(stamp=time_from_ns(BAG_BEGINS + round(number * 1e9 / RATE)),
                            frame_id='camera_rgb_optical_frame')
            info = camera_info(INTRINSICS, WIDTH, HEIGHT)
            info.header = header
            assert frame.depth is not None
            self._depth.publish(to_message(frame.depth, '16UC1', header))
            self._info.publish(info)
            self._colour.publish(to_message(frame.rgb, 'rgb8', header))
            pause.wait(1 / RATE)


def _visits() -> list[bytes]:
    """Return the JPEG files of one round of VISITS."""
    head = cv2.cvtColor(load_portrait()[:280, 90:370], cv2.COLOR_RGB2BGR)
    head = cv2.resize(head, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    looks = (head, np.ascontiguousarray(head[:, ::-1]),
             cv2.convertScaleAbs(head, alpha=0.8, beta=10))
    files = []
    for people in VISITS:
        for number in range(round(SECONDS_OF_VISIT * RATE)):
            image = np.full((HEIGHT, WIDTH, 3), 110, np.uint8)
            for place, look in enumerate(looks[:people]):
                x = place * (SIDE + 10) + 5 + round(5 * np.sin(number / 5 + place))
                image[120:120 + SIDE, x:x + SIDE] = look
            files.append(cv2.imencode('.jpg', image)[1].tobytes())
    return files
