# SPDX-License-Identifier: Apache-2.0
"""Folders in the format of TUM RGB-D, which ICL-NUIM and many others follow."""

from bisect import bisect_left
from decimal import Decimal
from pathlib import Path
import re

from emorec_vision.distortion import Distortion
from emorec_vision.errors import InputError
from emorec_vision.files.access import read_file
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.recording.depth_unit import TUM
from emorec_vision.sources.recording.frame import RecordedFrame
from emorec_vision.sources.recording.stored import StoredFolder
from emorec_vision.stamps import NANOSECONDS
from emorec_vision.stamps import seconds_to_ns

COLOUR_LIST, DEPTH_LIST = 'rgb.txt', 'depth.txt'
PAIR_LISTS = ('associations.txt', 'association.txt', 'associated.txt', 'associate.txt',
              'assoc.txt')
TIME = re.compile(r'\d{1,10}(\.\d{0,12})?')
WITHIN = seconds_to_ns(0.02)
"""As associate.py of TUM RGB-D pairs colour and depth."""
FRAME_NUMBERS_UP_TO = 1_000_000
"""Stamps that are whole and not larger are numbers of frames (ICL-NUIM), no seconds since 1970."""
DEFAULT_FRAME_RATE = 30.0
CAMERAS = (
    (re.compile(r'freiburg1|fr1\b|fr1_'), Intrinsics(517.3, 516.5, 318.6, 255.3, Distortion(
        'plumb_bob', (0.2624, -0.9531, -0.0054, 0.0026, 1.1633)))),
    (re.compile(r'freiburg2|fr2\b|fr2_'), Intrinsics(520.9, 521.0, 325.1, 249.7, Distortion(
        'plumb_bob', (0.2312, -0.7849, -0.0033, -0.0001, 0.9172)))),
    (re.compile(r'freiburg3|fr3\b|fr3_'), Intrinsics(535.4, 539.2, 320.1, 247.6)),
    (re.compile(r'icl.?nuim|traj\d_|frei_png'), Intrinsics(481.2, 480.0, 319.5, 239.5)))
"""Names of folders, and the colour camera as the pages of TUM RGB-D (the cameras fr1 to fr3) and
ICL-NUIM give it; ICL-NUIM writes fy as -480, with y upwards."""


class TumFolder(StoredFolder):
    """Read the colour and depth files that text files list by their time.

    Colour takes the nearest depth within 20 ms, or what a list of pairs gives it. Without
    'depth_unit' in camera.json depth counts as 1/5000 m.
    """

    usual_unit = TUM
    usual_unit_is_of = 'TUM RGB-D'

    def list_frames(self, files: list[Path]) -> list[RecordedFrame]:
        """Return the frames that the lists name."""
        names = {path.name for path in files}
        pairs = next((name for name in PAIR_LISTS if name in names), '')
        if pairs:
            return self._existing(self._of_pairs(self.folder / pairs))
        colours = self._lines(self.folder / COLOUR_LIST, 2)
        depths = (self._lines(self.folder / DEPTH_LIST, 2) if DEPTH_LIST in names else [])
        times = sorted((self._stamp(time), self.folder / name) for time, name in depths)
        return self._existing([
            RecordedFrame(stamp, self.folder / name, nearest(times, stamp, WITHIN))
            for stamp, name in ((self._stamp(time), name) for time, name in colours)])

    @classmethod
    def recognises(cls, files: list[Path]) -> bool:
        """Tell whether there is a list of colour images or of pairs."""
        return not {path.name for path in files}.isdisjoint((COLOUR_LIST, *PAIR_LISTS))

    def usual_intrinsics(self) -> Intrinsics | None:
        """Return those of a data set that the names of the folder tell."""
        name = '/'.join(self.folder.absolute().parts[-2:]).lower()
        return next((camera for known, camera in CAMERAS if known.search(name)), None)

    def _of_pairs(self, path: Path) -> list[RecordedFrame]:
        """Return the frames of a list of pairs, in either order."""
        frames = []
        for time, name, depth_time, depth in self._lines(path, 4):
            if 'depth' in name.lower() and 'depth' not in depth.lower():
                time, name, depth = depth_time, depth, name
            frames.append(RecordedFrame(
                self._stamp(time), self.folder / name, self.folder / depth))
        return frames

    def _stamp(self, time: str) -> int:
        """Return a time in ns."""
        if '.' not in time and int(time) <= FRAME_NUMBERS_UP_TO:
            return seconds_to_ns(int(time) / (self.camera.rate or DEFAULT_FRAME_RATE))
        return int(Decimal(time) * NANOSECONDS)

    def _lines(self, path: Path, fields: int) -> list[list[str]]:
        """Return the times and names in the lines of a list; others are told of.

        Raises:
            InputError: if there are none.
        """
        lines = [line.replace(',', ' ').split() for line in
                 read_file(path).decode(errors='replace').splitlines()
                 if line.strip() and not line.lstrip().startswith('#')]
        good = [line[:fields] for line in lines if len(line) >= fields
                and all(TIME.fullmatch(time) for time in line[0:fields:2])]
        if not good:
            raise InputError(f'{path} names no image: its lines must be times and file names')
        if len(good) < len(lines):
            self.warnings.append(f'{path}: {len(lines) - len(good)} line(s) that are no times and '
                                 'file names are passed over')
        return good

    def _existing(self, frames: list[RecordedFrame]) -> list[RecordedFrame]:
        """Return the frames whose colour is there, and tell how many files are not."""
        there = [frame for frame in frames if frame.colour.is_file()]
        lost = [frame.colour for frame in frames if not frame.colour.is_file()]
        kept = [frame if frame.depth is None or frame.depth.is_file() else
                RecordedFrame(frame.stamp, frame.colour, None) for frame in there]
        lost += [frame.depth for frame, now in zip(there, kept) if frame.depth and not now.depth]
        if lost:
            self.warnings.append(f'{self.folder}: {len(lost)} file(s) that its lists name are '
                                 f'missing: {lost[0].relative_to(self.folder)}'
                                 f'{" and others" if len(lost) > 1 else ""}')
        if not kept:
            raise InputError(f'{self.folder}: none of the {len(frames)} colour image(s) that its '
                             'lists name is there')
        return kept


def nearest(times: list[tuple[int, Path]], stamp: int, within: int) -> Path | None:
    """Return the file whose time is nearest to a stamp (ns), None where none is near enough.

    Args:
        times: with their files, sorted.
    """
    place = bisect_left(times, stamp, key=lambda each: each[0])
    found = min(times[max(place - 1, 0):place + 1], key=lambda each: abs(each[0] - stamp),
                default=None)
    return None if found is None or abs(found[0] - stamp) > within else found[1]
