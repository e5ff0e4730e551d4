# SPDX-License-Identifier: Apache-2.0
"""The camera.json beside a recording: intrinsics and frame rate."""

from dataclasses import asdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
import json
from pathlib import Path
from typing import Any

from emorec_vision.distortion import COEFFICIENTS
from emorec_vision.distortion import Distortion
from emorec_vision.errors import InputError
from emorec_vision.files.json_text import read_json
from emorec_vision.geometry import Intrinsics
from emorec_vision.sources.recording.depth_unit import stated_unit

NAMES = ('fx', 'fy', 'cx', 'cy')
MATRICES = ('K', 'k', 'camera_matrix', 'intrinsic_matrix', 'data')
LENS = 'distortion'
RATES = ('rate', 'frame_rate', 'fps')


@dataclass(frozen=True)
class CameraFile:
    """What camera.json says.

    Attributes:
        intrinsics: of the colour camera.
        rate: in Hz.
        depth_unit: mm per count.
        of_frame: intrinsics by the digits of a file name.
    """

    intrinsics: Intrinsics | None = None
    rate: float | None = None
    depth_unit: float | None = None
    of_frame: dict[str, Intrinsics] = field(default_factory=dict)


def read_camera_file(path: Path) -> CameraFile:
    """Read a camera.json.

    Intrinsics are fx, fy, cx and cy (px), with or without 'distortion' (model and coefficients of
    a CameraInfo), or the nine numbers of a matrix K, row by row or (Open3D) column by column, at
    the top or under 'intrinsics'; per frame under 'frames', by number, where the first nine
    numbers are K. The rate is 'rate', in Hz, the unit of depth what `stated_unit` finds. What
    else is there is passed over.

    Raises:
        InputError: if the file is no JSON object, its numbers make no camera, or the unit of
            depth is none.
    """
    content = read_json(path)
    if not isinstance(content, dict):
        raise InputError(f'{path} holds no JSON object')
    try:
        rates = [float(content[name]) for name in RATES if name in content]
        found = [_intrinsics(part) for part in (content, content.get('intrinsics'))]
        frames = content.get('frames')
        per_frame = {str(number): _intrinsics(value)
                     for number, value in (frames if isinstance(frames, dict) else {}).items()}
    except (KeyError, TypeError, ValueError):
        raise InputError(f'{path}: the intrinsics or the rate are no numbers') from None
    try:
        depth_unit = stated_unit(content)
    except ValueError as error:
        raise InputError(f'{path}: {error}') from None
    if any(not 0 < rate < 1000 for rate in rates):
        raise InputError(f'{path}: a rate of {rates[0]:g} Hz is not between 0 and 1000')
    return CameraFile(
        next((known for known in found if known is not None), None),
        rates[0] if rates else None, depth_unit,
        {number: known for number, known in per_frame.items() if known is not None})


def camera_text(intrinsics: Intrinsics | None, width: int, height: int) -> str:
    """Return the text of a camera.json of images of this size, px."""
    known: dict[str, Any] = {}
    if intrinsics is not None:
        known = {name: getattr(intrinsics, name) for name in NAMES}
        if intrinsics.distortion is not None:
            known[LENS] = asdict(intrinsics.distortion)
    return json.dumps({'width': width, 'height': height, **known,
                       'depth': 'uint16 mm, aligned to colour, 0 = no reading'}, indent=1) + '\n'


def _intrinsics(part: Any) -> Intrinsics | None:
    """Return the intrinsics in a part of the file, if it has any.

    Raises:
        KeyError, ValueError, TypeError: if they make no camera.
    """
    if isinstance(part, dict):
        if all(name in part for name in NAMES):
            return replace(_checked([float(part[name]) for name in NAMES]),
                           distortion=_lens(part.get(LENS)))
        return next((_intrinsics(part[name]) for name in MATRICES if name in part), None)
    while isinstance(part, list) and part and isinstance(part[0], list) and len(part[0]) == 9:
        part = part[0]
    if not isinstance(part, list) or not part:
        return None
    numbers = [float(value) for row in part for value in (row if isinstance(row, list) else [row])]
    if len(numbers) == 4:
        return _checked(numbers)
    if len(numbers) != 9:
        return None
    by_columns = numbers[2] == numbers[5] == 0 and min(numbers[6:8]) > 0
    places = (0, 4, 6, 7) if by_columns else (0, 4, 2, 5)
    return _checked([numbers[place] for place in places])


def _lens(part: Any) -> Distortion | None:
    """Return the distortion in a part of the file, if it has any.

    Raises:
        KeyError, ValueError, TypeError: if it makes none.
    """
    if part is None:
        return None
    coefficients = tuple(float(number) for number in part['coefficients'])
    if COEFFICIENTS.get(part['model']) != len(coefficients):
        raise ValueError
    return Distortion(part['model'], coefficients)


def _checked(numbers: list[float]) -> Intrinsics:
    """Return fx, fy, cx, cy as intrinsics.

    Raises:
        ValueError: if a focal length is not positive or a number not finite.
    """
    if not (min(numbers[:2]) > 0 and all(abs(number) < 1e6 for number in numbers)):
        raise ValueError
    fx, fy, cx, cy = numbers
    return Intrinsics(fx, fy, cx, cy)
