# SPDX-License-Identifier: Apache-2.0
"""Recordings of colour and depth: dumps of fakenect, and folders of images."""

from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median

from emorec_vision.depth.gate import check_depth
from emorec_vision.errors import InputError
from emorec_vision.files.access import list_folder
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources.detect import hint
from emorec_vision.sources.left_out import LeftOut
from emorec_vision.sources.recording.frame import RecordedFrame
from emorec_vision.sources.recording.kinds import open_recording
from emorec_vision.stamps import END_OF_TIME
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import seconds_to_ns
import numpy as np

DEFAULT_FRAME_RATE = 30.0


class RecordingSource(Source):
    """Deliver the frames of a recording with their depth, stamps strictly increasing.

    The folder holds a dump of libfreenect's fakenect-record, a data set in the format of TUM
    RGB-D, images NNN_rgb.* with NNN_depth.* as `emorec record` writes them, or other images of
    colour and depth; see docs/recordings.md. A colour image that cannot be read is left out and
    counted in `skipped`, one whose depth cannot be read is delivered without; `take_warnings`
    has the first of each kind, and in the end how many there were.

    Args:
        folder: the recording.

    Raises:
        InputError: if the folder is missing, holds no recording or no readable image.
    """

    kind = 'recording'

    def __init__(self, folder: str | Path) -> None:
        """List the folder and read its first frame."""
        super().__init__()
        self.folder = Path(folder)
        files = list_folder(self.folder, f'there is no folder {self.folder}; check the path',
                            partial(hint, given_as='recording'))
        self._recording = open_recording(self.folder, files)
        self._warnings += self._recording.warnings
        self._frames = increasing(self._recording.frames)
        if self._frames[-1].stamp >= END_OF_TIME:
            raise InputError(f'{self.folder}: a stamp of {self._frames[-1].stamp} ns is later '
                             'than ROS can say')
        self.has_depth = any(frame.depth for frame in self._frames)
        self.frame_rate = rate_of([frame.stamp for frame in self._frames])
        self._position = 0
        self._refused = ''
        self._left_out = LeftOut(lambda line: self._warnings.append(line), str(self.folder))
        self._next = self._decode()
        if self._next is None:
            raise InputError(f'none of the {len(self._frames)} colour image(s) in '
                             f'{self.folder} can be read: '
                             f'{self._refused or self._warnings[-1]}')

    def read(self) -> Frame | None:
        """Return the next frame; `name` is the file name of its colour image."""
        frame, self._next = self._next or self._decode(), None
        return frame

    def _decode(self) -> Frame | None:
        """Return the next frame whose colour can be read, or None after the last."""
        while self._position < len(self._frames):
            recorded = self._frames[self._position]
            self._position += 1
            try:
                rgb = self._recording.read_colour(recorded)
            except InputError as error:
                self.skipped += 1
                self._refused = str(error)
                self._left_out.add(self._refused, _without_path(self._refused, recorded.colour))
                continue
            return Frame(
                rgb, recorded.stamp, self._depth(recorded, rgb.shape[:2]),
                self._recording.intrinsics_of(recorded), recorded.colour.name)
        self._left_out.sum_up()
        return None

    def _depth(self, recorded: RecordedFrame, shape: tuple[int, ...]) -> np.ndarray | None:
        """Return the depth of a frame, or None where there is none that fits its colour."""
        if recorded.depth is None:
            return None
        try:
            depth = self._recording.read_depth(recorded)
        except InputError as error:
            self._go_without(recorded, str(error))
            return None
        try:
            check_depth(depth, shape)
        except InputError as error:
            self._go_without(recorded, f'{recorded.depth}: {error}')
            return None
        return depth

    def _go_without(self, recorded: RecordedFrame, why: str) -> None:
        """Tell that a frame goes without depth."""
        assert recorded.depth is not None
        self._left_out.add(f'{why}; {recorded.colour.name} goes without depth',
                           f'depth: {_without_path(why, recorded.depth)}')


def increasing(frames: list[RecordedFrame]) -> list[RecordedFrame]:
    """Return the frames with stamps that increase; one that does not comes 1/30 s later."""
    stamped: list[RecordedFrame] = []
    for frame in frames:
        if stamped and frame.stamp <= stamped[-1].stamp:
            later = stamped[-1].stamp + seconds_to_ns(1.0 / DEFAULT_FRAME_RATE)
            frame = replace(frame, stamp=later)
        stamped.append(frame)
    return stamped


def rate_of(stamps_ns: list[int]) -> float:
    """Return the frame rate of increasing stamps in Hz, from the middle of their distances."""
    steps = [later - earlier for earlier, later in zip(stamps_ns, stamps_ns[1:])]
    rate = NANOSECONDS / median(steps) if steps else DEFAULT_FRAME_RATE
    return rate if rate < 1000 else DEFAULT_FRAME_RATE


def _without_path(text: str, path: Path) -> str:
    """Return a reason without the file that it names."""
    return text.replace(f'{path}', '').strip(': ')
