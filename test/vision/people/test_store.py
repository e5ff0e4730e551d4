# SPDX-License-Identifier: Apache-2.0
"""People are added, renamed and forgotten whole or not at all, and nothing leaves the folder."""

import os
from pathlib import Path
import shutil
import stat

import cv2
from emorec_vision.errors import InputError
from emorec_vision.people.folder import load_people
from emorec_vision.people.model import open_model
from emorec_vision.people.store import Forgotten
from emorec_vision.people.store import PeopleStore
import numpy as np
from people_folders import levels
from people_folders import make_people
from people_folders import photos
import pytest


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder of two people and a model."""
    return make_people(tmp_path / 'people')


def warnings_of(folder: Path) -> list[str]:
    """Return what is told when a folder is tidied up."""
    warnings: list[str] = []
    PeopleStore(folder, warn=warnings.append).tidy()
    return warnings


def test_photos_are_written_as_gray_png_files_and_added_to(tmp_path):
    people = PeopleStore(tmp_path / 'people')
    assert people.names() == [] and people.count('Ada') == 0
    assert people.add('Ada', photos(2)) == 2
    assert people.add('Ada', photos(1, 70)) == 3
    assert people.names() == ['Ada'] and people.count('Ada') == 3
    files = sorted((tmp_path / 'people' / 'Ada').iterdir())
    assert [path.name for path in files] == ['0001.png', '0002.png', '0003.png']
    read = cv2.imread(str(files[2]), cv2.IMREAD_UNCHANGED)
    assert read.shape == (150, 150) and read.dtype == np.uint8 and read[0, 0] == 70
    assert load_people(tmp_path / 'people').names == ['Ada']


def test_a_deleted_photo_is_not_overwritten_by_a_new_one(folder):
    (folder / 'Ada' / '0002.png').unlink()
    PeopleStore(folder).add('Ada', photos(1, 70))
    assert levels(folder, 'Ada') == [10, 12, 70]
    assert (folder / 'Ada' / '0004.png').exists()


def test_only_the_owner_may_look_into_folders_and_photos(tmp_path):
    before = os.umask(0)
    try:
        PeopleStore(tmp_path / 'deep' / 'people').add('Ada', photos(1))
    finally:
        os.umask(before)
    home = tmp_path / 'deep' / 'people' / 'Ada'
    assert [stat.S_IMODE(path.stat().st_mode) for path in (home.parent, home)] == [0o700] * 2
    assert stat.S_IMODE((home / '0001.png').stat().st_mode) == 0o600
    assert warnings_of(home.parent) == []


def test_a_folder_that_others_may_read_is_warned_of(folder):
    folder.chmod(0o755)
    warning, = warnings_of(folder)
    assert str(folder) in warning and 'chmod 700' in warning


def test_forgetting_deletes_photos_sheet_and_model_and_nobody_else(folder):
    (folder / 'Ada' / 'review').mkdir()
    (folder / 'Ada' / 'review' / 'contact_sheet.png').write_bytes(b'')
    assert PeopleStore(folder).forget('Ada') == Forgotten(3, learned_anew=True)
    assert sorted(path.name for path in folder.iterdir()) == ['.lock', '.model', 'Bob']
    assert open_model(folder).names == ['Bob']
    assert levels(folder, 'Bob') == [50, 51]


def test_renaming_keeps_the_photos_and_takes_no_name_of_another(folder):
    people = PeopleStore(folder)
    people.rename('Ada', '../Zoë')
    assert people.names() == ['../Zoë', 'Bob'] and levels(folder, '../Zoë') == [10, 11, 12]
    people.rename('../Zoë', '../Zoë')
    with pytest.raises(InputError, match='there is somebody called Bob already'):
        people.rename('../Zoë', 'Bob')
    assert levels(folder, 'Bob') == [50, 51]


@pytest.mark.parametrize('change', [
    lambda people: people.forget('Eve'), lambda people: people.rename('Eve', 'Ada')])
def test_an_unknown_name_is_answered_with_the_known_ones(folder, change):
    with pytest.raises(InputError, match="is called 'Eve'; known: Ada, Bob$"):
        change(PeopleStore(folder))


def test_a_missing_folder_is_not_made_by_asking(tmp_path):
    people = PeopleStore(tmp_path / 'none')
    with pytest.raises(InputError, match='nobody is known there'):
        people.forget('Ada')
    assert not (tmp_path / 'none').exists()


def test_two_folders_of_one_name_are_one_person(folder):
    shutil.copytree(folder / 'Ada', folder / '%41da')
    people = PeopleStore(folder)
    assert people.names() == ['Ada', 'Bob'] and people.count('Ada') == 6
    assert len(load_people(folder).images['Ada']) == 6
    with pytest.raises(InputError, match='has two folders'):
        people.rename('Ada', 'Eve')
    assert people.forget('Ada').photos == 6
    assert people.names() == ['Bob']


def test_links_do_not_lead_out_of_the_folder(folder, tmp_path):
    outside = tmp_path / 'outside'
    shutil.copytree(folder / 'Bob', outside)
    (folder / 'Eve').symlink_to(outside)
    (folder / 'Ada' / '0009.png').symlink_to(outside / '0001.png')
    people = load_people(folder)
    assert people.names == ['Ada', 'Bob'] and len(people.images['Ada']) == 3
    assert len(people.warnings) == 2 and all('it is a link' in line for line in people.warnings)
    PeopleStore(folder).forget('Ada')
    assert len(list(outside.iterdir())) == 2
    with pytest.raises(InputError, match="is called 'Eve'"):
        PeopleStore(folder).forget('Eve')


def test_a_full_disk_is_told_in_one_line(folder, monkeypatch):
    def full(*_):
        raise OSError(28, 'No space left on device', 'x.png')
    monkeypatch.setattr(os, 'replace', full)
    with pytest.raises(InputError, match='cannot write the images of Ada: No space left'):
        PeopleStore(folder).add('Ada', photos(1))


@pytest.mark.parametrize('images', [
    np.zeros((150, 150, 3), np.uint8), np.zeros((150, 150), np.float32)])
def test_what_is_no_gray_image_is_refused(tmp_path, images):
    with pytest.raises(InputError, match='gray image'):
        PeopleStore(tmp_path).add('Ada', [images])
    assert not (tmp_path / 'Ada').exists()


def test_preparing_makes_the_folder_or_says_why_not(tmp_path):
    PeopleStore(tmp_path / 'a' / 'people').prepare()
    assert (tmp_path / 'a' / 'people').stat().st_mode & 0o777 == 0o700
    (tmp_path / 'file').write_text('')
    with pytest.raises(InputError, match='cannot make the folder .*file'):
        PeopleStore(tmp_path / 'file').prepare()
    with pytest.raises(InputError, match='file is no folder'):
        PeopleStore(tmp_path / 'file').tidy()
