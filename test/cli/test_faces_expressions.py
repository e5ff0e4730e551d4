# SPDX-License-Identifier: Apache-2.0
"""`emorec faces expressions` learns from a film and forgets."""

from pathlib import Path

import cv2
from emorec_cli.main import main
from emorec_vision.people.expression_files import FILE
from emorec_vision.people.store import PeopleStore
import numpy as np
from people_folders import photos
import pytest

RATE = 10


@pytest.fixture(autouse=True)
def no_screen(monkeypatch):
    """Run without a window, whatever the machine has."""
    for variable in ('DISPLAY', 'WAYLAND_DISPLAY'):
        monkeypatch.delenv(variable, raising=False)


@pytest.fixture(scope='module')
def film(tmp_path_factory, astronaut) -> Path:
    """Return a film of one face that stays the same for seven seconds."""
    path = tmp_path_factory.mktemp('film') / 'film.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), RATE, (320, 240))
    for index in range(7 * RATE):
        frame = np.full((240, 320, 3), 120, np.uint8)
        left = 90 + index % 3
        frame[:, 40:280] = astronaut[10:250, left:left + 240]
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


@pytest.fixture
def people(tmp_path) -> Path:
    """Return a people folder with Eileen in it."""
    PeopleStore(tmp_path / 'people').add('Eileen', photos(2))
    return tmp_path / 'people'


def expressions(capsys, *arguments: object) -> tuple[int, list[str], str]:
    """Run the command and return its status, its lines and what it complained of."""
    status = main(['faces', 'expressions', *map(str, arguments)])
    printed = capsys.readouterr()
    return status, printed.out.splitlines(), printed.err


def test_a_film_of_one_face_teaches_its_rest_and_says_what_it_did_not_see(
    capsys, film, people
):
    status, said, prompts = expressions(
        capsys, 'Eileen', '--source', f'video:{film}', '--people', people, '--only', 'Happy,Sad',
        '--seconds', 2)
    assert status == 0
    assert said == ['Happy: no difference from rest was seen; skipped',
                    'Sad: no difference from rest was seen; skipped',
                    'Eileen is read by what was shown from now on']
    assert [line for line in prompts.splitlines() if line.endswith('...')] == [
        'look at the camera with a resting face ...', 'smile ...', 'look sad ...']
    path = people / 'Eileen' / FILE
    assert path.stat().st_mode & 0o777 == 0o600
    status, said, _ = expressions(capsys, 'Eileen', '--forget', '--people', people)
    assert (status, path.exists()) == (0, False)
    assert said == ['forgotten of Eileen: the face at rest and all expressions']
    status, said, _ = expressions(capsys, 'Eileen', '--forget', '--people', people)
    assert (status, said) == (2, ['nothing of that was known of Eileen'])


@pytest.mark.parametrize('arguments, complaint', [
    (['Eve'], 'nobody in'), (['Eileen', '--only', 'Bored'], "'Bored' is none of"),
    (['Eileen', '--seconds', '0.5'], 'give more than 1'),
    (['Eileen', '--source', 'nonsense'], 'nonsense')])
def test_bad_input_is_refused_in_one_line(capsys, people, arguments, complaint):
    status, said, complaints = expressions(capsys, *arguments, '--people', people)
    assert (status, said) == (2, [])
    assert complaint in complaints and complaints.count('\n') == 1


def test_a_model_without_a_space_cannot_learn(capsys, people, model):
    status, _, complaints = expressions(capsys, 'Eileen', '--people', people, '--model', model)
    assert status == 2 and 'does not say where expressions lie' in complaints


def test_a_face_that_is_not_there_teaches_nothing(capsys, people, tmp_path):
    path = tmp_path / 'empty.avi'
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*'MJPG'), RATE, (320, 240))
    for _ in range(2 * RATE):
        writer.write(np.full((240, 320, 3), 120, np.uint8))
    writer.release()
    status, said, complaints = expressions(
        capsys, 'Eileen', '--source', f'video:{path}', '--people', people)
    assert (status, said) == (2, [])
    assert 'waiting: no face in view' in complaints
    assert 'at rest was seen in 0 frames' in complaints
    assert not (people / 'Eileen' / FILE).exists()
