# SPDX-License-Identifier: Apache-2.0
"""A webcam that is missing, busy or pulled out is said so in one line."""

from pathlib import Path
import sys

import cv2
from emorec_vision.errors import InputError
from emorec_vision.sources import SourceLost
from emorec_vision.sources.camera_names import is_camera
from emorec_vision.sources.camera_names import webcam_of
from emorec_vision.sources.webcam import WebcamSource
import numpy as np
import pytest


class FakeCapture:
    """Stand in for cv2.VideoCapture on a machine without cameras."""

    frames_of = {}
    opened = []

    def __init__(self, number: int | str, backend: int, settings: list) -> None:
        self.number, self.backend = number, backend
        self.settings = dict(zip(settings[::2], settings[1::2]))
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
        return {cv2.CAP_PROP_FPS: 30.0, cv2.CAP_PROP_FRAME_WIDTH: 640.0,
                cv2.CAP_PROP_FRAME_HEIGHT: 480.0}.get(which, 0.0)

    def set(self, which: int, value: float) -> bool:  # noqa: A003
        self.settings[which] = value
        return True

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


MODE = [cv2.CAP_PROP_FOURCC, cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FPS]


@pytest.mark.parametrize('query, mode, told', [
    ('', ['MJPG', 640, 480, 30], []),
    ('?width=1280&height=720&fps=25', ['MJPG', 1280, 720, 25], ['640x480, not 1280x720']),
    ('?fps=15&format=yuyv', ['YUYV', 640, 480, 15], []),
    ('?width=640', ['MJPG', 640, 480, 30], [])])
def test_a_camera_is_asked_for_what_its_name_says(cameras, query, mode, told):
    """In the order that Video4Linux needs; what comes instead is told."""
    name = webcam_of(f'webcam:1{query}')
    source = WebcamSource(name.device, cameras({1: 5}), mode=name.mode)
    settings = FakeCapture.opened[-1].settings
    assert list(settings) == MODE
    assert list(settings.values()) == [cv2.VideoWriter.fourcc(*mode[0]), *mode[1:]]
    assert [line.partition(' gives ')[2] for line in source.take_warnings()] == told


@pytest.mark.parametrize('spec, device', [
    ('webcam', None), ('webcam?fps=10', None), ('webcam:3', 3), ('webcam:/dev/video2?fps=10',
                                                                 '/dev/video2'),
    ('webcam:/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0',
     '/dev/v4l/by-path/pci-0000:00:14.0-usb-0:1:1.0-video-index0')])
def test_the_device_is_told_from_the_name(spec, device):
    assert webcam_of(spec).device == device
    assert is_camera(spec)


@pytest.mark.parametrize('spec', ['webcam:x', 'webcam:', 'video:webcam', 'webcamera', 'demo'])
def test_other_names_are_no_webcams(spec):
    assert webcam_of(spec) is None
    assert not is_camera(spec)


@pytest.mark.parametrize('query', ['', 'width', 'width=0', 'widht=640', 'fps=fast', 'format=MJPEG',
                                   'width=640&depth=8', 'fps=-1'])
def test_what_a_webcam_does_not_know_is_refused(query):
    with pytest.raises(InputError, match='width=1280&height=720') as refusal:
        webcam_of(f'webcam:0?{query}')
    assert '\n' not in str(refusal.value)


def test_a_link_to_a_device_is_followed(cameras, tmp_path):
    """So is one of those below /dev/v4l/by-id, when the camera comes back elsewhere, too."""
    devices = cameras({2: 9, 4: 9})
    link = tmp_path / 'usb-ACME-index0'
    for number in (2, 4):
        link.unlink(missing_ok=True)
        link.symlink_to(devices / f'video{number}')
        assert WebcamSource(str(link), devices).number == number
    link.unlink()
    with pytest.raises(InputError, match='no camera .*index0 .cameras: video2, video4.'):
        WebcamSource(str(link), devices)


@pytest.mark.parametrize('platform, backend', [
    ('darwin', cv2.CAP_AVFOUNDATION), ('win32', cv2.CAP_MSMF), ('linux', cv2.CAP_V4L2)])
@pytest.mark.parametrize('number', [None, 1])
def test_each_system_has_its_own_cameras(cameras, monkeypatch, platform, backend, number):
    """Elsewhere than on Linux they are no files, and asked for their mode once they are open."""
    devices = cameras({0: -1, 1: 9})
    monkeypatch.setattr(sys, 'platform', platform)
    source = WebcamSource(number, devices if platform == 'linux' else devices / 'none')
    assert source.number == 1
    capture = FakeCapture.opened[-1]
    assert (capture.backend, list(capture.settings)) == (backend, MODE)


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
