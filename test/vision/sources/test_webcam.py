# SPDX-License-Identifier: Apache-2.0
"""A webcam that is missing, busy or pulled out is said so in one line."""

from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.sources import SourceLost
from emorec_vision.sources.webcam import WebcamSource
import numpy as np
import pytest


class FakeCapture:
    """Stand in for cv2.VideoCapture on a machine without cameras."""

    frames_of = {}
    opened = []

    def __init__(self, number: int, backend: int, settings: list) -> None:
        self.number = number
        self.left = self.frames_of.get(number, -1)
        self.released = False
        self.opened.append(self)

    def isOpened(self) -> bool:  # noqa: N802
        return self.left >= 0

    def read(self):
        if self.left <= 0 or self.released:
            return False, None
        self.left -= 1
        return True, np.full((480, 640, 3), (255, 0, 0), np.uint8)

    def get(self, which: int) -> float:
        return 30.0 if which == cv2.CAP_PROP_FPS else 0.0

    def release(self) -> None:
        self.released = True


@pytest.fixture
def cameras(tmp_path: Path, monkeypatch):
    """Return a function that plugs in cameras: number -> images before it vanishes."""
    monkeypatch.setattr(cv2, 'VideoCapture', FakeCapture)

    def plug_in(frames_of: dict[int, int]) -> Path:
        FakeCapture.frames_of, FakeCapture.opened = frames_of, []
        for number in frames_of:
            (tmp_path / f'video{number}').touch()
        return tmp_path
    return plug_in


def test_frames_are_rgb_and_without_a_stamp(cameras):
    source = WebcamSource(0, cameras({0: 5}))
    frame = source.read()
    assert frame.rgb[0, 0].tolist() == [0, 0, 255]
    assert frame.stamp is None and frame.depth is None
    assert (source.kind, source.live, source.frame_rate) == ('webcam', True, 30.0)


def test_without_a_number_the_first_camera_that_delivers_is_taken(cameras):
    devices = cameras({0: -1, 1: 0, 2: 9, 10: 9})
    assert WebcamSource(None, devices).number == 2
    assert [capture.released for capture in FakeCapture.opened] == [True, True, False]


def test_a_camera_that_vanishes_is_lost_and_let_go(cameras):
    source = WebcamSource(0, cameras({0: 3}))
    source.read()
    source.read()
    with pytest.raises(SourceLost, match='video0 stopped delivering'):
        source.read()
    assert FakeCapture.opened[-1].released
    assert issubclass(SourceLost, OSError)


@pytest.mark.parametrize('present, number, told', [
    ({}, None, 'there is no webcam'),
    ({}, 0, r'no camera .*video0 \(cameras: none\)'),
    ({0: 9, 2: 9}, 1, r'no camera .*video1 \(cameras: video0, video2\)'),
    ({0: -1}, 0, r'\(video0\) delivers no image'),
    ({0: 0}, None, r'\(video0\) delivers no image'),
    ({0: 0, 1: -1}, None, r'\(video0, video1\) delivers no image'),
])
def test_a_camera_that_is_missing_or_silent_is_refused(cameras, present, number, told):
    with pytest.raises(InputError, match=told) as refusal:
        WebcamSource(number, cameras(present))
    assert '\n' not in str(refusal.value)


def test_a_device_that_is_no_camera_is_refused_quietly(tmp_path, capfd):
    (tmp_path / 'video63').touch()
    with pytest.raises(InputError, match='delivers no image'):
        WebcamSource(63, tmp_path)
    assert capfd.readouterr() == ('', '')


def test_a_camera_tells_its_name_and_serial_number(cameras, tmp_path):
    """As Linux lists them: the serial number is that of the USB device around the interface."""
    interface = tmp_path / 'usb' / '1-2' / '1-2:1.0'
    interface.mkdir(parents=True)
    (interface.parent / 'serial').write_text('4711\n')
    known = tmp_path / 'known' / 'video3'
    known.mkdir(parents=True)
    (known / 'name').write_text('ACME Cam\n')
    (known / 'device').symlink_to(interface)
    source = WebcamSource(3, cameras({3: 5}), known.parent)
    assert source.hardware == 'ACME Cam 4711'
    assert WebcamSource(3, cameras({3: 5}), tmp_path / 'none').hardware == ''
