# SPDX-License-Identifier: Apache-2.0
"""Plain folders of colour and depth images, told apart and paired by their names."""

from pathlib import Path
import re

from emorec_vision.errors import InputError
from emorec_vision.sources.recording.depth_unit import TUM
from emorec_vision.sources.recording.frame import RecordedFrame
from emorec_vision.sources.recording.stored import CAMERA
from emorec_vision.sources.recording.stored import DEPTH_SUFFIXES
from emorec_vision.sources.recording.stored import StoredFolder
from emorec_vision.sources.recording.tum import nearest
from emorec_vision.sources.recording.tum import WITHIN
from emorec_vision.stamps import seconds_to_ns
from emorec_vision.still_image.header import SUFFIXES

COLOUR = re.compile(r'rgb|colou?r|images?(?![a-z])|img|photos?(?![a-z])')
DEPTH = re.compile(r'depths?(?![a-z])')
OTHER = re.compile(r'(?<![a-z])(ir|infra(red)?|mask|label|normals?|confidence|seg\w*|vis|'
                   r'preview|semantic|instance)(?![a-z])')
DEFAULT_FRAME_RATE = 30.0
SECONDS = re.compile(r'\d{9,10}\.\d{1,9}')
"""Names that are times, as those of TUM RGB-D's files."""


class NamedFolder(StoredFolder):
    """Read images whose names, or those of their folders, say rgb or color, and depth.

    That is rgb/0001.png with depth/0001.png (Open3D, ScanNet), frame-000001.color.png with
    frame-000001.depth.png (7-Scenes) and so on: what is left of a name without these words is
    the same for both. Files named by times are paired by them. Frames are 1 / rate of
    camera.json apart, in natural order. Beside a camera.json images need no such word.
    """

    def list_frames(self, files: list[Path]) -> list[RecordedFrame]:
        """Return the frames."""
        colours, depths = _images(self.folder, files)
        if all(SECONDS.fullmatch(key) for key in [*colours, *depths]):
            self.usual_unit, self.usual_unit_is_of = TUM, 'TUM RGB-D, whose names these are,'
            times = sorted((_time(key), path) for key, path in depths.items())
            return [RecordedFrame(_time(key), path, nearest(times, _time(key), WITHIN))
                    for key, path in colours.items()]
        if not colours:
            raise InputError(f'{self.folder} holds depth images, but no colour images')
        order = sorted(colours, key=_natural_key)
        pairs = {key: depths.get(key) for key in order}
        if depths and not any(pairs.values()):
            pairs = self._by_order(order, sorted(depths, key=_natural_key), depths)
        rate = self.camera.rate or DEFAULT_FRAME_RATE
        return [RecordedFrame(seconds_to_ns(place / rate), colours[key], pairs[key])
                for place, key in enumerate(order)]

    @classmethod
    def recognises(cls, files: list[Path]) -> bool:
        """Tell whether there are colour and depth images, or images beside a camera.json."""
        if not files:
            return False
        colours, depths = _images(files[0].parent, files)
        return bool(colours and (depths or any(path.name == CAMERA for path in files)))

    def _by_order(self, order: list[str], depth_order: list[str],
                  depths: dict[str, Path]) -> dict[str, Path | None]:
        """Return pairs in natural order where there are as many of both, otherwise none."""
        if len(order) != len(depth_order):
            self.warnings.append(
                f'{self.folder}: no name of a depth image fits one of a colour image '
                f'({len(depth_order)} and {len(order)}): playing without depth')
            return dict.fromkeys(order)
        self.warnings.append(f'{self.folder}: the names of colour and depth images differ: paired '
                             'in their order')
        return {key: depths[other] for key, other in zip(order, depth_order)}


def _images(folder: Path, files: list[Path]) -> tuple[dict[str, Path], dict[str, Path]]:
    """Return colour and depth images by what is left of their names without these words."""
    inside = list(files)
    for part in files:
        if (COLOUR.search(part.name.lower()) or DEPTH.search(part.name.lower())) and (
                part.is_dir()):
            inside += part.iterdir()
    has_camera = any(path.name == CAMERA for path in files)
    colours: dict[str, Path] = {}
    depths: dict[str, Path] = {}
    for path in inside:
        name = path.relative_to(folder).with_suffix('').as_posix().lower()
        suffix = path.suffix.lower()
        if path.name.startswith('.') or OTHER.search(name) or not path.is_file():
            continue
        if DEPTH.search(name):
            if suffix in DEPTH_SUFFIXES:
                depths[_key(path)] = path
        elif suffix in SUFFIXES and (COLOUR.search(name) or has_camera):
            colours[_key(path)] = path
    return colours, depths


def _key(path: Path) -> str:
    """Return what is left of a file's name without what says colour or depth."""
    stem = path.stem.lower()
    return DEPTH.sub('', COLOUR.sub('', stem)).strip('_-. ')


def _time(key: str) -> int:
    return seconds_to_ns(float(key))


def _natural_key(key: str) -> list[tuple[int, str]]:
    return [(int(part[:18]), '') if part.isdecimal() else (-1, part)
            for part in re.split(r'(\d+)', key)]
