# SPDX-License-Identifier: Apache-2.0
"""Write stamped images as an MP4 file of constant frame rate."""

import math
import os
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.stamps import MAX_STEP_BACK_NS
from emorec_vision.stamps import NANOSECONDS
import numpy as np

MEASURED_FRAMES = 10
MAX_HELD_SECONDS = 10.0
MAX_STEP_BACK = MAX_STEP_BACK_NS / NANOSECONDS


class VideoFile:
    """A video of images at the times of their stamps; one shows until the next is due.

    The frame rate is measured on the first images. The file grows under a temporary name beside
    its place and is renamed by `close`, so it never stands there half-written.

    Args:
        path: of the .mp4 file.

    Raises:
        InputError: if the name is no .mp4 file in a folder that can be written to.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._part = path.with_name(f'.{path.stem}.{os.getpid()}.part{path.suffix}')
        if path.suffix.lower() != '.mp4' or path.is_dir():
            raise InputError(f'{path}: a recording is an .mp4 file; give a name like faces.mp4')
        if not os.path.isdir(path.parent):
            raise InputError(f'{path}: the folder {path.parent} does not exist; make it first')
        if not os.access(path.parent, os.W_OK):
            raise InputError(f'{path}: the folder {path.parent} is not writable')
        self._pending: list[tuple[float, np.ndarray]] = []
        self._writer: cv2.VideoWriter | None = None
        self._rate = 30.0
        self._start = 0.0
        self._newest = -math.inf
        self._written = 0
        self._last: np.ndarray | None = None

    def add(self, stamp: float, rgb: np.ndarray) -> None:
        """Add an image, uint8 RGB (H, W, 3), taken at `stamp` (s); repeated ones are left out.

        Raises:
            InputError: if the file cannot be opened.
        """
        if self._newest - MAX_STEP_BACK <= stamp <= self._newest:
            return
        self._newest = stamp
        if self._writer is not None:
            self._place(stamp, rgb)
            return
        self._pending.append((stamp, rgb))
        if len(self._pending) >= MEASURED_FRAMES:
            self._open()

    def close(self) -> bool:
        """Finish the file and put it in its place; tell whether there was anything to write.

        Raises:
            InputError: if it could not be written whole (OpenCV itself tells of no error).
        """
        if self._writer is None and self._pending:
            self._open()
        if self._writer is None or self._last is None:
            return False
        self._write(self._last)
        self._writer.release()
        self._writer = None
        try:
            if not self._is_whole():
                raise OSError('is the disk full?')
            self._part.replace(self._path)
        except OSError as error:
            self._part.unlink(missing_ok=True)
            raise InputError(f'{self._path} could not be written: {error}') from error
        return True

    def _is_whole(self) -> bool:
        written = cv2.VideoCapture(str(self._part))
        try:
            return written.isOpened() and bool(
                written.get(cv2.CAP_PROP_FRAME_COUNT) == self._written)
        finally:
            written.release()

    def _open(self) -> None:
        stamps = [stamp for stamp, _ in self._pending]
        span = stamps[-1] - stamps[0]
        self._rate = min(60.0, max(1.0, round((len(stamps) - 1) / span, 2))) if span > 0 else 30.0
        self._start = stamps[0]
        height, width = self._pending[0][1].shape[:2]
        self._writer = cv2.VideoWriter(
            str(self._part), cv2.VideoWriter_fourcc(*'mp4v'), self._rate, (width, height))
        if not self._writer.isOpened():
            raise InputError(f'{self._path} cannot be written; is the folder writable?')
        for stamp, rgb in self._pending:
            self._place(stamp, rgb)
        self._pending.clear()

    def _place(self, stamp: float, rgb: np.ndarray) -> None:
        if self._last is not None:
            if rgb.shape != self._last.shape:
                rgb = cv2.resize(rgb, self._last.shape[1::-1])
            due = round((stamp - self._start) * self._rate)
            if not 0 <= due - self._written <= MAX_HELD_SECONDS * self._rate:
                self._start = stamp - (self._written + 1) / self._rate
                due = self._written + 1
            while self._written < due:
                self._write(self._last)
        self._last = rgb

    def _write(self, rgb: np.ndarray) -> None:
        if self._writer is not None:
            self._writer.write(cv2.cvtColor(rgb, cv2.COLOR_RGB2BGR))
            self._written += 1
