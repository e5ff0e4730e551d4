# SPDX-License-Identifier: Apache-2.0
"""Frames of a webcam, through Video4Linux."""

from pathlib import Path
import re

import cv2
from emorec_vision.errors import InputError
from emorec_vision.quiet_opencv import quiet_opencv
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost
from emorec_vision.sources.capture import open_capture

READ_ATTEMPTS = 3
SETTINGS = [cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*'MJPG'), cv2.CAP_PROP_FRAME_WIDTH, 640,
            cv2.CAP_PROP_FRAME_HEIGHT, 480, cv2.CAP_PROP_FPS, 30]
"""What a webcam is asked for; most give uncompressed 640x480 at less than 30 Hz."""
KNOWN_DEVICES = Path('/sys/class/video4linux')
"""Where Linux keeps the names of the cameras, and a link to the USB interface of each."""


class WebcamSource(Source):
    """Deliver the frames of a webcam as they come, about 640x480 at 30 Hz.

    Args:
        number: N of /dev/videoN; None for the first camera that delivers an image.
        devices: the folder with the videoN devices.
        known: the folder with what Linux knows of them.

    Raises:
        InputError: if there is no such camera, or it does not deliver.
    """

    kind = 'webcam'
    live = True

    def __init__(self, number: int | None = None, devices: Path = Path('/dev'),
                 known: Path = KNOWN_DEVICES) -> None:
        """Open the camera and wait for its first image."""
        super().__init__()
        present = _numbers(devices)
        if number is not None and number not in present:
            raise InputError(f'there is no camera {devices}/video{number} '
                             f'(cameras: {_listing(present)}); plug it in or name another')
        if not present:
            raise InputError('there is no webcam; plug one in, or use --source demo')
        self.number, self._capture = _first_working(
            present if number is None else [number])
        self.frame_rate = self._capture.get(cv2.CAP_PROP_FPS) or None
        self.hardware = _name_and_serial(known / f'video{self.number}')

    def read(self) -> Frame:
        """Wait for the next image and return it, without a stamp."""
        for _ in range(READ_ATTEMPTS):
            with quiet_opencv():
                delivered, bgr = self._capture.read()
            if delivered:
                return Frame(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB))
        self.close()
        raise SourceLost(f'the camera video{self.number} stopped delivering images')

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


def _listing(numbers: list[int]) -> str:
    """Return device numbers as text."""
    return ', '.join(f'video{number}' for number in numbers) or 'none'


def _first_working(numbers: list[int]) -> tuple[int, cv2.VideoCapture]:
    """Return the first camera that delivers an image; some devices are for metadata only."""
    for number in numbers:
        capture = open_capture(number, cv2.CAP_V4L2, SETTINGS)
        if capture is None:
            continue
        with quiet_opencv():
            if capture.read()[0]:
                return number, capture
        capture.release()
    raise InputError(f'the camera ({_listing(numbers)}) delivers no image; is it in use by '
                     'another program, or not readable for this user (group video)?')
