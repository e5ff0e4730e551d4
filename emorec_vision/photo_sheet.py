# SPDX-License-Identifier: Apache-2.0
"""One picture of all photos of a person, to look through and throw out the bad ones."""

import math
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.photo_files import face_files
from emorec_vision.photo_files import one_line_errors
from emorec_vision.photo_files import write_photo
from emorec_vision.sources.images import read_picture
import numpy as np

REVIEW = 'review'
"""Folder of the sheet within a person's: no face pictures are looked for there."""
SHEET_NAME = 'contact_sheet.png'
TILE = 150
CAPTION = 18
COLUMNS = 8
MAX_TILES = 400


def write_contact_sheet(home: Path) -> Path:
    """Draw all photos of one person with their file names, at HOME/review/contact_sheet.png.

    :returns: the sheet's path.
    :raises InputError: when it cannot be written.
    """
    tiles = [_tile(path) for path in face_files(home, [])[:MAX_TILES]]
    columns = min(COLUMNS, max(len(tiles), 1))
    rows = max(math.ceil(len(tiles) / columns), 1)
    sheet = np.full((rows * (TILE + CAPTION), columns * TILE), 255, np.uint8)
    for index, tile in enumerate(tiles):
        top, left = index // columns * (TILE + CAPTION), index % columns * TILE
        sheet[top:top + TILE + CAPTION, left:left + TILE] = tile
    path = home / REVIEW / SHEET_NAME
    with one_line_errors(f'cannot write {path}'):
        path.parent.mkdir(mode=0o700, exist_ok=True)
        write_photo(path, sheet)
    return path


def _tile(path: Path) -> np.ndarray:
    """Return one photo above its file name, gray."""
    tile = np.full((TILE + CAPTION, TILE), 255, np.uint8)
    try:
        photo = cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2GRAY)
        tile[:TILE] = cv2.resize(photo, (TILE, TILE), interpolation=cv2.INTER_AREA)
    except InputError:
        cv2.putText(tile, 'broken', (45, 75), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 1, cv2.LINE_AA)
    name = path.name.encode('ascii', 'replace').decode()
    cv2.putText(tile, name, (4, TILE + 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 0, 1, cv2.LINE_AA)
    return tile
