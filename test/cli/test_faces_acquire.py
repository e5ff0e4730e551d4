# SPDX-License-Identifier: Apache-2.0
"""`emorec faces acquire` takes photos from any source and says what it waits for."""

import os
from pathlib import Path
import signal
import subprocess
import sys

import cv2
from emorec_cli.faces.acquire import Acquisition
from emorec_cli.faces.photo_views import View
from emorec_cli.main import main
from emorec_vision.people.collector import PhotoCollector
from emorec_vision.people.folder import load_people
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.people.store import PeopleStore
from emorec_vision.sources import Frame
from emorec_vision.sources import Source
from emorec_vision.sources import SourceLost
from emorec_vision.sources.demo.room import POSTER
from emorec_vision.sources.demo.source import DemoScene
import numpy as np
from patience import wait_until
import pytest

FRAMES = range(90, 150)
"""Of the demo scene: she is near, and tilts her head."""


@pytest.fixture(autouse=True)
def no_screen(monkeypatch):
    """Run without a window, whatever the machine has."""
    for variable in ('DISPLAY', 'WAYLAND_DISPLAY'):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope='module')
def films(tmp_path_factory) -> dict[str, Path]:
    """Return a film of the demo scene, one of it without the poster, and one of the room."""
    folder = tmp_path_factory.mktemp('films')
    paths = {name: folder / f'{name}.avi' for name in ('two', 'one', 'nobody')}
    writers = {name: cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), 30.0, (640, 480))
               for name, path in paths.items()}
    scene = DemoScene()
    for index in FRAMES:
        bgr = cv2.cvtColor(scene.frame(index).rgb, cv2.COLOR_RGB2BGR)
        writers['two'].write(bgr)
        wall = POSTER.expand(0.05)
        bgr[wall.y:wall.bottom, wall.x:wall.right] = 150
        writers['one'].write(bgr)
        if index < 100:
            writers['nobody'].write(np.full_like(bgr, 150))
    for writer in writers.values():
        writer.release()
    return paths


def acquire(capsys, *arguments: object) -> tuple[int, str, str]:
    """Run the command and return its status, what it printed and what it complained of."""
    try:
        status = main(['faces', 'acquire', *map(str, arguments)])
    except SystemExit as end:
        status = int(end.code or 0)
    printed = capsys.readouterr()
    complaints = printed.err.splitlines(keepends=True)
    return status, printed.out, ''.join(
        line for line in complaints if 'faces are found by' not in line)


def test_photos_of_a_film_and_a_sheet_of_them_are_written(capsys, films, tmp_path):
    people = tmp_path / 'people'
    source = f'video:{films["one"]}'
    status, said, complaints = acquire(
        capsys, '--name', 'Ada/B.', '--num-photos', 3, '--source', source, '--people', people)
    home = people / 'Ada%2FB.'
    assert (status, complaints) == (0, '')
    assert said.splitlines()[0] == f'Ada/B.: 3 photos taken, 3 in all, in {home}'
    assert said.splitlines()[-1] == f'next: emorec faces train --people {people}'
    files = sorted(path.name for path in home.iterdir())
    assert files == ['0001.png', '0002.png', '0003.png', 'review']
    photo = cv2.imread(str(home / '0001.png'), cv2.IMREAD_UNCHANGED)
    assert photo.shape == (150, 150)
    sheet = cv2.imread(str(home / 'review' / 'contact_sheet.png'), cv2.IMREAD_UNCHANGED)
    assert sheet.shape == (168, 450) and np.array_equal(sheet[:150, :150], photo)
    loaded = load_people(people)
    assert loaded.names == ['Ada/B.'] and len(loaded.images['Ada/B.']) == 3
    assert loaded.warnings == []
    status, said, _ = acquire(
        capsys, '--name', 'Ada/B.', '--num-photos', 30, '--source', source, '--people', people)
    first, second = said.splitlines()[:2]
    assert status == 0 and PeopleFolder(people).count('Ada/B.') > 3
    assert f'{PeopleFolder(people).count("Ada/B.")} in all' in first
    assert second.startswith('fewer than 30: the source ended; of 60 images: move a little')


@pytest.mark.parametrize('film, why', [
    ('two', 'two faces in view 5'), ('nobody', 'of 10 images: nobody in view 10')])
def test_a_film_without_a_usable_face_ends_with_the_reason(capsys, films, tmp_path, film, why):
    status, said, complaints = acquire(capsys, '--name', 'Ada', '--people', tmp_path / 'people',
                                       '--source', f'video:{films[film]}')
    assert (status, said) == (2, '')
    assert 'no photo of Ada was taken: the source ended; ' in complaints and why in complaints
    assert complaints.count('\n') == 1
    assert not (tmp_path / 'people' / 'Ada').exists()


def test_a_folder_of_images_is_a_source(capsys, astronaut, tmp_path):
    for number, tilt in enumerate((0, 9)):
        turn = cv2.getRotationMatrix2D((225, 114), tilt, 1.0 + 0.01 * tilt)
        image = cv2.warpAffine(cv2.cvtColor(astronaut, cv2.COLOR_RGB2BGR), turn, (512, 512))
        cv2.imwrite(str(tmp_path / f'{number}.png'), image)
    status, said, _ = acquire(capsys, '--name', 'Eileen', '--source', f'images:{tmp_path}',
                              '--people', tmp_path / 'people')
    assert status == 0 and 'Eileen: 2 photos taken' in said


@pytest.mark.parametrize('options, told', [
    (['--name', ' '], 'the name is empty'),
    (['--name', 'a' * 300], 'is too long'),
    (['--name', 'Ada', '--source', 'video:none.mp4'], 'there is no video file none.mp4'),
    (['--name', 'Ada', '--source', 'nonsense'], "'nonsense' is no source"),
    (['--name', 'Ada', '--num-photos', '0'], '0 is not a whole number of 1 or more'),
    (['--name', 'Ada', '--people', '/dev/null', '--source', 'demo'], '/dev/null is no folder'),
    (['--source', 'demo'], '--name'),
])
def test_bad_input_is_refused_in_one_line(capsys, options, told):
    status, said, complaints = acquire(capsys, *options)
    assert (status, said) == (2, '') and told in complaints.splitlines()[-1]


class Camera(Source):
    """Deliver the same portrait at 30 Hz, however slow the machine, until the camera is lost."""

    kind = 'webcam'
    live = True

    def __init__(self, portrait: np.ndarray, count: int) -> None:
        super().__init__()
        self._frames = [Frame(portrait, number * 33_333_333) for number in range(count)]

    def read(self) -> Frame:
        if not self._frames:
            raise SourceLost('webcam:0 is gone')
        return self._frames.pop(0)


class Keys(View):
    """Press keys, one an image."""

    def __init__(self, keys: str) -> None:
        self.keys = list(keys)
        self.shown: list[tuple[int, int, str]] = []

    def show(self, rgb, faces, taken, hint):
        self.shown.append((len(faces), taken, hint))
        return self.keys.pop(0).strip() if self.keys else ''


@pytest.mark.parametrize('keys, images, ending', [
    ('', 12, 'webcam:0 is gone'), ('    c  c', 12, 'webcam:0 is gone'),
    ('    q', 5, 'ended by hand'), ('    ccccccc', None, '')])
def test_keys_take_photos_by_hand_and_end(astronaut, tmp_path, keys, images, ending):
    view, people = Keys(keys), PeopleStore(tmp_path / 'people')
    acquisition = Acquisition(Camera(astronaut, 12), PhotoCollector(6), people, 'Ada', view)
    assert acquisition.run() == ending
    taken = len(acquisition.collector.photos)
    assert people.count('Ada') == taken >= min(1 + keys.count('c'), 6)
    assert images is None or acquisition.images == len(view.shown) == images
    assert view.shown[0] == (0, 0, 'nobody in view') and (1, 1, '') in view.shown


def test_auto_never_takes_photos_of_the_demo_scene(capsys, monkeypatch, tmp_path):
    monkeypatch.setattr('emorec_cli.live.find_source', lambda: ('demo', 'no camera was found'))
    status, _, complaints = acquire(capsys, '--name', 'Ada', '--people', tmp_path)
    assert status == 2 and 'there is no camera' in complaints


@pytest.mark.parametrize('number', [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_keeps_what_was_taken(tmp_path, number):
    process = subprocess.Popen(
        [sys.executable, '-m', 'emorec_cli.main', 'faces', 'acquire', '--name', 'Ada',
         '--num-photos', '99', '--source', 'demo', '--people', str(tmp_path)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ)
    people = PeopleFolder(tmp_path)
    wait_until(lambda: people.count('Ada') >= 2)
    process.send_signal(number)
    try:
        said, complaints = process.communicate()
    finally:
        process.kill()
    assert process.returncode == 0, complaints
    assert f'{people.count("Ada")} photos taken' in said and 'interrupted' in said
    assert (tmp_path / 'Ada' / 'review' / 'contact_sheet.png').exists()
