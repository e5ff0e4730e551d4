# SPDX-License-Identifier: Apache-2.0
"""The people that a robot knows, as a folder of face images."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from dataclasses import field
import os
from pathlib import Path
import secrets
import shutil

from emorec_vision.errors import InputError
from emorec_vision.faces.haar import check_gray
from emorec_vision.files import list_folder
from emorec_vision.files import one_line_errors
from emorec_vision.files import sync_folder
from emorec_vision.folder_lock import locked
from emorec_vision.people.names import folder_name
from emorec_vision.people.names import named_folders
from emorec_vision.people.names import plain_name
from emorec_vision.people.photos import face_files
from emorec_vision.people.photos import read_faces
from emorec_vision.people.photos import write_photos
import numpy as np

MODEL_FOLDER = '.model'
"""Where people_model keeps what was learned from the images."""
FORGOTTEN = '.forgotten-'
UNFINISHED = '.new-'
CLEAN_UP_S = 2.0
"""How long to wait for another program when the folder is opened, s."""


@dataclass(frozen=True)
class People:
    """Hold face images by name: gray uint8 (H, W), each cut to the detector's box.

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


def load_people(folder: Path) -> People:
    """Read DIR/NAME/*.png (or .jpg and so on), one sub-folder per person.

    An image that cannot be read, a person without images, and a link, which may lead out of
    the folder, are named in `warnings` and left out.

    Raises:
        InputError: if the folder is missing, may not be read, or shows nobody.
    """
    found = list_folder(
        folder, f'there is no people folder {folder}; check the path, or leave it out')
    images: dict[str, list[np.ndarray]] = {}
    warnings: list[str] = []
    for name, home in named_folders(found, warnings):
        faces = read_faces(home, warnings)
        if faces:
            images.setdefault(name, []).extend(faces)
    if not images:
        why = f' ({warnings[0]})' if warnings else ''
        raise InputError(f'the people folder {folder} shows nobody{why}; it needs one folder of '
                         'face images per person, FOLDER/NAME/*.png')
    return People(images, warnings)


class PeopleFolder:
    """Add, forget and rename the people of a folder; only its owner may look into it.

    Whatever is interrupted leaves the old or the new state. What remains to be cleaned up is
    cleaned up here, when the folder is opened next.

    Args:
        path: need not be there yet.

    Raises:
        InputError: if it is no folder, or may not be read.
    """

    def __init__(self, path: Path) -> None:
        """Open the folder; `warnings` says what is wrong with it, one line each."""
        self.path = Path(path)
        self.warnings: list[str] = []
        if not os.path.lexists(self.path):
            return
        if os.path.isdir(self.path) and os.stat(self.path).st_mode & 0o077:
            self.warnings.append(f'other users of this machine may look into {self.path}; '
                                 f'"chmod 700" on it keeps them out')
        if self._left_over():
            self._finish_interrupted()

    def lock(self) -> AbstractContextManager[None]:
        """Be the only writer, as `folder_lock.locked`; makes the folder, mode 0700."""
        self._make()
        return locked(self.path, 'people folder')

    def names(self) -> list[str]:
        """Return everybody's name, sorted; also of people without images."""
        return sorted({name for name, _ in self._homes()})

    def count(self, name: str) -> int:
        """Return how many images there are of a person, 0 for a stranger."""
        return sum(len(face_files(home, [])) for home in self._homes_of(name))

    def home(self, name: str) -> Path:
        """Return the folder of a person, where it is or where it would be.

        Raises:
            InputError: if the name is empty, too long, or not text on one line.
        """
        found = self._homes_of(name)
        return found[0] if found else self.path / folder_name(name)

    def photos(self, name: str) -> list[np.ndarray]:
        """Return the readable photos of a person, gray uint8 (H, W); none of a stranger."""
        return [face for home in self._homes_of(name) for face in read_faces(home, [])]

    def add(self, name: str, images: Sequence[np.ndarray]) -> int:
        """Write images of a new or a known person as PNG files, each whole or not at all.

        A new person appears with all of them or not at all.

        Args:
            images: gray uint8 (H, W); 150x150 from `photo_quality`.

        Returns:
            how many images there are of this person now.

        Raises:
            InputError: for a bad name, or when they cannot be written.
        """
        home = self.home(name)
        for image in images:
            check_gray(image)
        with self.lock(), one_line_errors(f'cannot write the images of {name}'):
            if home.is_dir():
                write_photos(home, images)
            elif images:
                unfinished = self.path / (UNFINISHED + secrets.token_hex(4))
                unfinished.mkdir(0o700)
                write_photos(unfinished, images)
                unfinished.rename(home)
                sync_folder(self.path)
        return self.count(name)

    def forget(self, name: str) -> int:
        """Delete a person's images and the model, which knew the person.

        Returns:
            how many images were deleted.

        Raises:
            InputError: if nobody has this name.
        """
        self.require(name)
        with self.lock(), one_line_errors(f'cannot forget {name}'):
            self.require(name)
            count = self.count(name)
            for home in self._homes_of(name):
                home.rename(self.path / (FORGOTTEN + secrets.token_hex(4)))
            sync_folder(self.path)
            self._finish()
        return count

    def rename(self, name: str, new_name: str) -> None:
        """Give a person another name.

        Raises:
            InputError: if nobody has the old name, or somebody the new one.
        """
        target = self.path / folder_name(new_name)
        self.require(name)
        with self.lock(), one_line_errors(f'cannot rename {name}'):
            self.require(name)
            found = self._homes_of(name)
            if len(found) > 1:
                raise InputError(f'{name} has two folders, {found[0]} and {found[1]}; put all '
                                 'images into one of them first')
            if plain_name(name) == plain_name(new_name):
                return
            if self._homes_of(new_name) or os.path.lexists(target):
                raise InputError(f'there is somebody called {new_name} already; choose another '
                                 'name, or forget that person first')
            found[0].rename(target)
            sync_folder(self.path)

    def require(self, name: str) -> None:
        """Raise InputError unless somebody has this name."""
        if not self._homes_of(name):
            known = ', '.join(self.names())
            raise InputError(f"nobody in {self.path} is called '{name}'; "
                             + (f'known: {known}' if known else 'nobody is known there'))

    def _homes(self) -> list[tuple[str, Path]]:
        """Return name and folder of everybody."""
        if not os.path.lexists(self.path):
            return []
        found = list_folder(self.path, f'{self.path} is no folder; check the path')
        return list(named_folders(found, []))

    def _homes_of(self, name: str) -> list[Path]:
        """Return the folders of a person: one, or none; more where they were made by hand."""
        plain = plain_name(name)
        return [home for other, home in self._homes() if other == plain]

    def _make(self) -> None:
        """Make the folder where it is missing, mode 0700."""
        if os.path.isdir(self.path):
            return
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.mkdir(0o700)
        except OSError as error:
            raise InputError(f'cannot make the people folder {self.path}: '
                             f'{error.strerror}') from None

    def _left_over(self) -> list[Path]:
        """Return what was to be deleted when a change was interrupted."""
        found = list_folder(self.path, f'{self.path} is no folder; check the path')
        return [path for path in found if path.name.startswith((FORGOTTEN, UNFINISHED))]

    def _finish_interrupted(self) -> None:
        """Finish what was interrupted; where another program is at it, that one does."""
        try:
            with (one_line_errors(f'cannot clean up {self.path}'),
                  locked(self.path, 'people folder', CLEAN_UP_S)):
                self._finish()
        except InputError as error:
            self.warnings.append(str(error))

    def _finish(self) -> None:
        """Delete what was to be deleted; the model goes before the images it was made of."""
        left = self._left_over()
        model = self.path / MODEL_FOLDER
        if model.exists() and any(path.name.startswith(FORGOTTEN) for path in left):
            shutil.rmtree(model)
        for path in left:
            shutil.rmtree(path)
        sync_folder(self.path)
