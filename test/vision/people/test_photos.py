# SPDX-License-Identifier: Apache-2.0
"""Photos of a person are files that are whole, private and numbered on."""

import os
from pathlib import Path
import stat

import cv2
from emorec_vision.people.photos import face_files
from emorec_vision.people.photos import read_faces
from emorec_vision.people.photos import write_photo
from emorec_vision.people.photos import write_photos
import numpy as np
from people_folders import photos
import pytest


def test_photos_are_numbered_on_from_the_last(tmp_path: Path) -> None:
    (tmp_path / '0007.png').write_bytes(b'')
    (tmp_path / 'mine.png').write_bytes(b'')
    write_photos(tmp_path, photos(2))
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        '0007.png', '0008.png', '0009.png', 'mine.png']
    assert [face[0, 0] for face in read_faces(tmp_path, [])] == [10, 11]


def test_what_an_interrupted_writing_left_is_removed_by_the_next(tmp_path: Path) -> None:
    (tmp_path / '.part-0001.png').write_bytes(b'half')
    write_photos(tmp_path, photos(1))
    assert [path.name for path in tmp_path.iterdir()] == ['0001.png']


def test_a_photo_is_kept_exactly_and_is_its_owners_alone(tmp_path: Path) -> None:
    photo = np.random.default_rng(0).integers(0, 256, (150, 150), np.uint8)
    before = os.umask(0)
    try:
        write_photo(tmp_path / 'a.png', photo)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / 'a.png').stat().st_mode) == 0o600
    np.testing.assert_array_equal(
        cv2.imread(str(tmp_path / 'a.png'), cv2.IMREAD_UNCHANGED), photo)


def test_files_come_in_natural_order_without_links_and_broken_ones_are_told(
        tmp_path: Path) -> None:
    for name in ('10.png', '2.png'):
        write_photo(tmp_path / name, photos(1, len(name))[0])
    (tmp_path / '3.png').write_bytes(b'broken')
    (tmp_path / '4.png').symlink_to('2.png')
    warnings: list[str] = []
    assert [path.name for path in face_files(tmp_path, warnings)] == ['2.png', '3.png', '10.png']
    link, = warnings
    assert f'{tmp_path / "4.png"} is left out: it is a link' in link
    assert [face[0, 0] for face in read_faces(tmp_path, warnings)] == [5, 6]
    assert '3.png is no image' in warnings[-1]


@pytest.mark.parametrize('make, told', [(Path.mkdir, 'holds no image'),
                                        (lambda path: None, 'there is no folder')])
def test_a_person_without_images_is_told(tmp_path: Path, make, told: str) -> None:
    make(tmp_path / 'Ada')
    warnings: list[str] = []
    assert face_files(tmp_path / 'Ada', warnings) == []
    assert told in warnings[0] and str(tmp_path / 'Ada') in warnings[0]
