# SPDX-License-Identifier: Apache-2.0
"""Folders of NNN_rgb.* and NNN_depth.*, as `emorec record` and research data sets have them."""

from pathlib import Path
import re

from emorec_vision.errors import InputError
from emorec_vision.files.access import read_file
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.recording.frame import RecordedFrame
from emorec_vision.sources.recording.stored import DEPTH_SUFFIXES
from emorec_vision.sources.recording.stored import StoredFolder
from emorec_vision.stamps import seconds_to_ns
from emorec_vision.still_image.header import SUFFIXES

STAMPS = 'stamps.txt'
COLOUR = '_rgb'
DEPTH_NAME = '_depth'
DEPTH = f'{DEPTH_NAME}.png'
DEFAULT_FRAME_RATE = 30.0
LINE = re.compile(r'(\d{1,18}) (\d{1,19})')
"""Of stamps.txt: the number in the names of a frame's files, and its stamp in ns."""


class ImageFolder(StoredFolder):
    """Read NNN_rgb.* images with the NNN_depth.* of the same number, where there is one.

    Where stamps.txt is, it says which frames are whole and when they were taken; elsewhere
    frames are 1 / rate of camera.json apart (30 Hz unless it says so).
    """

    def list_frames(self, files: list[Path]) -> list[RecordedFrame]:
        """Return the frames."""
        names = {path.name for path in files}
        stamps = _read_stamps(self.folder / STAMPS) if STAMPS in names else None
        colours = {_number(path): path for path in files if _is_colour(path)}
        depths = {path.stem.removesuffix(DEPTH_NAME): path for path in files
                  if path.stem.endswith(DEPTH_NAME) and path.suffix.lower() in DEPTH_SUFFIXES}
        rate = self.camera.rate or DEFAULT_FRAME_RATE
        frames = []
        for place, number in enumerate(sorted(colours, key=lambda digits: (int(digits), digits))):
            stamp = seconds_to_ns(place / rate) if stamps is None else stamps.get(int(number))
            if stamp is not None:
                frames.append(RecordedFrame(stamp, colours[number], depths.get(number)))
        if not frames:
            raise InputError(f'{self.folder / STAMPS} names no image of the folder: the recording '
                             'is empty')
        return frames

    @classmethod
    def recognises(cls, files: list[Path]) -> bool:
        """Tell whether there is a colour image."""
        return any(map(_is_colour, files))

    def intrinsics_of(self, frame: RecordedFrame) -> Intrinsics | None:
        """Return the intrinsics in camera.json, of this frame if it has its own."""
        return self.camera.of_frame.get(_number(frame.colour), super().intrinsics_of(frame))


def _is_colour(path: Path) -> bool:
    """Tell whether a file is the colour image of a frame."""
    stem, suffix = path.stem, path.suffix.lower()
    return suffix in SUFFIXES and stem.endswith(COLOUR) and stem[:-len(COLOUR)].isdecimal()


def _number(path: Path) -> str:
    """Return the digits in the name of a colour image."""
    return path.stem[:-len(COLOUR)]


def _read_stamps(path: Path) -> dict[int, int]:
    """Return the stamps in ns by frame number; a line cut short by a crash is passed over.

    Raises:
        InputError: if the file cannot be read or holds anything else.
    """
    text = read_file(path).decode(errors='replace')
    whole = text[:text.rfind('\n') + 1].splitlines()
    lines = [LINE.fullmatch(line) for line in whole]
    for line, match in zip(whole, lines):
        if match is None:
            raise InputError(f'{path}: {line[:40]!r} is no frame number and stamp in ns')
    return {int(match[1]): int(match[2]) for match in lines if match is not None}
