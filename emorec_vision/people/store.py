# SPDX-License-Identifier: Apache-2.0
"""Forget or rename a person in images and model together."""

from dataclasses import dataclass
from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.people.folder import MODEL_FOLDER
from emorec_vision.people.folder import PeopleFolder
from emorec_vision.people.model import open_model
from emorec_vision.people.model import train_people


@dataclass(frozen=True)
class Forgotten:
    """Hold what was deleted: how many photos, and whether a model knew the person.

    problem: why the others could not be learned anew, or ''; the person is gone all the same.
    """

    photos: int
    model: bool
    problem: str = ''


def forget_person(folder: Path, name: str) -> Forgotten:
    """Delete a person's photos, contact sheet and model entry.

    Interrupted, it leaves all of them or none: photos without a model are learned when they are
    opened next.

    Raises:
        InputError: if nobody has this name.
    """
    people = PeopleFolder(folder)
    people.require(name)
    with people.lock():
        had_model, false_accept = _has_model(folder), _false_accept(folder)
        photos = people.forget(name)
        try:
            if had_model:
                train_people(folder, false_accept)
        except InputError as error:
            return Forgotten(photos, had_model, str(error))
    return Forgotten(photos, had_model)


def rename_person(folder: Path, name: str, new_name: str) -> None:
    """Give a person another name.

    Raises:
        InputError: if nobody has the old name, or somebody the new one.
    """
    people = PeopleFolder(folder)
    people.require(name)
    with people.lock():
        false_accept = _false_accept(folder)
        people.rename(name, new_name)
        if _has_model(folder):
            train_people(folder, false_accept)


def _has_model(folder: Path) -> bool:
    """Tell whether there are files of a model."""
    model = folder / MODEL_FOLDER
    return model.is_dir() and any(model.iterdir())


def _false_accept(folder: Path) -> float:
    """Return the rate that the model was trained for, the usual one without a good model."""
    try:
        recognizer = open_model(folder).recognizer if _has_model(folder) else None
    except InputError:
        recognizer = None
    return recognizer.calibration.false_accept if recognizer else FALSE_ACCEPT
