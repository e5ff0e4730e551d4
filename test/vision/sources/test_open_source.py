# SPDX-License-Identifier: Apache-2.0
"""A source is opened by its name, or refused in one line."""

import os

from emorec_vision.errors import InputError
from emorec_vision.sources import open_source
import pytest


@pytest.mark.parametrize('spec, kind, live', [('demo', 'demo', True)])
def test_a_source_is_opened_by_its_name(spec, kind, live):
    with open_source(spec) as source:
        assert (source.kind, source.live, source.stills) == (kind, live, False)
        assert source.read() is not None


@pytest.mark.parametrize('spec', ['', 'kinect2', 'video', 'video:', 'images:', 'webcam:x',
                                  'webcam:-1', 'webcam:', 'demo:2', 'Demo',
                                  'recording', 'recording:', 'bag', 'bag:'])
def test_another_name_is_refused_and_the_names_are_told(spec):
    names = 'kinect.*webcam.*video:FILE.*images:DIR.*recording:DIR.*bag:PATH.*demo'
    with pytest.raises(InputError, match=names) as refusal:
        open_source(spec)
    assert f"'{spec}'" in str(refusal.value)


@pytest.mark.parametrize('spec, told', [
    ('video:none.mp4', 'there is no video file none.mp4'),
    ('images:none', 'there is no folder none'),
    ('webcam:63', 'there is no camera /dev/video63'),
])
def test_what_is_missing_is_named_at_once_and_quietly(spec, told, capfd, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=told) as refusal:
        open_source(spec)
    assert '\n' not in str(refusal.value)
    assert capfd.readouterr() == ('', '')


@pytest.mark.parametrize('spec', ['video:FILE', 'images:FILE', 'images:FILE/below'])
def test_a_name_that_is_too_long_is_refused_in_one_line(spec, tmp_path):
    long = str(tmp_path / ('a' * 300))
    with pytest.raises(InputError, match='cannot read .*: File name too long') as refusal:
        open_source(spec.replace('FILE', long))
    assert '\n' not in str(refusal.value)


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
@pytest.mark.parametrize('spec', ['video:PLACE/clip.avi', 'video:PLACE/below/clip.avi',
                                  'images:PLACE', 'images:PLACE/below'])
def test_what_may_not_be_read_is_told_so(spec, tmp_path):
    place = tmp_path / 'place'
    (place / 'below').mkdir(parents=True)
    (place / 'clip.avi').write_bytes(b'')
    (place / 'clip.avi').chmod(0)
    place.chmod(0o700 if spec == 'video:PLACE/clip.avi' else 0)
    try:
        with pytest.raises(InputError, match='Permission denied'):
            open_source(spec.replace('PLACE', str(place)))
    finally:
        place.chmod(0o700)
