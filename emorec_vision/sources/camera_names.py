# SPDX-License-Identifier: Apache-2.0
"""The names of cameras: a webcam with its mode, and the address of a network camera."""

from dataclasses import dataclass
import re
from urllib.parse import parse_qsl

from emorec_vision.errors import InputError

STREAM = 'stream:'
SCHEMES = ('rtsp', 'rtsps', 'http', 'https')
"""Of the addresses of network cameras."""
MODE = {'width': r'[1-9]\d{0,4}', 'height': r'[1-9]\d{0,4}', 'fps': r'[1-9]\d{0,3}',
        'format': r'\w{4}'}
"""What a webcam can be asked for, and how it is written."""


@dataclass(frozen=True)
class Mode:
    """What a webcam is asked for.

    Attributes:
        width: of an image, px.
        height: of an image, px.
        fps: images per second.
        fourcc: how the camera sends them, four letters. MJPG, since most webcams give
            uncompressed 640x480 at less than 30 Hz; YUYV is uncompressed.
        asked: whether the user asked for a width or a height.
    """

    width: int = 640
    height: int = 480
    fps: int = 30
    fourcc: str = 'MJPG'
    asked: bool = False


@dataclass(frozen=True)
class WebcamName:
    """A webcam.

    Attributes:
        device: its number, its path, or None for the first that delivers.
        mode: what it is asked for.
    """

    device: int | str | None
    mode: Mode


def webcam_of(spec: str) -> WebcamName | None:
    """Return the webcam that a source names, None where it names none.

    Args:
        spec: 'webcam', 'webcam:N' or 'webcam:/dev/NAME', and '?width=W&height=H&fps=F&format=C'
            after it, any of these.

    Raises:
        InputError: if what stands after '?' is something else.
    """
    name, question, query = spec.partition('?')
    kind, colon, device = name.partition(':')
    if kind != 'webcam' or (colon and not device.isdecimal() and device[:1] != '/'):
        return None
    values = dict(parse_qsl(query, keep_blank_values=True)) if question else {}
    if question and (not values or not all(
            re.fullmatch(MODE.get(key, '(?!)'), value, re.ASCII)
            for key, value in values.items())):
        raise InputError(f"'{spec}' asks a webcam for something unknown; write it as "
                         'webcam:0?width=1280&height=720&fps=30&format=MJPG, in quotes')
    fourcc = values.pop('format', Mode.fourcc).upper()
    mode = Mode(**{key: int(value) for key, value in values.items()}, fourcc=fourcc,
                asked='width' in values or 'height' in values)
    return WebcamName((int(device) if device.isdecimal() else device) if colon else None, mode)


def stream_of(spec: str) -> str | None:
    """Return the address of the network camera that a source names, None where it names none.

    Raises:
        InputError: if the address is none of SCHEMES.
    """
    if not spec.startswith(STREAM):
        return None
    url = spec.removeprefix(STREAM)
    if not re.match(rf'(?:{"|".join(SCHEMES)})://[^/]', url, re.IGNORECASE):
        raise InputError(f"'{masked(spec)}' is no network camera; give stream:rtsp://HOST/PATH or "
                         'stream:http://HOST/PATH')
    return url


def is_camera(spec: str) -> bool:
    """Tell whether a source is a webcam or a network camera, which one can wait for.

    Raises:
        InputError: as webcam_of and stream_of do.
    """
    return webcam_of(spec) is not None or stream_of(spec) is not None


def kind_of(spec: str) -> str:
    """Return what the name of a source begins with."""
    return re.split('[:?]', spec, maxsplit=1)[0]


def masked(spec: str) -> str:
    """Return a source as it may be logged: without the credentials of an address.

    What stands before '@' is hidden, and the values in a query or, as some cameras have them, in
    the path.
    """
    start, slashes, rest = spec.partition('://')
    if not slashes:
        return spec
    _, at, place = rest.rpartition('@')
    return f'{start}://{"***@" if at else ""}' + re.sub('=[^&/;?]*', '=***', place)
