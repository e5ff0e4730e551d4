# SPDX-License-Identifier: Apache-2.0
"""Adds, renames and forgets people, in their photos and in what was learned from them."""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass
import os
from pathlib import Path
import secrets
import shutil

from emorec_vision.errors import InputError
from emorec_vision.faces.detector import check_gray
from emorec_vision.files.access import make_folder
from emorec_vision.files.access import one_line_errors
from emorec_vision.files.folder_lock import locked
from emorec_vision.files.whole_file import sync_folder
from emorec_vision.identity.factory import AUTO
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.people.folder import list_people_folder
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.people.model import fits_recognizer
from emorec_vision.people.model import has_model
from emorec_vision.people.model import MODEL_FOLDER
from emorec_vision.people.model import open_model
from emorec_vision.people.model import PeopleModel
from emorec_vision.people.model import trained_false_accept
from emorec_vision.people.model import write_model
from emorec_vision.people.names import folder_name
from emorec_vision.people.names import plain_name
from emorec_vision.people.photos import write_photos
import numpy as np

FORGOTTEN = '.forgotten-'
UNFINISHED = '.new-'
TIDY_S = 2.0
"""How long `tidy` waits for another program, s."""


@dataclass(frozen=True)
class Forgotten:
    """What was deleted of a person.

    Attributes:
        photos: how many there were.
        learned_anew: whether a model that knew the person was replaced by one of the others.
    """

    photos: int
    learned_anew: bool


class PeopleStore(PeopleFolder):
    """The people of a folder: their photos, and the model that knows them.

    A change of the photos and the learning that follows from it are done under one lock, which
    keeps other threads and programs out. A change that is interrupted leaves the old or the new
    state; photos without a model that fits are learned when they are read next. Only the folder's
    owner may look into what is written.

    Args:
        path: need not be there yet.
        false_accept: share of looks at strangers that may pass for somebody (0..1), where no
            model in the folder says another.
        warn: told what is wrong with the folder, one line each.
        recognizer: that learns them, one of RECOGNIZERS.

    Attributes:
        model: who is known, after `read` or `train`; another object after every change.
        learning_failed: whether the last change is done, but could not be learned: `warn` was told
            why, and the photos are learned when they are read next.
    """

    def __init__(self, path: Path, false_accept: float = FALSE_ACCEPT,
                 warn: Callable[[str], None] = lambda warning: None,
                 recognizer: str = AUTO) -> None:
        super().__init__(path)
        self.model = PeopleModel()
        self.learning_failed = False
        self._false_accept = false_accept
        self._warn = warn
        self._recognizer = recognizer
        self._was_read = False

    def tidy(self) -> None:
        """Clean up after an interrupted change, and warn where others may look into the folder.

        Raises:
            InputError: if it is no folder, or may not be read.
        """
        if self._left_over():
            try:
                with (locked(self.path, 'people folder', TIDY_S),
                      one_line_errors(f'cannot clean up {self.path}')):
                    self._clean_up()
            except InputError as error:
                self._warn(str(error))
        if os.path.isdir(self.path) and os.stat(self.path).st_mode & 0o077:
            self._warn(f'other users of this machine may look into {self.path}; "chmod 700" on it '
                       'keeps them out')

    def read(self) -> None:
        """Read who is known; from now on every change is learned.

        Where the model does not fit the photos they are learned anew, in memory; a model of
        another recogniser or version is replaced.

        Raises:
            InputError: if something is broken; nobody is known then.
        """
        self._was_read = True
        found = PeopleModel()
        try:
            if self.path.exists():
                self.tidy()
                found = self._opened()
        finally:
            self._use(found)

    def train(self) -> None:
        """Learn everybody at this store's false-accept rate, and write the model.

        Without people, the model's files are removed.

        Raises:
            InputError: if the folder is missing or cannot be written.
        """
        list_people_folder(self.path)
        with self._change('write the model of the people'):
            self._use(write_model(self.path, self._false_accept, self._recognizer))

    def prepare(self) -> None:
        """Make the folder where it is missing, and try whether it can be written to.

        Raises:
            InputError: if not.
        """
        with self._change('write to the people folder'):
            pass

    def add(self, name: str, photos: Sequence[np.ndarray], learn: bool = False) -> int:
        """Write photos of a new or a known person as PNG files, each whole or not at all.

        A new person appears with all of them or not at all.

        Args:
            photos: gray uint8 (H, W); 150x150 from `photo_quality`.
            learn: them at once, instead of when `train` is called or the folder is read.

        Returns:
            how many photos there are of this person now.

        Raises:
            InputError: for a bad name, or when they cannot be written.
        """
        home = self.home(name)
        for photo in photos:
            check_gray(photo)
        with self._change(f'write the images of {name}'):
            if home.is_dir():
                write_photos(home, photos)
            elif photos:
                unfinished = self.path / (UNFINISHED + secrets.token_hex(4))
                unfinished.mkdir(0o700)
                write_photos(unfinished, photos)
                unfinished.rename(home)
                sync_folder(self.path)
            if learn:
                self._learn(self._false_accept_of_model())
            return self.count(name)

    def forget(self, name: str) -> Forgotten:
        """Delete a person's photos and contact sheet, and the model; the others are learned anew.

        Raises:
            InputError: if nobody has this name, or it cannot be done.
        """
        self.require(name)
        with self._change(f'forget {name}'):
            self.require(name)
            count, learn, rate = self.count(name), self._learns(), self._false_accept_of_model()
            for home in self.homes_of(name):
                home.rename(self.path / (FORGOTTEN + secrets.token_hex(4)))
            sync_folder(self.path)
            self._clean_up()
            return Forgotten(count, learn and self._learn(rate))

    def rename(self, name: str, new_name: str) -> None:
        """Give a person another name.

        Raises:
            InputError: if nobody has the old name, or somebody the new one.
        """
        target = self.path / folder_name(new_name)
        self.require(name)
        with self._change(f'rename {name}'):
            self.require(name)
            found = self.homes_of(name)
            if len(found) > 1:
                raise InputError(f'{name} has two folders, {found[0]} and {found[1]}; put all '
                                 'images into one of them first')
            if plain_name(name) == plain_name(new_name):
                return
            if self.homes_of(new_name) or os.path.lexists(target):
                raise InputError(f'there is somebody called {new_name} already; choose another '
                                 'name, or forget that person first')
            found[0].rename(target)
            sync_folder(self.path)
            if self._learns():
                self._learn(self._false_accept_of_model())

    @contextmanager
    def _change(self, what: str) -> Iterator[None]:
        """Be the only writer of the folder, which is made, mode 0700, where it is missing."""
        make_folder(self.path, 0o700)
        with locked(self.path, 'people folder'), one_line_errors(f'cannot {what}'):
            self._clean_up()
            yield

    def _learns(self) -> bool:
        """Tell whether a change has to be learned: nobody asked for a model otherwise."""
        return self._was_read or has_model(self.path)

    def _false_accept_of_model(self) -> float:
        return trained_false_accept(self.path) or self._false_accept

    def _learn(self, false_accept: float) -> bool:
        """Write the model anew; if that fails, know the people without it and return False."""
        try:
            self.model = write_model(self.path, false_accept, self._recognizer)
            self.learning_failed = False
            return True
        except InputError as error:
            self.learning_failed = True
            self._warn(f'the model of the people could not be written anew: {error}')
        found = PeopleModel()
        try:
            if self._was_read:
                found = open_model(self.path, false_accept, self._recognizer)
        except InputError as error:
            self._warn(f'{error}; everybody stays unknown')
        self.model = found
        return False

    def _opened(self) -> PeopleModel:
        """Return the model; one of another recogniser is written anew where that is possible."""
        if not fits_recognizer(self.path, self._recognizer):
            try:
                with self._change('learn the people with another recogniser'):
                    return write_model(self.path, self._false_accept_of_model(),
                                       self._recognizer)
            except InputError as error:
                self._warn(str(error))
        return open_model(self.path, self._false_accept, self._recognizer)

    def _use(self, model: PeopleModel) -> None:
        self.model = model
        for warning in model.warnings:
            self._warn(warning)

    def _left_over(self) -> list[Path]:
        """Return what was to be deleted when a change was interrupted."""
        return [path for path in self.entries() if path.name.startswith((FORGOTTEN, UNFINISHED))]

    def _clean_up(self) -> None:
        """Delete what was to be deleted; the model goes before the images it was made of."""
        left = self._left_over()
        model = self.path / MODEL_FOLDER
        if model.exists() and any(path.name.startswith(FORGOTTEN) for path in left):
            shutil.rmtree(model)
        for path in left:
            shutil.rmtree(path)
        if left:
            sync_folder(self.path)
