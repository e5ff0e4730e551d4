# SPDX-License-Identifier: Apache-2.0
"""A network camera on this machine: MJPEG over HTTP, on loopback."""

from base64 import b64encode
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from threading import Event
from threading import Thread
from typing import Any

import cv2
import numpy as np


class MjpegCamera:
    """Serve gray images, each STEP brighter than the one before, modulo 256.

    Args:
        password: that user 'ada' must give, '' for none.

    Attributes:
        port: that it listens on.
        connections: how many clients were let in.
        going: while it is not set, connections end and no new ones are let in.
        burst: so many images are sent at once to each client, and then no more; 0 for 50 Hz.
        sent_all: set after a burst.
    """

    STEP = 8

    def __init__(self, password: str = '') -> None:
        self.connections = self.burst = 0
        self.going, self.sent_all = Event(), Event()
        self.going.set()
        login = 'Basic ' + b64encode(f'ada:{password}'.encode()).decode()
        camera = self

        class Handler(BaseHTTPRequestHandler):

            def do_GET(self) -> None:  # noqa: N802
                if password and self.headers.get('Authorization') != login:
                    self.send_response(401)
                    self.send_header('WWW-Authenticate', 'Basic realm="camera"')
                    self.end_headers()
                elif not camera.going.is_set():
                    self.send_error(503)
                else:
                    camera.connections += 1
                    self.send_response(200)
                    self.send_header('Content-Type', 'multipart/x-mixed-replace; boundary=frame')
                    self.end_headers()
                    camera.send(self.wfile)

            def log_message(self, *_arguments: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(('127.0.0.1', 0), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def send(self, file: Any) -> None:
        """Send images until the camera stops or the client leaves."""
        number = 0
        pause = Event()
        while self.going.is_set():
            if not self.burst or number < self.burst:
                gray = np.full((48, 64, 3), number * self.STEP % 256, np.uint8)
                data = cv2.imencode('.jpg', gray)[1].tobytes()
                try:
                    file.write(b'--frame\r\nContent-Type: image/jpeg\r\nContent-Length: '
                               + str(len(data)).encode() + b'\r\n\r\n' + data + b'\r\n')
                except OSError:
                    return
                number += 1
            else:
                self.sent_all.set()
            if not self.burst or self.sent_all.is_set():
                pause.wait(0.02)

    def close(self) -> None:
        """Stop."""
        self.going.clear()
        self._server.shutdown()
        self._server.server_close()
