# SPDX-License-Identifier: Apache-2.0
"""The recogniser's model of the people in a folder, as files beside their images.

FOLDER/.model/people.json says who is known and which file goes with it: OpenCV's of LBPH, or the
embeddings of SFace. It is moved into place last, so that a crash leaves the old model or the new
one.
"""

from __future__ import annotations

from dataclasses import asdict
from dataclasses import dataclass
import hashlib
import json
import math
import os
from pathlib import Path
from typing import Any

import cv2
from emorec_vision.errors import InputError
from emorec_vision.files.access import one_line_errors
from emorec_vision.files.access import read_file
from emorec_vision.files.access import write_private
from emorec_vision.files.json_text import MOST_BYTES
from emorec_vision.files.json_text import parse_json
from emorec_vision.files.whole_file import PART
from emorec_vision.files.whole_file import sync_folder
from emorec_vision.identity.factory import AUTO
from emorec_vision.identity.factory import recognizer_kind
from emorec_vision.identity.factory import train_people
from emorec_vision.identity.recognizer import TrainedRecognizer
from emorec_vision.identity.threshold import FALSE_ACCEPT
from emorec_vision.identity.threshold import ThresholdCalibration
from emorec_vision.people.folder import list_people_folder
from emorec_vision.people.folder import load_people
from emorec_vision.people.model_content import content_of
from emorec_vision.people.model_content import FORMATS
from emorec_vision.people.model_content import kind_of
from emorec_vision.people.model_content import recognizer_from
from emorec_vision.people.model_content import SUFFIXES
from emorec_vision.people.names import named_folders
from emorec_vision.people.photos import face_files
from emorec_vision.people.whole_photos import FaceCutter

MODEL_FOLDER = '.model'
INDEX = 'people.json'


@dataclass(frozen=True)
class PeopleModel:
    """Who is known.

    Attributes:
        recognizer: None when nobody is enrolled.
        warnings: what could not be used, one line each.
    """

    recognizer: TrainedRecognizer | None = None
    warnings: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """Return everybody's name, sorted."""
        return self.recognizer.names if self.recognizer else []

    @property
    def threshold(self) -> float:
        """Return the largest score of a known person, NaN without people."""
        return self.recognizer.threshold if self.recognizer else math.nan


def write_model(folder: Path, false_accept: float, recognizer: str = AUTO) -> PeopleModel:
    """Train on the images of a people folder, and write the model there.

    Without people, the model's files are removed. Only one program may do this at a time: see
    `PeopleStore`.

    Args:
        false_accept: share of looks at strangers that may pass for somebody, 0..1.
        recognizer: one of RECOGNIZERS.

    Raises:
        InputError: if the folder is missing or cannot be written, or the recogniser cannot be
            used.
    """
    with one_line_errors('cannot write the model of the people'):
        files = _files(folder)
        if not files:
            _remove_files(folder / MODEL_FOLDER, keep='')
            return PeopleModel()
        people = load_people(folder, FaceCutter().cut)
        trained = train_people(people.images, false_accept, recognizer_kind(recognizer))
        counts = [len(people.images[name]) for name in people.names]
        _write(folder / MODEL_FOLDER, trained, counts, _digest(folder, files))
    return PeopleModel(trained, tuple(people.warnings))


def open_model(folder: Path, false_accept: float = FALSE_ACCEPT,
               recognizer: str = AUTO) -> PeopleModel:
    """Read the model of a people folder, or train in memory where it does not fit the images.

    Args:
        false_accept: as in `write_model`, where there is no model that says another.
        recognizer: one of RECOGNIZERS.

    Raises:
        InputError: if the folder is missing, names the broken file of the model, or says why the
            recogniser cannot be used.
    """
    files = _files(folder)
    if not files:
        return PeopleModel()
    index = folder / MODEL_FOLDER / INDEX
    kind = recognizer_kind(recognizer)
    if os.path.lexists(index):
        entry = _read_index(index)
        if entry['format'] == FORMATS[kind] and entry['digest'] == _digest(folder, files):
            return PeopleModel(_read(index, entry))
        false_accept = entry['calibration']['false_accept']
    people = load_people(folder, FaceCutter().cut)
    return PeopleModel(train_people(people.images, false_accept, kind), tuple(people.warnings))


def has_model(folder: Path) -> bool:
    """Tell whether a people folder holds files of a model, be they whole or not."""
    home = folder / MODEL_FOLDER
    return home.is_dir() and any(home.iterdir())


def fits_recognizer(folder: Path, recognizer: str) -> bool:
    """Tell whether a people folder holds no model, or one of this recogniser and this version."""
    try:
        entry = _read_index(folder / MODEL_FOLDER / INDEX)
    except InputError:
        return True
    return bool(entry['format'] == FORMATS[recognizer_kind(recognizer)])


def trained_false_accept(folder: Path) -> float | None:
    """Return the false-accept rate of a people folder's model, None without a good one."""
    try:
        return float(_read_index(folder / MODEL_FOLDER / INDEX)['calibration']['false_accept'])
    except InputError:
        return None


def _files(folder: Path) -> list[Path]:
    """Return all images of all people."""
    return [path for _, home in named_folders(list_people_folder(folder), [])
            for path in face_files(home, [])]


def _digest(folder: Path, files: list[Path]) -> str:
    """Return the SHA-256 of the names and contents of images."""
    total = hashlib.sha256()
    for path in files:
        content = hashlib.sha256(read_file(path)).hexdigest()
        total.update(f'{path.relative_to(folder).as_posix()}\n{content}\n'.encode())
    return total.hexdigest()


def _write(home: Path, recognizer: TrainedRecognizer, counts: list[int], digest: str) -> None:
    """Write the recogniser's file, then the index, which makes it count; remove older files."""
    home.mkdir(mode=0o700, exist_ok=True)
    kind = kind_of(recognizer)
    name = _file_name(kind, digest)
    content = content_of(recognizer)
    write_private(home / name, content)
    entry = {'format': FORMATS[kind], 'digest': digest, 'file': name,
             'sha256': hashlib.sha256(content).hexdigest(),
             'people': [{'name': person, 'pictures': count, 'templates': templates}
                        for person, count, templates in zip(
                            recognizer.names, counts, recognizer.template_counts, strict=True)],
             'calibration': {key: value if math.isfinite(value) else None
                             for key, value in asdict(recognizer.calibration).items()}}
    text = json.dumps(entry, indent=2, ensure_ascii=False) + '\n'
    write_private(home / INDEX, text.encode())
    _remove_files(home, keep=name)


def _remove_files(home: Path, keep: str) -> None:
    """Remove recognisers' files but one, and unfinished ones; the index too where none is kept."""
    if not home.is_dir():
        return
    if not keep:
        (home / INDEX).unlink(missing_ok=True)
    ours = [_file_name(kind, '*') for kind in SUFFIXES]
    for path in [file for name in (*ours, f'{PART}*') for file in home.glob(name)]:
        if path.name != keep:
            path.unlink(missing_ok=True)
    sync_folder(home)


def _file_name(kind: str, digest: str) -> str:
    """Return the name of a recogniser's file."""
    return f'{kind}-{digest[:16]}{SUFFIXES[kind]}'


def _read_index(path: Path) -> dict[str, Any]:
    """Return the index of a model.

    Raises:
        InputError: if it is broken.
    """
    content = read_file(path, 'the model of the people', most_bytes=MOST_BYTES)
    try:
        entry = parse_json(content)
        str(entry['sha256'] + entry['digest']), entry['format']
        names = [_file_name(kind, entry['digest']) for kind in SUFFIXES]
        if entry['file'] not in names:
            raise ValueError('the name of its file')
        [(str(person['name']), int(person['templates'])) for person in entry['people']]
        float(ThresholdCalibration(**entry['calibration']).false_accept)
    except (ValueError, TypeError, KeyError) as error:
        raise _broken(path, f'{type(error).__name__}: {error}') from None
    return dict(entry)


def _read(index: Path, entry: dict[str, Any]) -> TrainedRecognizer:
    """Return the recogniser that an index describes.

    Raises:
        InputError: if its file is missing or broken.
    """
    path = index.with_name(entry['file'])
    content = read_file(path, 'the model of the people')
    if hashlib.sha256(content).hexdigest() != entry['sha256']:
        raise _broken(path, 'it is not what was written')
    calibration: dict[str, Any] = {key: math.nan if value is None else value
                                   for key, value in entry['calibration'].items()}
    try:
        return recognizer_from(path, entry['people'], ThresholdCalibration(**calibration))
    except (cv2.error, TypeError, ValueError) as error:
        raise _broken(path, str(error).splitlines()[0]) from None


def _broken(path: Path, reason: str) -> InputError:
    """Return the error for a file that is no model."""
    return InputError(f'the model file {path} is broken ({reason}); run "emorec faces train" to '
                      'make it anew from the images')
