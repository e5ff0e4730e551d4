# SPDX-License-Identifier: Apache-2.0
"""A network camera gives its newest image, is lost when it stops, and keeps its password."""

from collections.abc import Iterator
from time import sleep

from emorec_vision.errors import InputError
from emorec_vision.sources import open_source
from emorec_vision.sources import SourceLost
from emorec_vision.sources.camera_names import is_camera
from emorec_vision.sources.camera_names import masked
from mjpeg_camera import MjpegCamera
import pytest

PASSWORD = 'se:cret'


@pytest.fixture
def camera() -> Iterator[MjpegCamera]:
    """Return a camera that asks for a password."""
    camera = MjpegCamera(PASSWORD)
    yield camera
    camera.close()


def address(camera: MjpegCamera, password: str = 'se%3Acret') -> str:
    """Return the camera's address with credentials of both kinds."""
    return f'http://ada:{password}@127.0.0.1:{camera.port}/video?token=abc'


def test_images_come_and_after_a_drop_they_come_again(camera, capfd):
    with open_source(f'stream:{address(camera)}') as source:
        assert (source.kind, source.live, source.frame_rate) == ('stream', True, None)
        assert source.hardware == f'http://***@127.0.0.1:{camera.port}/video?token=***'
        frame = source.read()
        assert frame.rgb.shape == (48, 64, 3) and frame.stamp is None
        camera.going.clear()
        with pytest.raises(SourceLost, match=r'\*\*\*@127.* stopped delivering') as lost:
            while True:
                source.read()
    with pytest.raises(InputError, match='delivers no image') as refusal:
        open_source(f'stream:{address(camera)}')
    for error in (lost, refusal):
        assert 'cret' not in str(error.value) and 'abc' not in str(error.value)
    camera.going.set()
    with open_source(address(camera)) as source:
        assert source.read().rgb.shape == (48, 64, 3)
    assert camera.connections >= 2
    assert capfd.readouterr() == ('', '')


def test_the_newest_image_wins(camera):
    """What came while nobody read is left out."""
    camera.burst = 31
    with open_source(f'stream:{address(camera)}') as source:
        camera.sent_all.wait()
        sleep(0.5)
        count = 1
        while source.read().rgb.mean() < 30 * camera.STEP - 3:
            count += 1
    assert count < 15


def test_a_wrong_password_is_refused_without_showing_it(camera, capfd):
    with pytest.raises(InputError, match='user and the password right') as refusal:
        open_source(f'stream:{address(camera, "guess")}')
    assert 'guess' not in str(refusal.value) and '\n' not in str(refusal.value)
    assert capfd.readouterr() == ('', '')


def test_the_password_can_stand_in_the_environment(camera, monkeypatch):
    monkeypatch.setenv('CAMERA_LOGIN', 'ada:se%3Acret')
    with open_source(f'stream:http://$CAMERA_LOGIN@127.0.0.1:{camera.port}/') as source:
        assert source.read().rgb.shape == (48, 64, 3)


@pytest.mark.parametrize('spec', ['stream:', 'stream:camera', 'stream:ftp://ada:secret@host/x',
                                  'stream:file:///etc/passwd', 'stream:rtsp://'])
def test_what_is_no_address_is_refused(spec):
    for use in (open_source, is_camera):
        with pytest.raises(InputError, match='give stream:rtsp://HOST/PATH') as refusal:
            use(spec)
        assert 'secret' not in str(refusal.value)


@pytest.mark.parametrize('spec, shown', [
    ('stream:rtsp://ada:pass@host:554/live', 'stream:rtsp://***@host:554/live'),
    ('rtsp://ada:p@ss/w?rd@host/live', 'rtsp://***@host/live'),
    ('rtsp://host/user=admin&password=x&channel=1',
     'rtsp://host/user=***&password=***&channel=***'),
    ('http://host/v?user=a&pwd=b=c', 'http://host/v?user=***&pwd=***'),
    ('video:a=b@c.mp4', 'video:a=b@c.mp4'), ('webcam:0', 'webcam:0')])
def test_credentials_are_masked(spec, shown):
    assert masked(spec) == shown


def test_another_sources_credentials_do_not_show_either():
    with pytest.raises(InputError, match='is no source') as refusal:
        open_source('rstp://ada:secret@host/')
    assert 'secret' not in str(refusal.value)
