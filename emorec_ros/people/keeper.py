# SPDX-License-Identifier: Apache-2.0
"""The people folder of a node and who is known from it, changed by one worker thread."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from emorec_vision.errors import InputError
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.people.model import open_model
from emorec_vision.people.model import PeopleModel
from emorec_vision.people.model import train_people
import numpy as np

Result = TypeVar('Result')


class PeopleKeeper:
    """Read, add, forget and rename people, one after the other, and keep the model up to date.

    Every method but `submit` and `close` may take a second: call it through `submit`.

    Args:
        folder: of the people; need not be there yet. None: nobody, and nobody can be added.
        false_accept: share of looks at strangers that may pass for somebody (0..1), where
            there is no model yet that says it.
        warn: told, from the worker's thread, what is wrong with the folder, one line each.
    """

    def __init__(self, folder: Path | None, false_accept: float,
                 warn: Callable[[str], None]) -> None:
        self.model = PeopleModel()
        """who is known; another object after every change"""
        self._folder = folder
        self._false_accept = false_accept
        self._warn = warn
        self._worker = ThreadPoolExecutor(1, 'people')

    @property
    def folder(self) -> Path:
        """Return the people folder.

        Raises:
            InputError: if there is none.
        """
        if self._folder is None:
            raise InputError('this node knows nobody (its parameter people is none); give it a '
                             'folder, or leave the parameter empty')
        return self._folder

    def submit(self, work: Callable[[], Result],
               succeed: Callable[[Result], None], fail: Callable[[Exception], None]) -> None:
        """Do some work in the worker thread; its outcome is told there too."""
        def finish() -> None:
            try:
                result = work()
            except OSError as error:
                fail(InputError(f'{error.filename}: {error.strerror}'))
            except Exception as error:  # noqa: B902 - whatever it is, who waits must hear of it
                fail(error)
            else:
                succeed(result)

        self._worker.submit(finish)

    def close(self) -> None:
        """Finish the work in hand."""
        self._worker.shutdown(cancel_futures=True)

    def read(self) -> None:
        """Read the folder and its model again; without a folder nobody is known.

        Raises:
            InputError: if something is broken; nobody is known then.
        """
        self.model = PeopleModel()
        if self._folder is None or not self._folder.exists():
            return
        for warning in PeopleFolder(self._folder).warnings:
            self._warn(warning)
        self.model = open_model(self._folder, self._false_accept)
        for warning in self.model.warnings:
            self._warn(warning)

    def prepare(self) -> None:
        """Make the folder where it is missing, and try whether it can be written to.

        Raises:
            InputError: if not.
        """
        with PeopleFolder(self.folder).lock():
            pass

    def add(self, name: str, photos: list[np.ndarray]) -> int:
        """Keep photos of a person, gray uint8 (150, 150) each, and learn them.

        Returns:
            how many there are of the person now.

        Raises:
            InputError: for a bad name, or if they cannot be written.
        """
        count = PeopleFolder(self.folder).add(name, photos)
        self._learn()
        return count

    def forget(self, name: str) -> int:
        """Delete a person.

        Returns:
            how many images there were.

        Raises:
            InputError: if nobody has this name.
        """
        count = PeopleFolder(self.folder).forget(name)
        self._learn()
        return count

    def rename(self, name: str, new_name: str) -> None:
        """Give a person another name.

        Raises:
            InputError: if nobody has the old name, or somebody the new one.
        """
        PeopleFolder(self.folder).rename(name, new_name)
        self._learn()

    def counts(self) -> dict[str, int]:
        """Return how many images there are of everybody, by name, sorted."""
        people = PeopleFolder(self.folder)
        return {name: people.count(name) for name in people.names()}

    def _learn(self) -> None:
        """Train and write the model; if it cannot be written, know the people without it."""
        known = self.model.recognizer
        rate = known.calibration.false_accept if known else self._false_accept
        try:
            self.model = train_people(self.folder, rate)
        except InputError as error:
            self._warn(str(error))
            self.model = PeopleModel()
            try:
                self.model = open_model(self.folder, rate)
            except InputError as broken:
                self._warn(f'{broken}; everybody stays unknown')
