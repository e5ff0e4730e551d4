# SPDX-License-Identifier: Apache-2.0
"""One image of all photos of a person, to look through and throw out the bad ones."""

from pathlib import Path

import cv2
from emorec_vision.drawing.contact_sheet import contact_sheet
from emorec_vision.drawing.contact_sheet import FONT
from emorec_vision.drawing.contact_sheet import LARGEST_SCALE
from emorec_vision.errors import InputError
from emorec_vision.files.access import one_line_errors
from emorec_vision.identity.blur import sharpness
from emorec_vision.people.closed_eyes import EyeCheck
from emorec_vision.people.photo_quality import MIN_SHARPNESS
from emorec_vision.people.photo_quality import MIN_SIDE
from emorec_vision.people.photos import face_files
from emorec_vision.people.photos import write_photo
from emorec_vision.sources.images import read_image
import numpy as np

REVIEW = 'review'
"""Folder of the sheet within a person's: no face images are looked for there."""
SHEET_NAME = 'contact_sheet.png'
TILE = 150
COLUMNS = 8
MAX_TILES = 400


def write_contact_sheet(home: Path) -> Path:
    """Draw all photos of one person with their file names, at HOME/review/contact_sheet.png.

    Blurred ones and those with closed eyes are marked, for they are better deleted.

    Returns:
        the sheet's path.

    Raises:
        InputError: when it cannot be written.
    """
    files = face_files(home, [])[:MAX_TILES]
    photos = [_photo(path) for path in files]
    eyes = EyeCheck()
    sheet = contact_sheet(photos, [path.name + flaw_mark(photo, eyes) for path, photo in
                                   zip(files, photos)], TILE, COLUMNS)
    path = home / REVIEW / SHEET_NAME
    with one_line_errors(f'cannot write {path}'):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_photo(path, sheet)
    return path


def flaw_mark(photo: np.ndarray, eyes: EyeCheck) -> str:
    """Return what the name of a photo, gray uint8 (H, W), is followed by.

    BLUR, EYES where they are closed, or nothing; a blurred photo does not show its eyes.
    """
    small = cv2.resize(photo, (MIN_SIDE, MIN_SIDE), interpolation=cv2.INTER_AREA)
    if sharpness(small) < MIN_SHARPNESS:
        return ' BLUR'
    return ' EYES' if eyes.are_closed(photo) else ''


def _photo(path: Path) -> np.ndarray:
    """Return one photo, gray; a white one that says so where it is broken."""
    photo: np.ndarray
    try:
        photo = cv2.cvtColor(read_image(path), cv2.COLOR_RGB2GRAY)
    except InputError:
        photo = np.full((TILE, TILE), 255, np.uint8)
        cv2.putText(photo, 'broken', (45, 75), FONT, LARGEST_SCALE, 0, 1, cv2.LINE_AA)
    return photo
