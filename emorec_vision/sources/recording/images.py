# SPDX-License-Identifier: Apache-2.0
"""Folders of NNN_rgb.* and NNN_depth.png, as `emorec record` and research data sets have them."""

from pathlib import Path
import re

from emorec_vision.errors import InputError
from emorec_vision.files import read_file
from emorec_vision.geometry import Intrinsics
from emorec_vision.image_header import SUFFIXES
from emorec_vision.sources.images import read_image
from emorec_vision.sources.recording.camera_file import CameraFile
from emorec_vision.sources.recording.camera_file import read_camera_file
from emorec_vision.sources.recording.frame import read_depth_image
from emorec_vision.sources.recording.frame import RecordedFrame
from emorec_vision.sources.recording.frame import RecordingFolder
from emorec_vision.stamps import seconds_to_ns
import numpy as np

CAMERA = 'camera.json'
STAMPS = 'stamps.txt'
COLOUR = '_rgb'
DEPTH = '_depth.png'
DEFAULT_FRAME_RATE = 30.0
LINE = re.compile(r'(\d{1,18}) (\d{1,19})')
"""Of stamps.txt: the number in the names of a frame's files, and its stamp in ns."""


class ImageFolder(RecordingFolder):
    """Read NNN_rgb.* images with the NNN_depth.png of the same number, where there is one.

    Where stamps.txt is, it says which frames are whole and when they were taken; elsewhere
    frames are 1 / rate of camera.json apart (30 Hz unless it says so).
    """

    def __init__(self, folder: Path, files: list[Path]) -> None:
        """List the frames."""
        self.warnings: list[str] = []
        camera = folder / CAMERA
        self._camera = read_camera_file(camera) if camera in files else CameraFile()
        names = {path.name for path in files}
        stamps = _read_stamps(folder / STAMPS) if STAMPS in names else None
        colours = {_number(path): path for path in files if _is_colour(path)}
        rate = self._camera.rate or DEFAULT_FRAME_RATE
        self.frames = []
        for place, number in enumerate(sorted(colours, key=lambda digits: (int(digits), digits))):
            stamp = seconds_to_ns(place / rate) if stamps is None else stamps.get(int(number))
            depth = f'{number}{DEPTH}'
            if stamp is not None:
                self.frames.append(RecordedFrame(
                    stamp, colours[number], folder / depth if depth in names else None))
        if self._camera == CameraFile(rate=self._camera.rate) and any(
                frame.depth for frame in self.frames):
            why = 'names no fx, fy, cx and cy' if camera in files else 'is missing'
            self.warnings.append(f'{camera} {why}: faces have a distance, but no position')
        self.frames.sort(key=lambda frame: frame.stamp)
        if not self.frames:
            raise InputError(f'{folder / STAMPS} names no image of the folder: the recording '
                             'is empty')

    @classmethod
    def recognises(cls, files: list[Path]) -> bool:
        """Tell whether there is a colour image."""
        return any(map(_is_colour, files))

    def read_colour(self, frame: RecordedFrame) -> np.ndarray:
        """Return the colour image."""
        return read_image(frame.colour)

    def read_depth(self, frame: RecordedFrame) -> np.ndarray:
        """Return its depth."""
        assert frame.depth is not None
        return read_depth_image(frame.depth)

    def intrinsics_of(self, frame: RecordedFrame) -> Intrinsics | None:
        """Return the intrinsics in camera.json, of this frame if it has its own."""
        return self._camera.of_frame.get(_number(frame.colour), self._camera.intrinsics)


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
