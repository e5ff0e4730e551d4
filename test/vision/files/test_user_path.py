# SPDX-License-Identifier: Apache-2.0
"""Paths are understood as users write them, and the wrong kind of file gets the right sentence."""

from collections.abc import Callable
import ctypes
import os
from pathlib import Path
import socket
import subprocess
import sys

import cv2
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.model import model_path
from emorec_vision.errors import InputError
from emorec_vision.faces.detectors.factory import open_detector
from emorec_vision.files.access import read_file
from emorec_vision.files.user_path import expand
from emorec_vision.people.store import PeopleStore
from emorec_vision.sources import open_source
from emorec_vision.sources.camera_info import load_camera_calibration
from emorec_vision.sources.images import read_image
import numpy as np
from people_folders import portraits
import pytest


def write_people(folder: Path) -> None:
    """Write a folder with two people."""
    for seed, name in enumerate(('Ann', 'Bob')):
        (folder / name).mkdir(parents=True)
        for number, face in enumerate(portraits(seed)):
            cv2.imwrite(str(folder / name / f'{number}.png'), face)


@pytest.fixture
def home(tmp_path, monkeypatch) -> Path:
    """Return a home folder with images, a video, a recording, and what looks like a bag."""
    monkeypatch.setenv('HOME', str(tmp_path))
    monkeypatch.setenv('PLACE', str(tmp_path / 'images'))
    for name in ('images', 'recording', 'bag', 'empty'):
        (tmp_path / name).mkdir()
    image = np.full((48, 64, 3), 90, np.uint8)
    cv2.imwrite(str(tmp_path / 'images' / 'a.png'), image)
    cv2.imwrite(str(tmp_path / 'recording' / '0_rgb.png'), image)
    (tmp_path / 'bag' / 'bag_0.mcap').write_bytes(b'')
    (tmp_path / 'notes.webp').write_bytes(b'')
    video = cv2.VideoWriter(str(tmp_path / 'clip.avi'), cv2.VideoWriter_fourcc(*'MJPG'), 10,
                            (64, 48))
    for _ in range(3):
        video.write(image)
    video.release()
    return tmp_path


@pytest.mark.parametrize('written', ['~/images', '$HOME/images', '${PLACE}', '$PLACE'])
def test_home_and_variables_are_put_in(home, written):
    assert expand(written) == home / 'images'
    assert open_source(f'images:{written}').read() is not None


def test_what_is_there_as_it_is_written_is_meant(home, monkeypatch):
    monkeypatch.chdir(home)
    (home / '~').mkdir()
    (home / '$PLACE').write_text('')
    assert (expand('~'), expand('$PLACE')) == (Path('~'), Path('$PLACE'))
    assert expand('$NOWHERE/x') == Path('$NOWHERE/x')


@pytest.mark.parametrize('spec', [
    'video:~/clip.avi', 'video:$HOME/clip.avi', 'recording:~/recording', 'images:~/images',
    '~/clip.avi', '$HOME/images'])
def test_every_source_puts_them_in(home, spec):
    with open_source(spec) as source:
        assert source.read() is not None


@pytest.mark.parametrize('spec, told', [
    ('video:~/images', 'it is a folder; it looks like a folder of images: --source images:'),
    ('video:~/recording', 'it looks like a recording: --source recording:'),
    ('video:~/bag', 'it looks like a bag: --source bag:'),
    ('video:~/empty', 'it is a folder$'),
    ('video:~/notes.webp', 'it looks like an image: emorec predict .*notes.webp'),
    ('images:~/clip.avi', 'is no folder; it looks like a video: --source video:'),
    ('images:~/bag', 'holds no image .* it looks like a bag: --source bag:'),
    ('recording:~/images', 'it looks like a folder of images: --source images:'),
    ('recording:~/clip.avi', 'is no folder; it looks like a video: --source video:'),
    ('bag:~/clip.avi', 'no ROS 2 bag.*it looks like a video: --source video:'),
    ('bag:~/images', 'holds no ROS 2 bag.*it looks like a folder of images: --source images:')])
def test_what_fits_is_named(home, spec, told):
    with pytest.raises(InputError, match=told) as refusal:
        open_source(spec)
    assert '\n' not in str(refusal.value)


def test_an_image_that_is_a_folder_or_a_video_is_told_so(home):
    for path, told in ((home / 'images', 'it is a folder; it looks like a folder of images'),
                       (home / 'clip.avi', 'is no image.*it looks like a video')):
        with pytest.raises(InputError, match=told):
            read_image(path)


def test_options_of_nodes_and_commands_put_them_in(home):
    (home / 'my.onnx').write_bytes(model_path('').read_bytes())
    assert EmotionModel(model_path('~/my.onnx')).path == home / 'my.onnx'
    for name in ('~/no.yaml', 'file://~/no.yaml'):
        with pytest.raises(InputError, match=f'no calibration file {home}/no.yaml'):
            load_camera_calibration(name)
    with pytest.raises(InputError, match=f'no cascade file {home}/no.xml'):
        open_detector('haar', cascade='~/no.xml')
    with pytest.raises(InputError, match=f'YuNet model {home}/no.onnx'):
        open_detector('yunet', '~/no.onnx')


def make_pipe(path: Path) -> None:
    """Make a named pipe that nobody writes to."""
    os.mkfifo(path)


def make_socket(path: Path) -> None:
    """Make a socket that nobody listens on."""
    with socket.socket(socket.AF_UNIX) as end:
        here = os.getcwd()
        os.chdir(path.parent)  # the name of a socket may have 108 bytes
        try:
            end.bind(path.name)
        finally:
            os.chdir(here)


def make_device(path: Path) -> None:
    """Make a link to a device that never ends."""
    path.symlink_to('/dev/zero')


@pytest.mark.timeout(60)
@pytest.mark.parametrize('make', [make_pipe, make_socket, make_device])
@pytest.mark.parametrize('name, use', [
    ('a.png', read_image), ('a.bin', read_file), ('a.yaml', load_camera_calibration),
    ('a.onnx', EmotionModel), ('a.mp4', lambda path: open_source(f'video:{path}')),
    ('a.mcap', lambda path: open_source(f'bag:{path}')),
    ('metadata.yaml', lambda path: open_source(f'bag:{path.parent}')),
    ('a_0.db3', lambda path: open_source(f'bag:{path.parent}')),
    ('0_rgb.png', lambda path: open_source(f'recording:{path.parent}')),
    ('INDEX.txt', lambda path: open_source(f'recording:{path.parent}')),
    ('face.onnx', lambda path: open_detector('yunet', path))])
def test_what_is_no_regular_file_is_refused_without_waiting(
        make: Callable[[Path], None], name: str, use: Callable[[Path], object], tmp_path: Path):
    make(tmp_path / name)
    with pytest.raises(InputError, match='no regular file') as refusal:
        use(tmp_path / name)
    assert '\n' not in str(refusal.value)


@pytest.mark.timeout(60)
@pytest.mark.parametrize('name', ['camera.json', 'stamps.txt'])
def test_a_pipe_beside_the_images_of_a_recording_is_refused(name, tmp_path):
    cv2.imwrite(str(tmp_path / '0_rgb.png'), np.zeros((8, 8, 3), np.uint8))
    os.mkfifo(tmp_path / name)
    with pytest.raises(InputError, match=f'{name}: it is no regular file'):
        open_source(f'recording:{tmp_path}')


@pytest.mark.timeout(60)
def test_a_pipe_for_the_model_of_the_people_is_refused(tmp_path):
    write_people(tmp_path)
    (tmp_path / '.model').mkdir()
    os.mkfifo(tmp_path / '.model' / 'people.json')
    with pytest.raises(InputError, match='people.json: it is no regular file'):
        PeopleStore(tmp_path).read()


def test_a_file_that_is_too_large_is_not_read(tmp_path):
    (tmp_path / 'a').write_bytes(b'12345')
    assert read_file(tmp_path / 'a', most_bytes=5) == b'12345'
    with pytest.raises(InputError, match='a has 5 bytes; at most 4 are read'):
        read_file(tmp_path / 'a', most_bytes=4)


def without_privilege() -> None:
    """Take from root, too, the right to read and write everything (CAP_DAC_*)."""
    prctl, drop_from_bounding_set = ctypes.CDLL(None).prctl, 24
    for capability in (1, 2):
        prctl(drop_from_bounding_set, capability, 0, 0, 0)


@pytest.mark.parametrize('words', [
    ['preprocess', 'clip.avi', '--out', 'locked/crops'],
    ['preprocess', 'clip.avi', '--out', 'locked'],
    ['predict', 'a.png', '--out', 'locked'], ['predict', 'a.png', '--model', 'locked/m.onnx'],
    ['predict', 'locked/a.png'], ['faces', 'train', '--people', 'people'],
    ['faces', 'list', '--people', 'locked/people'], ['watch', '--source', 'images:locked'],
    ['watch', '--source', 'bag:locked/a.mcap'], ['record', 'locked/new', '--source', 'demo']])
def test_a_place_without_permission_is_one_line(home, words):
    (home / 'locked').mkdir(0)
    write_people(home / 'people')
    (home / 'people' / '.model').mkdir(0)
    (home / 'images' / 'a.png').rename(home / 'a.png')
    run = subprocess.run(
        [sys.executable, '-m', 'emorec_cli.main', *words], cwd=home, capture_output=True,
        text=True, timeout=60, preexec_fn=without_privilege,
        env={**os.environ, 'PYTHONPATH': ':'.join(filter(None, sys.path))})
    lines = [line for line in run.stderr.splitlines() if 'faces are found by' not in line]
    assert (run.returncode, len(lines)) == (2, 1), run.stderr
    assert 'Permission denied' in lines[0]
