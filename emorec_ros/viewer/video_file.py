# SPDX-License-Identifier: Apache-2.0
"""Write stamped images as an MP4 file."""

from collections import deque
from collections.abc import Iterable
from itertools import count
import os
from pathlib import Path
import secrets
from statistics import median

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files.whole_file import sync_folder
from emorec_vision.stamps import MAX_STEP_BACK_NS
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.video_writing.boxes import TIMESCALE
from emorec_vision.video_writing.encoder import VideoEncoder
from emorec_vision.video_writing.growing_mp4 import GrowingMp4
from emorec_vision.video_writing.packets import Packet
import numpy as np

MAX_HELD_NS = 10 * NANOSECONDS
INTERVALS = 15
"""Between images, of which the middle one is the usual one."""
REORDERED = 64
"""Images from which the encoder of H.264 may choose the next one (16 by its standard)."""


class VideoFile:
    """A video of images at the times of their stamps, each once.

    It grows as NAME.part1.mp4 beside its place, where it plays at any moment, and gets its name
    from `close`. A program that is started again within a run goes on with it.

    Args:
        path: of the .mp4 file.
        run: name of the run, ASCII, that nobody else has; '': this is the whole run.

    Attributes:
        missing: about how many images of the camera are not in it, by the stamps: those that lie
            between images farther apart than usual, but for jumps of time.

    Raises:
        InputError: if the name is no .mp4 file in a folder that can be written to.
    """

    def __init__(self, path: Path, run: str = '') -> None:
        self._path = path
        if path.suffix.lower() != '.mp4' or path.is_dir():
            raise InputError(f'{path}: a recording is an .mp4 file; give a name like faces.mp4')
        if not os.path.isdir(path.parent):
            raise InputError(f'{path}: the folder {path.parent} does not exist; make it first')
        if not os.access(path.parent, os.W_OK):
            raise InputError(f'{path}: the folder {path.parent} is not writable')
        self._run = run or secrets.token_hex(8)
        self._encoder: VideoEncoder | None = None
        self._size = (0, 0)
        self._times: dict[int, tuple[int, int]] = {}
        self._newest: tuple[int, int] | None = None
        self._taken = self._given = 0
        self._is_over = self._has_begun = False
        self.missing = 0
        self._intervals: deque[int] = deque(maxlen=INTERVALS)
        self._open_part(1)

    @property
    def images(self) -> int:
        """Return how many images the file has."""
        return self._file.images

    @property
    def seconds(self) -> float:
        """Return the time from the first to the last of them."""
        return self._file.last_shown / TIMESCALE

    def add(self, stamp: float, rgb: np.ndarray) -> None:
        """Add an image, uint8 RGB (H, W, 3), taken at `stamp` (s); repeated ones are left out.

        Raises:
            InputError: if it cannot be written; those before it stay.
        """
        stamp_ns = round(stamp * NANOSECONDS)
        if self._is_over or (self._newest is not None and (
                self._newest[1] - MAX_STEP_BACK_NS <= stamp_ns <= self._newest[1])):
            return
        if self._encoder is None:
            self._encoder = self._open_encoder(rgb)
        if rgb.shape[1::-1] != self._size:
            rgb = cv2.resize(rgb, self._size)
        self._newest = self._times[self._taken] = self._time_of(stamp_ns), stamp_ns
        self._taken += 1
        self._write(self._encoder.encode(rgb))

    def close(self) -> bool:
        """Finish the file and put it in its place; tell whether there was anything to write.

        Raises:
            InputError: if it could not be finished; what there is stays, and plays.
        """
        if self._is_over:
            return False
        if self._encoder is not None:
            self._write(self._encoder.finish())
        self._is_over = True
        if not self.images:
            self._file.close()
            self._part.unlink(missing_ok=True)
            return False
        try:
            self._file.finish()
            os.replace(self._part, self._path)
            sync_folder(self._path.parent)
        except OSError as error:
            raise self._failed(error) from None
        finally:
            self._file.close()
        return True

    def _open_part(self, first: int) -> None:
        """Open a part of this run, or a new one where none can be gone on with."""
        for number in count(first):
            part = self._path.with_name(f'{self._path.stem}.part{number}{self._path.suffix}')
            try:
                self._file, self._part, self._number = GrowingMp4(part, self._run), part, number
                break
            except FileExistsError:
                continue
            except OSError as error:
                raise InputError(f'cannot write {part}: {error.strerror}') from None
        if self._file.newest is not None:
            self._newest = self._file.last_shown, self._file.newest
            self._intervals.append(self._file.period * NANOSECONDS // TIMESCALE)

    def _open_encoder(self, rgb: np.ndarray) -> VideoEncoder:
        height, width = rgb.shape[:2]
        self._size = width & ~1, height & ~1
        return VideoEncoder(self._size)

    def _count_missing(self, interval: int) -> None:
        """Count the images that should lie in an interval, ns."""
        if self._intervals:
            self.missing += max(round(interval / median(self._intervals)) - 1, 0)
        self._intervals.append(interval)

    def _time_of(self, stamp_ns: int) -> int:
        """Return when an image is shown, ticks; long gaps and steps back are left out."""
        if self._newest is None:
            return 0
        shown, newest = self._newest
        if not 0 < stamp_ns - newest <= MAX_HELD_NS:
            return shown + self._file.period
        self._count_missing(stamp_ns - newest)
        return shown + max(round((stamp_ns - newest) * TIMESCALE / NANOSECONDS), 1)

    def _write(self, packets: Iterable[Packet]) -> None:
        """Write what the encoder gave, in the order in which it is decoded."""
        assert self._encoder is not None
        try:
            for packet in packets:
                self._begin_part()
                time, (shown, stamp_ns) = self._times[self._given][0], self._times[packet.shown]
                self._file.add(packet.data, time, shown - time, packet.key, stamp_ns)
                self._times.pop(self._given - REORDERED, None)
                self._given += 1
        except OSError as error:
            self._is_over = True
            self._file.close()
            raise self._failed(error) from None

    def _begin_part(self) -> None:
        """Say in the file what its images are; take another one where it has others."""
        assert self._encoder is not None and self._encoder.config is not None
        while not self._has_begun:
            try:
                self._file.begin(self._encoder.config, self._size)
                self._has_begun = True
            except FileExistsError:
                self._file.close()
                self._open_part(self._number + 1)

    def _failed(self, error: OSError) -> InputError:
        """Return what is said of a disk that failed."""
        if not self.images:
            self._part.unlink(missing_ok=True)
            return InputError(f'cannot write {self._path}: {error.strerror}')
        return InputError(f'cannot write {self._path}: {error.strerror}; {self.images} images are '
                          f'in {self._part}, which plays')
