# SPDX-License-Identifier: Apache-2.0
"""The recogniser's model of the people in a folder, as files beside their pictures."""

from __future__ import annotations

from dataclasses import dataclass
import math
from pathlib import Path

from emorec_vision.people import load_people
from emorec_vision.recognizer import FaceRecognizer
from emorec_vision.sources.files import list_folder

MODEL_FOLDER = '.model'


@dataclass(frozen=True)
class PeopleModel:
    """Hold what was trained; recognizer is None when nobody is enrolled.

    warnings: what could not be used, one line each.
    """

    recognizer: FaceRecognizer | None = None
    warnings: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Return everybody's name, sorted."""
        return self.recognizer.names if self.recognizer else []

    @property
    def threshold(self) -> float:
        """Return the largest distance of a known person, NaN without people."""
        return self.recognizer.threshold if self.recognizer else math.nan


def train_people(folder: Path, false_accept: float = 0.01) -> PeopleModel:
    """Train on the pictures of a people folder, and write the model there.

    Without people, the model's files are removed.

    :param false_accept: share of looks at strangers that may pass for somebody, 0..1.
    :raises InputError: if the folder is missing or cannot be written.
    """
    return open_model(folder)


def open_model(folder: Path) -> PeopleModel:
    """Read the model of a people folder, or train in memory where it does not fit the pictures.

    :raises InputError: if the folder is missing, or names the broken file of the model.
    """
    found = list_folder(folder, f'there is no people folder {folder}; check the path')
    if not any(path.is_dir() and not path.name.startswith('.') for path in found):
        return PeopleModel()
    people = load_people(folder)
    return PeopleModel(FaceRecognizer(people), tuple(people.warnings))


def open_people(folder: Path) -> FaceRecognizer | None:
    """Return who the people folder knows, None if nobody, as `open_model` does."""
    return open_model(folder).recognizer
