# SPDX-License-Identifier: Apache-2.0
"""Frames of a network camera, by RTSP or as MJPEG over HTTP."""

import os
from threading import Condition
from threading import Thread

import cv2
from emorec_vision.errors import InputError
from emorec_vision.quiet_opencv import quiet_opencv
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost
from emorec_vision.sources.camera_names import masked
from emorec_vision.sources.capture import ONE_THREAD
from emorec_vision.sources.capture import open_capture
import numpy as np

PATIENCE_MS = 5000
"""Without an answer or an image for so long, a network camera is lost."""
SETTINGS = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, PATIENCE_MS,
            cv2.CAP_PROP_READ_TIMEOUT_MSEC, PATIENCE_MS, *ONE_THREAD]
"""FFmpeg's threads would each hold back an image."""
CLOSING_S = 1.0


class StreamSource(Source):
    """Deliver the newest frame of a network camera; those that nobody took are left out.

    A thread receives and decodes, so that images do not pile up while one is worked on. RTSP goes
    over TCP. `hardware` and errors name the address without its credentials.

    Args:
        url: rtsp://, rtsps://, http:// or https:// address; $VARIABLES of the environment are
            put in, so that a password need not stand in a command.

    Raises:
        InputError: if no image comes.
    """

    kind = 'stream'
    live = True

    def __init__(self, url: str) -> None:
        """Connect and wait for the first image."""
        super().__init__()
        self.hardware = masked(url)
        capture = open_capture(os.path.expandvars(url), cv2.CAP_FFMPEG, SETTINGS)
        self._newest = _read(capture) if capture is not None else None
        if capture is None or self._newest is None:
            raise InputError(f'the network camera {self.hardware} delivers no image; is it on, '
                             'and are the address, the user and the password right?')
        self._capture = capture
        self._news = Condition()
        self._ended = False
        self._thread = Thread(target=self._receive, daemon=True)
        self._thread.start()

    def read(self) -> Frame:
        """Wait for an image that was not delivered yet, and return the newest, without a stamp."""
        with self._news:
            self._news.wait_for(lambda: self._newest is not None or self._ended)
            bgr, self._newest = self._newest, None
        if bgr is None:
            raise SourceLost(f'the network camera {self.hardware} stopped delivering images')
        return Frame(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))

    def close(self) -> None:
        """Leave the camera; an image that is under way is waited for a moment."""
        with self._news:
            self._ended = True
        self._thread.join(CLOSING_S)

    def _receive(self) -> None:
        """Keep the newest image until the stream ends; whoever reads it must release it, too."""
        while not self._ended:
            bgr = _read(self._capture)
            with self._news:
                self._ended = self._ended or bgr is None
                self._newest = bgr if bgr is not None else self._newest
                self._news.notify_all()
        self._capture.release()


def _read(capture: cv2.VideoCapture) -> np.ndarray | None:
    """Return the next image, BGR uint8 (H, W, 3), or None where there is none."""
    with quiet_opencv():
        delivered, bgr = capture.read()
    return bgr if delivered else None
