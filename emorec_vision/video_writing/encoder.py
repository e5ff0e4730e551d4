# SPDX-License-Identifier: Apache-2.0
"""Encode images with OpenCV, and have each one's bytes as soon as the encoder gives them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from contextlib import suppress
import fcntl
import os
from pathlib import Path
from tempfile import TemporaryDirectory

import cv2
from emorec_vision.errors import InputError
from emorec_vision.quiet_opencv import quiet_decoders
from emorec_vision.video_writing.packets import AviPackets
from emorec_vision.video_writing.packets import Config
from emorec_vision.video_writing.packets import FlvPackets
from emorec_vision.video_writing.packets import Packet
from emorec_vision.video_writing.packets import READERS
import numpy as np

RATE = 30.0
"""What the encoder is told; the times of the images are those of their stamps."""
F_SETPIPE_SZ = 1031
PIPE_BYTES = 1 << 20
DRAIN_EVERY_S = 0.02


class VideoEncoder:
    """The best encoder of MP4 that this OpenCV has: H.264, or else MPEG-4 part 2.

    OpenCV writes to a pipe, since in a file it would keep up to 256 kB of images to itself.
    MPEG-4 part 2 gives each image at once, libx264 about 50 images later.

    Args:
        size: width and height of the images, px; the last column or row of odd ones is cut off.

    Attributes:
        config: what a decoder must know, None until the first packet.

    Raises:
        InputError: if there is no encoder at all.
    """

    def __init__(self, size: tuple[int, int]) -> None:
        self.config: Config | None = None
        self._thread = ThreadPoolExecutor(1)
        for reader in READERS:
            self._reader = reader(RATE)
            if self._open(self._reader, size):
                return
        raise InputError('this OpenCV can write no MP4 video: it needs FFmpeg')

    def encode(self, rgb: np.ndarray) -> list[Packet]:
        """Encode an image, uint8 RGB (H, W, 3); return what is complete now."""
        bgr = cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR)
        return self._take(lambda: self._writer.write(bgr))

    def finish(self) -> list[Packet]:
        """Return what the encoder still holds, and close it."""
        packets = self._take(self._writer.release)
        self._thread.shutdown()
        os.close(self._pipe)
        return packets

    def _open(self, reader: AviPackets | FlvPackets, size: tuple[int, int]) -> bool:
        with TemporaryDirectory(prefix='emorec_') as folder:
            pipe = Path(folder) / f'video{reader.SUFFIX}'
            os.mkfifo(pipe, 0o600)
            self._pipe = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
            with suppress(OSError):
                fcntl.fcntl(self._pipe, F_SETPIPE_SZ, PIPE_BYTES)
            with quiet_decoders():
                self._writer = cv2.VideoWriter(
                    str(pipe), cv2.CAP_FFMPEG, cv2.VideoWriter.fourcc(*reader.FOURCC), RATE, size)
        if not self._writer.isOpened():
            os.close(self._pipe)
            return False
        return True

    def _take(self, work: Callable[[], None]) -> list[Packet]:
        """Let the encoder work, and empty the pipe, which a large image would fill."""
        done = self._thread.submit(work)
        packets: list[Packet] = []
        while True:
            with suppress(NotYet):
                done.result(DRAIN_EVERY_S)
            finished = done.done()
            configs, more = self._reader.feed(self._read())
            self.config = configs[0] if configs else self.config
            packets += more
            if finished:
                return packets

    def _read(self) -> bytes:
        data = bytearray()
        with suppress(BlockingIOError):
            while part := os.read(self._pipe, PIPE_BYTES):
                data += part
        return bytes(data)
