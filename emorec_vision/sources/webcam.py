# SPDX-License-Identifier: Apache-2.0
"""Frames of a webcam, through Video4Linux, AVFoundation (macOS) or Media Foundation (Windows)."""

from collections.abc import Sequence
from pathlib import Path
import re
import sys

import cv2
from emorec_vision.errors import InputError
from emorec_vision.quiet_opencv import quiet_opencv
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost
from emorec_vision.sources.camera_names import Mode
from emorec_vision.sources.capture import open_capture

READ_ATTEMPTS = 3
BACKENDS = {'darwin': cv2.CAP_AVFOUNDATION, 'win32': cv2.CAP_MSMF}
"""OpenCV's own, by sys.platform; elsewhere Video4Linux."""
TRIED_UNLISTED = range(4)
"""Numbers that the first camera is looked for under where cameras are not listed as files."""
KNOWN_DEVICES = Path('/sys/class/video4linux')
"""Where Linux keeps the names of the cameras, and a link to the USB interface of each."""


class WebcamSource(Source):
    """Deliver the frames of a webcam as they come.

    Args:
        device: N of /dev/videoN, or the path of a device or of a link to it, such as those below
            /dev/v4l/by-id; None for the first camera that delivers an image.
        devices: the folder with the videoN devices.
        known: the folder with what Linux knows of them.
        mode: what the camera is asked for; it gives what it has that is nearest.

    Raises:
        InputError: if there is no such camera, or it does not deliver.
    """

    kind = 'webcam'
    live = True

    def __init__(self, device: int | str | None = None, devices: Path = Path('/dev'),
                 known: Path = KNOWN_DEVICES, mode: Mode = Mode()) -> None:
        """Open the camera and wait for its first image."""
        super().__init__()
        present = _numbers(devices) if sys.platform not in BACKENDS else list(TRIED_UNLISTED)
        if device is None and not present:
            raise InputError('there is no webcam; plug one in, or use --source demo')
        wanted: list[int | str] = [*present] if device is None else [
            _there(device, devices, present)]
        self.number, self._capture = _first_working(wanted, mode)
        self.frame_rate = self._capture.get(cv2.CAP_PROP_FPS) or None
        self.hardware = _name_and_serial(known / f'video{self.number}')
        width, height = (int(self._capture.get(side)) for side in (
            cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT))
        if mode.asked and (width, height) != (mode.width, mode.height):
            self._warnings.append(f'the camera {_listing([self.number])} gives {width}x{height}, '
                                  f'not {mode.width}x{mode.height}')

    def read(self) -> Frame:
        """Wait for the next image and return it, without a stamp."""
        for _ in range(READ_ATTEMPTS):
            with quiet_opencv():
                delivered, bgr = self._capture.read()
            if delivered:
                return Frame(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
        self.close()
        raise SourceLost(f'the camera {_listing([self.number])} stopped delivering images')

    def close(self) -> None:
        """Let go of the camera."""
        self._capture.release()


def _numbers(devices: Path) -> list[int]:
    """Return the numbers of the video devices that are present, ascending."""
    found = (re.fullmatch(r'video(\d+)', path.name) for path in devices.glob('video*'))
    return sorted(int(match[1]) for match in found if match)


def _name_and_serial(device: Path) -> str:
    """Return what Linux calls a camera, with its USB serial number; '' where it says nothing."""
    texts = [path.read_text(errors='replace').strip() for path in (
        device / 'name', (device / 'device').resolve().parent / 'serial') if path.is_file()]
    return ' '.join(texts)


def _there(device: int | str, devices: Path, present: list[int]) -> int | str:
    """Return the number of a device, or its path where it has none.

    Raises:
        InputError: if it is not there.
    """
    if isinstance(device, int):
        if device in present or sys.platform in BACKENDS:
            return device
        path = devices / f'video{device}'
    else:
        path = Path(device)
        if path.exists():
            number = re.fullmatch(r'video(\d+)', path.resolve().name)
            return int(number[1]) if number else device
    raise InputError(f'there is no camera {path} (cameras: {_listing(present)}); plug it in or '
                     'name another')


def _listing(names: Sequence[int | str]) -> str:
    """Return device numbers, and paths, as text."""
    return ', '.join(f'video{name}' if isinstance(name, int) else name for name in names) or 'none'


def _first_working(names: list[int | str], mode: Mode) -> tuple[int | str, cv2.VideoCapture]:
    """Return the first camera that delivers an image; some devices are for metadata only."""
    for name in names:
        capture = _open(name, mode)
        if capture is None:
            continue
        with quiet_opencv():
            if capture.read()[0]:
                return name, capture
        capture.release()
    raise InputError(f'the camera ({_listing(names)}) delivers no image; is it in use by '
                     'another program, or not readable for this user (group video)?')


def _open(name: int | str, mode: Mode) -> cv2.VideoCapture | None:
    """Return an open camera, asked for a mode, or None."""
    settings = {cv2.CAP_PROP_FOURCC: cv2.VideoWriter.fourcc(*mode.fourcc),
                cv2.CAP_PROP_FRAME_WIDTH: mode.width, cv2.CAP_PROP_FRAME_HEIGHT: mode.height,
                cv2.CAP_PROP_FPS: mode.fps}
    if sys.platform not in BACKENDS:
        return open_capture(name, cv2.CAP_V4L2, [each for pair in settings.items()
                                                 for each in pair])
    # these do not open at all with a setting that they do not have
    capture = open_capture(name, BACKENDS[sys.platform])
    if capture is not None:
        with quiet_opencv():
            for which, value in settings.items():
                capture.set(which, value)
    return capture
