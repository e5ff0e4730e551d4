# SPDX-License-Identifier: Apache-2.0
"""A people folder is read as far as it can be, and what cannot be used is named."""

import os
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.people.folder import default_people_folder
from emorec_vision.people.folder import load_people
from emorec_vision.people.folder import PeopleFolder
import numpy as np
import pytest


def write(path: Path, level: int = 90, size: int = 150) -> Path:
    """Write an evenly gray image, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    assert cv2.imwrite(str(path), np.full((size, size), level, np.uint8))
    return path


def test_each_folder_is_a_person_and_images_come_in_natural_order(tmp_path):
    for number in (10, 2, 1):
        write(tmp_path / 'Zoë van Dyk' / f'{number}.png', 10 * number)
    write(tmp_path / 'Ada' / 'a.jpg', 77)
    people = load_people(tmp_path)
    assert people.names == ['Ada', 'Zoë van Dyk']
    assert [int(p[0, 0]) for p in people.images['Zoë van Dyk']] == [10, 20, 100]
    assert people.images['Ada'][0].shape == (150, 150)
    assert people.images['Ada'][0].dtype == np.uint8
    assert people.warnings == []


def test_colour_images_become_gray(tmp_path):
    (tmp_path / 'Ada').mkdir()
    cv2.imwrite(str(tmp_path / 'Ada' / '1.png'), np.full((9, 9, 3), (0, 0, 255), np.uint8))
    assert load_people(tmp_path).images['Ada'][0].tolist() == [[76] * 9] * 9


def test_hidden_folders_and_loose_files_are_nobody(tmp_path):
    write(tmp_path / 'Ada' / '1.png')
    write(tmp_path / '.trash' / '1.png')
    write(tmp_path / 'loose.png')
    assert load_people(tmp_path).names == ['Ada']


def test_unreadable_images_and_empty_people_are_named_but_not_fatal(tmp_path):
    write(tmp_path / 'Ada' / '1.png')
    (tmp_path / 'Ada' / '2.png').write_bytes(b'broken')
    (tmp_path / 'Bob').mkdir()
    people = load_people(tmp_path)
    assert people.names == ['Ada']
    assert len(people.images['Ada']) == 1
    assert len(people.warnings) == 2
    assert str(tmp_path / 'Ada' / '2.png') in people.warnings[0]
    assert str(tmp_path / 'Bob') in people.warnings[1]


@pytest.mark.parametrize('made, told', [
    (None, 'there is no people folder'),
    ('file', 'there is no people folder'),
    ('empty', 'shows nobody;'),
    ('broken', 'shows nobody .*1.png'),
])
def test_a_folder_that_shows_nobody_is_refused_in_one_line(tmp_path, made, told):
    folder = tmp_path / 'people'
    if made == 'file':
        folder.write_text('hello')
    elif made is not None:
        folder.mkdir()
    if made == 'broken':
        (folder / 'Ada').mkdir()
        (folder / 'Ada' / '1.png').write_bytes(b'broken')
    with pytest.raises(InputError, match=told) as refusal:
        load_people(folder)
    assert str(folder) in str(refusal.value) and '\n' not in str(refusal.value)


def test_a_name_that_is_too_long_is_refused(tmp_path):
    with pytest.raises(InputError, match='cannot read the folder .*: File name too long'):
        load_people(tmp_path / ('a' * 300))


@pytest.mark.skipif(os.geteuid() == 0, reason='root may read everything')
def test_a_folder_that_may_not_be_read_is_refused_and_a_person_named(tmp_path):
    write(tmp_path / 'people' / 'Ada' / '1.png')
    write(tmp_path / 'people' / 'Bob' / '1.png')
    (tmp_path / 'people' / 'Bob').chmod(0)
    people = load_people(tmp_path / 'people')
    (tmp_path / 'people').chmod(0)
    try:
        with pytest.raises(InputError, match='Permission denied'):
            load_people(tmp_path / 'people')
    finally:
        (tmp_path / 'people').chmod(0o700)
        (tmp_path / 'people' / 'Bob').chmod(0o700)
    assert people.names == ['Ada']
    assert 'Permission denied' in people.warnings[0]


def test_a_folder_whose_name_is_no_text_is_left_out(tmp_path: Path) -> None:
    """Such a name fits into no message; it is named, and the others are loaded."""
    for name in (b'Ada', b'\xff\xfe'):
        home = os.path.join(os.fsencode(tmp_path), name)
        os.mkdir(home)
        cv2.imwrite(str(tmp_path / 'face.png'), np.full((50, 50), 99, np.uint8))
        os.replace(tmp_path / 'face.png', os.path.join(home, b'1.png'))
    people = load_people(tmp_path)
    assert people.names == ['Ada']
    assert any('not UTF-8' in warning for warning in people.warnings)


@pytest.mark.parametrize('given, base', [('/data', '/data'), ('relative', None), ('', None)])
def test_the_default_folder_follows_xdg(monkeypatch, given, base):
    monkeypatch.setenv('XDG_DATA_HOME', given)
    monkeypatch.setenv('HOME', '/home/ada')
    assert default_people_folder() == Path(base or '/home/ada/.local/share') / 'emorec' / 'people'


def test_a_folder_shows_who_is_in_it_and_their_photos(tmp_path):
    for number in (1, 2):
        write(tmp_path / 'people' / 'Bob' / f'{number}.png', 10 * number)
    (tmp_path / 'people' / 'A%2FB').mkdir()
    people = PeopleFolder(tmp_path / 'people')
    assert people.names() == ['A/B', 'Bob'] and people.counts() == {'A/B': 0, 'Bob': 2}
    assert people.home('A/B') == tmp_path / 'people' / 'A%2FB'
    assert people.home('C/D') == tmp_path / 'people' / 'C%2FD'
    assert [photo[0, 0] for photo in people.photos('Bob')] == [10, 20]
    assert people.photos('Eve') == people.homes_of('Eve') == [] and people.count('Eve') == 0
    with pytest.raises(InputError, match="is called 'Eve'; known: A/B, Bob$"):
        people.require('Eve')


def test_a_folder_that_is_not_there_shows_nobody_and_a_file_is_none(tmp_path):
    assert PeopleFolder(tmp_path / 'none').counts() == {}
    (tmp_path / 'file').write_text('')
    with pytest.raises(InputError, match='file is no folder; check the path'):
        PeopleFolder(tmp_path / 'file').names()
