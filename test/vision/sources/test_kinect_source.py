# SPDX-License-Identifier: Apache-2.0
"""A Kinect delivers aligned pairs, and says in one line what is wrong with it."""

from collections import Counter
import sys

from emorec_vision.errors import InputError
from emorec_vision.sources import open_source
from emorec_vision.sources import SourceLost
from emorec_vision.sources.kinect.depth import raw_to_millimetres
from emorec_vision.sources.kinect.depth import register_depth
from emorec_vision.sources.kinect.device import KinectSettings
from emorec_vision.sources.kinect.device import LibraryHangs
from emorec_vision.sources.kinect.source import kinect_is_plugged_in
from emorec_vision.sources.kinect.source import KinectSource
from emorec_vision.sources.kinect.source import plays_raw_depth_only
from fake_freenect import FakeFreenect
from fake_freenect import Session
import numpy as np
import pytest


def settings(**values):
    return KinectSettings(**{'frame_timeout': 0.3, **values})


def test_registered_depth_is_delivered_as_it_is_with_its_own_colour():
    counts = Counter()
    freenect = FakeFreenect(Session(8))
    source = KinectSource(settings(), counts=counts, freenect=freenect)
    frames = []
    with pytest.raises(SourceLost, match='stopped delivering images'):
        while True:
            frames.append(source.read())
    assert len(frames) >= 2
    for frame in frames:
        assert frame.rgb.shape == (480, 640, 3) and frame.rgb.dtype == np.uint8
        assert frame.depth.shape == (480, 640) and frame.depth.dtype == np.uint16
        assert np.ptp(frame.rgb) == np.ptp(frame.depth) == 0  # not overwritten meanwhile
        assert frame.depth[0, 0] == 999 + int(frame.rgb[0, 0, 0])
        assert frame.intrinsics.fx == 525 and frame.stamp is None
    assert counts['colour frames'] == counts['depth frames'] == 8
    assert counts['frames without partner'] == 0
    assert counts['pairs not read in time'] == 8 - len(frames)
    assert ('set_depth_mode', 1, FakeFreenect.DEPTH_REGISTERED) in freenect.calls
    assert [call[0] for call in freenect.calls[-2:]] == ['close_device', 'shutdown']
    assert not any(call[0] in ('set_led', 'set_tilt_degs') for call in freenect.calls)


@pytest.mark.parametrize('mode, constant, millimetres', [
    ('mm', FakeFreenect.DEPTH_MM, lambda depth: depth),
    ('11bit', FakeFreenect.DEPTH_11BIT, raw_to_millimetres),
])
def test_other_depth_is_registered_here(mode, constant, millimetres):
    freenect = FakeFreenect(Session(3, 'frozen'))
    with KinectSource(settings(depth_mode=mode), freenect=freenect) as source:
        frame = source.read()
    assert ('set_depth_mode', 1, constant) in freenect.calls
    delivered = np.full((480, 640), 999 + int(frame.rgb[0, 0, 0]), np.uint16)
    assert np.array_equal(frame.depth, register_depth(millimetres(delivered)))
    assert np.count_nonzero(frame.depth) > 150_000


@pytest.mark.parametrize('freenect, index, told', [
    (FakeFreenect(starts=False), 0, 'libfreenect does not start'),
    (FakeFreenect(present=[0]), 0, 'there is no Kinect; plug it in, with its own power supply'),
    (FakeFreenect(present=[1]), 1, r'there is no Kinect number 1 \(found: 1\)'),
    (FakeFreenect(opens=False), 0, 'cannot be opened; is another program using it'),
    (FakeFreenect(Session(0)), 0, 'delivers no images'),
])
def test_a_kinect_that_cannot_be_used_is_refused_in_one_line(freenect, index, told):
    with pytest.raises(InputError, match=told) as refusal:
        KinectSource(settings(index=index), freenect=freenect)
    assert '\n' not in str(refusal.value)


def test_a_kinect_that_comes_back_is_opened_again():
    freenect = FakeFreenect(Session(2), Session(0), Session(3, 'frozen'))
    with KinectSource(settings(), freenect=freenect) as source:
        with pytest.raises(SourceLost, match='unplugged'):
            while True:
                source.read()
    with pytest.raises(InputError, match='delivers no images'):
        KinectSource(settings(), freenect=freenect)
    with KinectSource(settings(), freenect=freenect) as source:
        assert source.read().rgb[0, 0, 0] in (1, 2, 3)


@pytest.mark.parametrize('end, told', [
    ('frozen', 'the Kinect is frozen: no image for 0.3 s'),
    ('colour only', 'the Kinect is frozen: no depth image for 0.3 s'),
])
def test_a_frozen_kinect_is_closed_and_said(end, told):
    freenect = FakeFreenect(Session(2, end))
    source = KinectSource(settings(), freenect=freenect)
    with pytest.raises(SourceLost, match=told):
        while True:
            source.read()
    assert freenect.calls[-1] == ('shutdown',)


def test_a_library_that_does_not_come_back_is_no_frozen_kinect(monkeypatch):
    monkeypatch.setattr('emorec_vision.sources.kinect.device.PATIENCE_WITH_LIBRARY', 0.1)
    freenect = FakeFreenect(Session(2, 'hang'))
    source = KinectSource(settings(), freenect=freenect)
    with pytest.raises(LibraryHangs):
        while True:
            source.read()
    freenect.let_go.set()


@pytest.mark.parametrize('obeys, warnings', [
    (True, []), (False, ['the lamp of the Kinect does not obey',
                         'lamp or tilt of the Kinect: the motor is stuck'])])
def test_lamp_and_tilt_are_set_where_asked_for_and_never_fatal(obeys, warnings):
    freenect = FakeFreenect(Session(3, 'frozen'), obeys=obeys)
    with KinectSource(settings(led='green', tilt=12.5), freenect=freenect) as source:
        assert source.read() is not None
        assert source.take_warnings() == warnings
    assert ('set_led', 1) in freenect.calls
    assert ('set_tilt_degs', 12.5) in freenect.calls


def test_a_missing_wrapper_is_said_with_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, 'freenect', None)
    with pytest.raises(InputError, match='apt install libfreenect-dev.*pip install freenect=='):
        open_source('kinect')


def test_a_wrapper_that_does_not_fit_its_library_is_said_with_the_reason(monkeypatch, tmp_path):
    (tmp_path / 'freenect.py').write_text("raise ImportError('undefined symbol: somewhere')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, 'freenect', raising=False)
    with pytest.raises(InputError, match='undefined symbol: somewhere'):
        open_source('kinect')
    assert not kinect_is_plugged_in()


@pytest.mark.parametrize('freenect, is_there', [
    (FakeFreenect(), True), (FakeFreenect(present=[0]), False),
    (FakeFreenect(starts=False), False)])
def test_a_kinect_is_looked_for_without_opening_it(freenect, is_there, monkeypatch):
    monkeypatch.setitem(sys.modules, 'freenect', freenect)
    assert kinect_is_plugged_in() is is_there
    assert freenect.calls in ([], [('shutdown',)])


@pytest.mark.parametrize('library, raw_only', [
    ('/usr/lib/x86_64-linux-gnu/fakenect/libfreenect.so.0.5.3', True),
    ('/opt/lib/fakenect/libfakenect.so', False),
    ('/usr/lib/x86_64-linux-gnu/libfreenect.so.0.5.3', False)])
def test_fakenect_of_raw_depth_is_known_by_its_place(library, raw_only, tmp_path):
    (tmp_path / 'maps').write_text(f'7f0000000000-7f0000001000 r--p 00000000 08:01 1 {library}\n')
    assert plays_raw_depth_only(tmp_path / 'maps') is raw_only
    assert not plays_raw_depth_only(tmp_path / 'missing')
