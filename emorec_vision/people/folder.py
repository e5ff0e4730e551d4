# SPDX-License-Identifier: Apache-2.0
"""The people that a robot knows, as a folder of face images."""

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
import os
from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.files.access import list_folder
from emorec_vision.people.names import folder_name
from emorec_vision.people.names import named_folders
from emorec_vision.people.names import plain_name
from emorec_vision.people.photos import face_files
from emorec_vision.people.photos import read_faces
import numpy as np


@dataclass(frozen=True)
class People:
    """Face images of people.

    Attributes:
        images: of each person by name, gray uint8 (H, W), cut to the detector's box.
        warnings: what could not be used, one line each.
    """

    images: dict[str, list[np.ndarray]]
    warnings: list[str] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Return everybody's name, sorted."""
        return sorted(self.images)


def default_people_folder() -> Path:
    """Return where people are kept unless told otherwise: XDG's data folder of the user."""
    data = os.environ.get('XDG_DATA_HOME', '')
    base = Path(data) if os.path.isabs(data) else Path.home() / '.local' / 'share'
    return base / 'emorec' / 'people'


def list_people_folder(folder: Path) -> list[Path]:
    """Return all that lies in a people folder.

    Raises:
        InputError: if the folder is missing, or may not be read.
    """
    return list_folder(folder, f'there is no people folder {folder}; check the path')


def load_people(folder: Path,
                cut: Callable[[np.ndarray], np.ndarray] = lambda photo: photo) -> People:
    """Read DIR/NAME/*.png (or .jpg and so on), one sub-folder per person.

    An image that cannot be read, a person without images, and a link, which may lead out of
    the folder, are named in `warnings` and left out.

    Args:
        cut: makes a face, gray uint8 (H, W), of an image; InputError leaves the image out.

    Raises:
        InputError: if the folder is missing, may not be read, or shows nobody.
    """
    images: dict[str, list[np.ndarray]] = {}
    warnings: list[str] = []
    for name, home in named_folders(list_people_folder(folder), warnings):
        faces = read_faces(home, warnings, cut)
        if faces:
            images.setdefault(name, []).extend(faces)
    if not images:
        why = f' ({warnings[0]})' if warnings else ''
        raise InputError(f'the people folder {folder} shows nobody{why}; it needs one folder of '
                         'face images per person, FOLDER/NAME/*.png')
    return People(images, warnings)


class PeopleFolder:
    """Who is in a people folder, and their photos.

    Every method raises InputError if it is no folder, or may not be read.

    Args:
        path: need not be there; it shows nobody then.
    """

    def __init__(self, path: Path) -> None:
        self.path = Path(path)

    def names(self) -> list[str]:
        """Return everybody's name, sorted; also of people without images."""
        return sorted({name for name, _ in self._homes()})

    def count(self, name: str) -> int:
        """Return how many images there are of a person, 0 for a stranger."""
        return sum(len(face_files(home, [])) for home in self.homes_of(name))

    def counts(self) -> dict[str, int]:
        """Return how many images there are of everybody, by name, sorted."""
        return {name: self.count(name) for name in self.names()}

    def home(self, name: str) -> Path:
        """Return the folder of a person, where it is or where it would be.

        Raises:
            InputError: if the name is empty, too long, or not text on one line.
        """
        found = self.homes_of(name)
        return found[0] if found else self.path / folder_name(name)

    def homes_of(self, name: str) -> list[Path]:
        """Return the folders of a person: one, or none; more where they were made by hand."""
        plain = plain_name(name)
        return [home for other, home in self._homes() if other == plain]

    def photos(self, name: str) -> list[np.ndarray]:
        """Return the readable photos of a person, gray uint8 (H, W); none of a stranger."""
        return [face for home in self.homes_of(name) for face in read_faces(home, [])]

    def require(self, name: str) -> None:
        """Raise InputError unless somebody has this name."""
        if not self.homes_of(name):
            known = ', '.join(self.names())
            raise InputError(f"nobody in {self.path} is called '{name}'; "
                             + (f'known: {known}' if known else 'nobody is known there'))

    def entries(self) -> list[Path]:
        """Return all that lies in the folder."""
        try:
            os.lstat(self.path)
        except FileNotFoundError:
            return []
        except OSError as error:
            raise InputError(f'cannot read the folder {self.path}: {error.strerror}') from None
        return list_folder(self.path, f'{self.path} is no folder; check the path')

    def _homes(self) -> list[tuple[str, Path]]:
        """Return name and folder of everybody."""
        return list(named_folders(self.entries(), []))
