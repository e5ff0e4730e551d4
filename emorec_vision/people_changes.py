# SPDX-License-Identifier: Apache-2.0
"""Forget or rename a person in pictures and model together."""

from dataclasses import dataclass
from pathlib import Path

from emorec_vision.people import MODEL_FOLDER
from emorec_vision.people import PeopleFolder
from emorec_vision.people_model import train_people


@dataclass(frozen=True)
class Forgotten:
    """Hold what was deleted: how many photos, and whether a model knew the person."""

    photos: int
    model: bool


def forget_person(folder: Path, name: str) -> Forgotten:
    """Delete a person's photos, contact sheet and model entry.

    Interrupted, it leaves all of them or none: photos without a model are learned when they are
    opened next.

    :raises InputError: if nobody has this name.
    """
    people = PeopleFolder(folder)
    people.require(name)
    with people.lock():
        had_model = _has_model(folder)
        photos = people.forget(name)
        if had_model:
            train_people(folder)
    return Forgotten(photos, had_model)


def rename_person(folder: Path, name: str, new_name: str) -> None:
    """Give a person another name.

    :raises InputError: if nobody has the old name, or somebody the new one.
    """
    people = PeopleFolder(folder)
    people.require(name)
    with people.lock():
        people.rename(name, new_name)
        if _has_model(folder):
            train_people(folder)


def _has_model(folder: Path) -> bool:
    """Tell whether there are files of a model."""
    model = folder / MODEL_FOLDER
    return model.is_dir() and any(model.iterdir())
