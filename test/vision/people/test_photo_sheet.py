# SPDX-License-Identifier: Apache-2.0
"""A sheet shows all photos of a person, the broken ones too."""

from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.people.photo_sheet import TILE
from emorec_vision.people.photo_sheet import write_contact_sheet
from emorec_vision.people.photos import face_files
from emorec_vision.people.photos import write_photos
from people_folders import photos
import pytest


def test_a_sheet_shows_every_photo_and_is_no_photo_itself(tmp_path: Path) -> None:
    write_photos(tmp_path, photos(3))
    (tmp_path / '0002.png').write_bytes(b'broken')
    path = write_contact_sheet(tmp_path)
    assert path == tmp_path / 'review' / 'contact_sheet.png'
    assert path.stat().st_mode & 0o777 == 0o600 and path.parent.stat().st_mode & 0o777 == 0o700
    sheet = cv2.imread(str(path), cv2.IMREAD_UNCHANGED)
    assert sheet.shape[1] == 3 * TILE
    assert (sheet[:TILE, :TILE] == 10).all() and (sheet[:TILE, 2 * TILE:] == 12).all()
    broken = sheet[:TILE, TILE:2 * TILE]
    assert (broken == 255).mean() > 0.9 and broken.min() < 60
    assert len(face_files(tmp_path, [])) == 3


def test_a_sheet_that_cannot_be_written_is_told_in_one_line(tmp_path: Path) -> None:
    write_photos(tmp_path, photos(1))
    (tmp_path / 'review').write_text('in the way')
    with pytest.raises(InputError, match='cannot write .*contact_sheet.png'):
        write_contact_sheet(tmp_path)
