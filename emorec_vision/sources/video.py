# SPDX-License-Identifier: Apache-2.0
"""Frames of a video file."""

from functools import partial
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files.access import check_file
from emorec_vision.pace import Pace
from emorec_vision.quiet_opencv import quiet_opencv
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources.capture import ONE_THREAD
from emorec_vision.sources.capture import open_capture
from emorec_vision.sources.detect import hint
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import seconds_to_ns
import numpy as np

DEFAULT_FRAME_RATE = 30.0
BROKEN_IN_A_ROW = 100
"""After so many unreadable frames in a row the file has ended."""
CUT_SHORT_S = 0.5
MOST_FRAMES = 1e9
BEFORE_KEY_FRAME = 2 * NANOSECONDS
"""How far before a wanted frame a file is entered, ns: some enter only at the next key frame."""
WIDEST_PIXEL = 4.0
"""Ratio of the sides of a pixel; files with more than 4 to 1 hold a mistake, no such pixels."""
QUARTER_TURNS = (90, 270)
"""Rotations in degrees that OpenCV has applied and that swap width and height."""


class VideoSource(Source):
    """Deliver every frame of a video file, right side up, with its time in the file.

    Where the file says that its pixels are not square (anamorphic video), frames are enlarged
    along the shorter side of a pixel, so that faces have their proportions.

    A frame that cannot be decoded is left out and counted in `skipped`. Where the file has no
    times, frames are 1 / frame_rate apart.

    Args:
        path: any file that FFmpeg reads.

    Raises:
        InputError: if the file is missing, may not be read or holds no readable frame.
    """

    kind = 'video'
    frame_rate: float

    def __init__(self, path: str | Path) -> None:
        """Open the file and decode its first frame."""
        super().__init__()
        self.path = Path(path)
        check_file(self.path, f'there is no video file {self.path}; check the path',
                   partial(hint, given_as='video'))
        self._capture = self._open()
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.frame_rate = rate if 0 < rate < 1000 else DEFAULT_FRAME_RATE
        self._pixel = self._pixel_shape()
        self._stamp = -1
        self._pace = Pace()
        self._delivered = 0
        self._next = self._decode()
        if self._next is None:
            raise self._refusal()

    def read(self) -> Frame | None:
        """Return the next frame with its stamp, strictly increasing, in ns of file time."""
        frame, self._next = self._next or self._decode(), None
        return frame

    @property
    def duration(self) -> int:
        """Return how long the file says that it is, ns; 0 where it does not."""
        frames = self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        return seconds_to_ns(frames / self.frame_rate) if 0 < frames < MOST_FRAMES else 0

    def seek(self, stamp: int) -> None:
        """Go on with the first frame at or after a time (ns) that is not before this one."""
        if stamp > BEFORE_KEY_FRAME:
            with quiet_opencv():
                self._capture.set(cv2.CAP_PROP_POS_MSEC, (stamp - BEFORE_KEY_FRAME) / 1e6)
            self._begin_anew()
        if self._next is None or self._stamp > stamp:  # it is over, or not to be entered there
            self._capture.release()
            self._capture = self._open()
            self._begin_anew()
        while self._next is not None and self._stamp < stamp:
            self._next = self._decode()

    def close(self) -> None:
        """Close the file."""
        self._capture.release()

    def _begin_anew(self) -> None:
        """Decode the first frame of where the file is now."""
        self._delivered, self._stamp = 0, -1
        self._next = self._decode()

    def _open(self) -> cv2.VideoCapture:
        # FFmpeg takes what stands before a colon for a protocol, unless the path is absolute
        capture = open_capture(str(self.path.absolute()), cv2.CAP_FFMPEG, ONE_THREAD)
        if capture is None:
            raise self._refusal()
        return capture

    def _refusal(self) -> InputError:
        """Return the error for a file without a readable frame."""
        return InputError(f'{self.path} is no video, or a damaged one: no frame of it can be '
                          'read; try to play or convert it with ffmpeg'
                          f'{hint(self.path, "video")}')

    def _decode(self) -> Frame | None:
        """Return the next frame that can be decoded, or None at the end."""
        for failures in range(BROKEN_IN_A_ROW):
            with quiet_opencv():
                decoded, bgr = self._capture.read()
            if decoded:
                self._count_broken(failures)
                return self._frame(bgr)
        self._warn_if_cut_short()
        self.close()
        return None

    def _frame(self, bgr: np.ndarray) -> Frame:
        """Return a decoded image as a frame, with a stamp later than the last one."""
        stamp = seconds_to_ns(self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000.0)
        if self._delivered and not stamp > self._stamp:
            stamp = self._stamp + seconds_to_ns(1.0 / self.frame_rate)
        self._stamp = max(stamp, 0)
        self._pace.add(self._stamp)
        self._delivered += 1
        wide, high = self._pixel
        if wide != high:
            bgr = cv2.resize(bgr, None, fx=wide, fy=high, interpolation=cv2.INTER_LINEAR)
        return Frame(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), self._stamp)

    def _pixel_shape(self) -> tuple[float, float]:
        """Return width and height of a pixel as the frames are delivered, the smaller one 1."""
        wide, high = (self._capture.get(side) for side in (cv2.CAP_PROP_SAR_NUM,
                                                           cv2.CAP_PROP_SAR_DEN))
        if min(wide, high) <= 0 or max(wide, high) > WIDEST_PIXEL * min(wide, high):
            return 1.0, 1.0
        if self._capture.get(cv2.CAP_PROP_ORIENTATION_META) % 360 in QUARTER_TURNS:
            wide, high = high, wide
        return wide / min(wide, high), high / min(wide, high)

    def _count_broken(self, failures: int) -> None:
        """Remember frames that were left out between two good ones."""
        if failures:
            self.skipped += failures
            self._warnings.append(f'{self.path}: {failures} broken frame(s) left out after '
                                  f'{self._stamp / NANOSECONDS:.2f} s')

    def _warn_if_cut_short(self) -> None:
        """Tell when the file ends well before the duration in its header."""
        frames, rate = (self._capture.get(which) for which in (cv2.CAP_PROP_FRAME_COUNT,
                                                               cv2.CAP_PROP_FPS))
        if not self._delivered or frames <= self._delivered + self.skipped:
            return
        # where the file counts no frames, OpenCV reckons them from the duration and this rate
        duration = frames / (rate if rate > 0 else self.frame_rate)
        end = (self._stamp + self._pace.interval) / NANOSECONDS
        if duration - end > max(CUT_SHORT_S, 0.05 * duration):
            self._warnings.append(f'{self.path} is cut short or damaged: it ends after '
                                  f'{end:.2f} s of {duration:.2f} s')
