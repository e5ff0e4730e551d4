# SPDX-License-Identifier: Apache-2.0
"""Recordings of colour and depth: dumps of fakenect, and folders of images."""

from dataclasses import replace
from pathlib import Path
from statistics import median

from emorec_vision.depth.gate import check_depth
from emorec_vision.errors import InputError
from emorec_vision.files import list_folder
from emorec_vision.fitting import hint
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources.recording.fakenect import FakenectFolder
from emorec_vision.sources.recording.frame import RecordedFrame
from emorec_vision.sources.recording.frame import RecordingFolder
from emorec_vision.sources.recording.images import ImageFolder
from emorec_vision.stamps import END_OF_TIME
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import seconds_to_ns
import numpy as np

DEFAULT_FRAME_RATE = 30.0


class RecordingSource(Source):
    """Deliver the frames of a recording with their depth, stamps strictly increasing.

    The folder holds either a dump of libfreenect's fakenect-record (INDEX.txt, r-*.ppm, d-*.pgm)
    or images NNN_rgb.* with NNN_depth.png (uint16 mm, aligned to colour), camera.json and, as
    `emorec record` writes it, stamps.txt; see docs/recordings.md. A colour image that cannot
    be read is left out and counted in `skipped`, one whose depth cannot be read is delivered
    without; either is named in `take_warnings`.

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
                            'recording')
        self._recording = open_recording(self.folder, files)
        self._warnings += self._recording.warnings
        self._frames = increasing(self._recording.frames)
        if self._frames[-1].stamp >= END_OF_TIME:
            raise InputError(f'{self.folder}: a stamp of {self._frames[-1].stamp} ns is later '
                             'than ROS can say')
        self.has_depth = any(frame.depth for frame in self._frames)
        self.frame_rate = rate_of([frame.stamp for frame in self._frames])
        self._position = 0
        self._next = self._decode()
        if self._next is None:
            raise InputError(f'none of the {len(self._frames)} colour image(s) in '
                             f'{self.folder} can be read: {self._warnings[-1]}')

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
                self._warnings.append(str(error))
                continue
            return Frame(
                rgb, recorded.stamp, self._depth(recorded, rgb.shape[:2]),
                self._recording.intrinsics_of(recorded), recorded.colour.name)
        return None

    def _depth(self, recorded: RecordedFrame, shape: tuple[int, ...]) -> np.ndarray | None:
        """Return the depth of a frame, or None where there is none that fits its colour."""
        if recorded.depth is None:
            return None
        try:
            depth = self._recording.read_depth(recorded)
        except InputError as error:
            self._warnings.append(f'{error}; {recorded.colour.name} goes without depth')
            return None
        try:
            check_depth(depth, shape)
        except InputError as error:
            self._warnings.append(f'{recorded.depth}: {error}; {recorded.colour.name} goes '
                                  'without depth')
            return None
        return depth


def open_recording(folder: Path, files: list[Path]) -> RecordingFolder:
    """Return the recording in a folder.

    Args:
        files: what is in the folder.

    Raises:
        InputError: if that is no recording.
    """
    for kind in (FakenectFolder, ImageFolder):
        if kind.recognises(files):
            return kind(folder, files)
    raise InputError(f'{folder} holds no recording: neither a dump of fakenect-record (INDEX.txt '
                     'and r-*.ppm) nor images named NNN_rgb.png (and NNN_depth.png)'
                     f'{hint(folder, "recording")}')


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
