# SPDX-License-Identifier: Apache-2.0
"""The dumps of libfreenect's fakenect-record."""

from bisect import bisect_left
from dataclasses import dataclass
from pathlib import Path
import re

from emorec_vision.errors import InputError
from emorec_vision.files.access import read_file
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.kinect.depth import COLOUR_INTRINSICS
from emorec_vision.sources.kinect.depth import raw_to_millimetres
from emorec_vision.sources.kinect.depth import register_depth
from emorec_vision.sources.recording.frame import RecordedFrame
from emorec_vision.sources.recording.frame import RecordingFolder
from emorec_vision.stamps import NANOSECONDS
import numpy as np

INDEX = 'INDEX.txt'
NAME = re.compile(r'([rd])-(\d+\.\d+)-(\d+)\.p[pg]m')
"""Kind, wall time in s and the device's time stamp."""
HEADER = re.compile(rb'P([56])\s+(\d{1,9})\s+(\d{1,9})\s+(\d{1,9})\s')
TICKS_PER_SECOND = 60_000_000
TICKS_WRAP = 2 ** 32
PAIRED_WITHIN = TICKS_PER_SECOND // 60
"""Half a frame at 30 Hz; the Kinect's two cameras are not synchronised."""


@dataclass(frozen=True)
class Dump:
    """One file of a dump with the device's time, unwrapped, in ticks of 60 MHz."""

    kind: str
    ticks: int
    path: Path


class FakenectFolder(RecordingFolder):
    """Read r-*.ppm (RGB) and d-*.pgm (raw 11-bit depth, little-endian) of a dump.

    Depth is converted and registered in software, with the values of an uncalibrated Kinect;
    accelerometer files (a-*.dump) are passed over. Stamps count from the first colour image.
    """

    def __init__(self, folder: Path, files: list[Path]) -> None:
        """Pair colour with the depth nearest in device time."""
        self.warnings: list[str] = []
        dumps = unwrapped(self._names(folder, files), folder)
        depths = sorted((dump for dump in dumps if dump.kind == 'd'), key=lambda dump: dump.ticks)
        colours = [dump for dump in dumps if dump.kind == 'r']
        if not colours:
            raise InputError(f'{folder / INDEX} names no colour image (r-*.ppm): the dump is '
                             'empty; record it again with fakenect-record')
        start = colours[0].ticks
        self.frames = [
            RecordedFrame((colour.ticks - start) * NANOSECONDS // TICKS_PER_SECOND,
                          colour.path, nearest(depths, colour.ticks)) for colour in colours]

    @classmethod
    def recognises(cls, files: list[Path]) -> bool:
        """Tell whether there is an index, or at least a colour image of a dump."""
        return any(path.name == INDEX or NAME.fullmatch(path.name) for path in files)

    def read_colour(self, frame: RecordedFrame) -> np.ndarray:
        """Return the colour image."""
        width, height, body = _read_netpbm(frame.colour, b'6', 3)
        return np.frombuffer(body, np.uint8).reshape(height, width, 3).copy()

    def read_depth(self, frame: RecordedFrame) -> np.ndarray:
        """Return its depth in mm, registered to the colour image."""
        assert frame.depth is not None
        width, height, body = _read_netpbm(frame.depth, b'5', 2)
        raw = np.frombuffer(body, '<u2').reshape(height, width)
        return register_depth(raw_to_millimetres(raw))

    def intrinsics_of(self, frame: RecordedFrame) -> Intrinsics | None:
        """Return those of an uncalibrated Kinect."""
        return COLOUR_INTRINSICS

    def _names(self, folder: Path, files: list[Path]) -> list[str]:
        """Return the names of colour and depth files, in time order."""
        index = folder / INDEX
        there = {path.name for path in files}
        if INDEX not in there:
            self.warnings.append(f'{index} is missing: playing the files in the order of time')
            return sorted(filter(NAME.fullmatch, there), key=lambda name: _match(name)[2])
        names = read_file(index).decode(errors='replace').split()
        wanted = [name for name in names if NAME.fullmatch(name)]
        self.warnings += [f'{folder / name} is missing, though {INDEX} names it'
                          for name in wanted if name not in there]
        return [name for name in wanted if name in there]


def unwrapped(names: list[str], folder: Path) -> list[Dump]:
    """Return the files with their time stamps freed of the wrap every 71.6 s.

    Args:
        names: in time order, so that neighbours are less than half a turn apart.
    """
    dumps: list[Dump] = []
    ticks: int | None = None
    for name in names:
        kind, _, stamp = _match(name).groups()
        now = int(stamp) % TICKS_WRAP
        if ticks is not None:
            half = TICKS_WRAP // 2
            now = ticks + (now - ticks + half) % TICKS_WRAP - half
        ticks = now
        dumps.append(Dump(kind, ticks, folder / name))
    return dumps


def nearest(depths: list[Dump], ticks: int) -> Path | None:
    """Return the depth file nearest to a moment, None where none is near enough.

    Args:
        depths: sorted by ticks.
    """
    place = bisect_left(depths, ticks, key=lambda depth: depth.ticks)
    found = min(depths[max(place - 1, 0):place + 1],
                key=lambda depth: abs(depth.ticks - ticks), default=None)
    if found is None or abs(found.ticks - ticks) > PAIRED_WITHIN:
        return None
    return found.path


def _match(name: str) -> re.Match[str]:
    """Return the parts of a name that is known to fit."""
    match = NAME.fullmatch(name)
    assert match is not None
    return match


def _read_netpbm(path: Path, kind: bytes, pixel_bytes: int) -> tuple[int, int, bytes]:
    """Return width, height and the pixels of a PPM (kind 6) or PGM (5) file.

    Raises:
        InputError: if it is none or was cut short.
    """
    data = read_file(path)
    header = HEADER.match(data)
    if header is None or header[1] != kind:
        raise InputError(f'{path} is no P{kind.decode()} image of a fakenect dump')
    width, height = int(header[2]), int(header[3])
    size = width * height * pixel_bytes
    body = data[header.end():header.end() + size]
    if len(body) < size or not size:
        raise InputError(f'{path} is cut short: {len(body)} of {size} bytes')
    return width, height, body
