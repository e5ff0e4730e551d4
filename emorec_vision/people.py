# SPDX-License-Identifier: Apache-2.0
"""The people that a robot knows, as a folder of face pictures."""

from dataclasses import dataclass
from dataclasses import field
import os
from pathlib import Path

import cv2
from emorec_vision.errors import InputError
from emorec_vision.sources.files import list_folder
from emorec_vision.sources.images import picture_files
from emorec_vision.sources.images import read_picture
import numpy as np


@dataclass(frozen=True)
class People:
    """Hold face pictures by name: gray uint8 (H, W), each cut to the detector's box.

    warnings: what could not be used, one line each.
    """

    pictures: dict[str, list[np.ndarray]]
    warnings: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return everybody's name, sorted."""
        return sorted(self.pictures)


def load_people(folder: Path) -> People:
    """Read DIR/NAME/*.png (or .jpg and so on), one sub-folder per person.

    A picture that cannot be read and a person without pictures are named in `warnings`.

    :raises InputError: if the folder is missing, may not be read, or shows nobody.
    """
    found = list_folder(
        folder, f'there is no people folder {folder}; check the path, or leave it out')
    homes = sorted(path for path in found
                   if os.path.isdir(path) and not path.name.startswith('.'))
    pictures: dict[str, list[np.ndarray]] = {}
    warnings: list[str] = []
    for home in homes:
        if os.fsencode(home.name).decode(errors='replace') != home.name:
            warnings.append(f'the folder {os.fsencode(home.name)!r} is left out: its name is not '
                            'UTF-8')
            continue
        faces = _read_faces(home, warnings)
        if faces:
            pictures[home.name] = faces
    if not pictures:
        why = f' ({warnings[0]})' if warnings else ''
        raise InputError(f'the people folder {folder} shows nobody{why}; it needs one folder of '
                         'face pictures per person, FOLDER/NAME/*.png')
    return People(pictures, warnings)


def _read_faces(home: Path, warnings: list[str]) -> list[np.ndarray]:
    """Return the readable pictures of one person, gray; add what is wrong to `warnings`."""
    faces = []
    try:
        for path in picture_files(home):
            try:
                faces.append(cv2.cvtColor(read_picture(path), cv2.COLOR_RGB2GRAY))
            except InputError as error:
                warnings.append(str(error))
    except InputError as error:
        warnings.append(str(error))
    return faces
