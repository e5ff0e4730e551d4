# SPDX-License-Identifier: Apache-2.0
"""What is known of the faces of known people, as a small file in each one's folder.

FOLDER/NAME/expressions.json holds, for each emotion model by a digest of its statistics, the face
at rest and the expressions that were learnt, as offsets of the centred logits of its labels.
"""

from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import contextmanager
import hashlib
import json
from math import isfinite
import os
from pathlib import Path
from typing import Any

from emorec_vision.emotion.expression_space import ExpressionSpace
from emorec_vision.emotion.expression_space import KEY
from emorec_vision.emotion.model import EmotionModel
from emorec_vision.emotion.person_rests import Known
from emorec_vision.emotion.rest import LONGEST
from emorec_vision.emotion.rest import Rest
from emorec_vision.errors import InputError
from emorec_vision.files.access import one_line_errors
from emorec_vision.files.access import read_file
from emorec_vision.files.access import write_private
from emorec_vision.files.folder_lock import locked
from emorec_vision.files.json_text import parse_json
from emorec_vision.files.whole_file import sync_folder
from emorec_vision.people.folder import PeopleFolder
import numpy as np

FILE = 'expressions.json'
VERSION = 1
MOST_BYTES = 1 << 18
MOST_MODELS = 8
"""Kept side by side; the one that was not written for longest goes first."""
FARTHEST = 1000.0
"""Largest offset of a logit that is believed."""
PATIENCE_S = 2.0
"""How long to wait for another program that changes the folder, s."""


class ExpressionFiles:
    """The rests and expressions of the people in a folder, as one model sees them.

    Only who has a folder has a file, and only its owner may read it. It goes and is renamed with
    the person. Numbers of another model are kept, and not read.

    Args:
        folder: of the people; need not be there.
        model: with a space.
    """

    def __init__(self, folder: Path, model: EmotionModel) -> None:
        assert model.space is not None
        self._people = PeopleFolder(folder)
        self._space: ExpressionSpace = model.space
        self._labels = model.labels
        self._key = hashlib.sha256(model.description[KEY].encode()).hexdigest()[:16]

    def require(self, name: str) -> None:
        """Raise InputError unless there is such a person."""
        self._people.require(name)

    def read(self, name: str) -> Known | None:
        """Return what is stored of a person, None if nothing is.

        Raises:
            InputError: if it cannot be read.
        """
        path = self._path(name)
        return None if path is None else self._known(path, _models_in(path))

    def read_all(self, warn: Callable[[str], None]) -> dict[str, Known]:
        """Return what is stored of everybody, by name; `warn` is told of what cannot be read."""
        found = {}
        try:
            for name in self._people.names():
                try:
                    known = self.read(name)
                    found.update({} if known is None else {name: known})
                except InputError as error:
                    warn(str(error))
        except InputError as error:
            warn(str(error))
        return found

    def write_rest(self, name: str, rest: Rest) -> Known | None:
        """Write a person's face at rest; return what is stored then, None of a stranger.

        Raises:
            InputError: if the file cannot be read or written.
        """
        return self._write(name, rest, None)

    def write_learnt(self, name: str, rest: Rest,
                     expressions: Mapping[str, np.ndarray | None]) -> Known | None:
        """Write what a person showed when asked; return what is stored then, None of a stranger.

        Args:
            name: of the person.
            rest: the face at rest.
            expressions: offsets from it, (D,), by label; None deletes one, the others are kept.

        Raises:
            InputError: if the file cannot be read or written.
        """
        return self._write(name, rest, expressions)

    def forget(self, name: str, labels: Sequence[str] = ()) -> bool:
        """Delete expressions of a person, or the whole file without labels; tell if it was there.

        Raises:
            InputError: if that cannot be done, or there is no such person.
        """
        self._people.require(name)
        with self._changing(name) as path:
            if path is None or not os.path.lexists(path):
                return False
            if not labels:
                path.unlink()
                sync_folder(path.parent)
                return True
            models = _models_in(path)
            dropped = [entry['expressions'].pop(label) for entry in models.values()
                       for label in set(labels) & entry['expressions'].keys()]
            self._store(path, models)
            return bool(dropped)

    def _write(self, name: str, rest: Rest,
               expressions: Mapping[str, np.ndarray | None] | None) -> Known | None:
        with self._changing(name) as path:
            if path is None:
                return None
            models = _models_in(path)
            entry = models.pop(self._key, {'expressions': {}})
            stored = {} if entry.get('labels') != list(self._labels) else entry['expressions']
            for label, offset in (expressions or {}).items():
                stored.pop(label, None)
                if offset is not None:
                    stored[label] = self._numbers(offset)
            models[self._key] = {
                'labels': list(self._labels), 'seconds': round(rest.seconds, 3),
                'rest': self._numbers(rest.mean), 'expressions': stored}
            self._store(path, dict(list(models.items())[-MOST_MODELS:]))
            return self._known(path, models)

    @contextmanager
    def _changing(self, name: str) -> Iterator[Path | None]:
        """Be the only writer of the folder, and give the file of a person, None of a stranger."""
        if not self._people.homes_of(name):
            yield None
            return
        with (locked(self._people.path, 'people folder', PATIENCE_S),
              one_line_errors(f'cannot write what is known of the face of {name}')):
            yield self._path(name)

    def _path(self, name: str) -> Path | None:
        homes = self._people.homes_of(name)
        return homes[0] / FILE if homes else None

    def _store(self, path: Path, models: Mapping[str, Any]) -> None:
        content = json.dumps({'version': VERSION, 'models': models}, ensure_ascii=False)
        write_private(path, content.encode())

    def _numbers(self, offset: np.ndarray) -> list[float]:
        return [round(float(value), 5) for value in self._space.logits(offset)]

    def _known(self, path: Path, models: Mapping[str, Any]) -> Known | None:
        """Return what the file says for this model, None if nothing."""
        entry = models.get(self._key)
        if entry is None or entry['labels'] != list(self._labels):
            return None
        rest = Rest(self._space, entry['seconds'], self._space.offsets(np.array(entry['rest'])))
        expressions = self._space.expressions.copy()
        for label, offset in entry['expressions'].items():
            expressions[self._labels.index(label)] = self._space.offsets(np.array(offset))
        return Known(rest, expressions if entry['expressions'] else None)


def _models_in(path: Path) -> dict[str, Any]:
    """Return what a file says of each model; nothing if there is no file.

    Raises:
        InputError: if it says anything else.
    """
    try:
        if path.is_symlink():
            raise ValueError('it is a link')
        if not path.exists():
            return {}
        whole = parse_json(read_file(path, most_bytes=MOST_BYTES))
        if whole['version'] != VERSION:
            raise ValueError(f'its version is {str(whole["version"])[:20]}, not {VERSION}')
        models: dict[str, Any] = whole['models']
        if len(models) > MOST_MODELS:
            raise ValueError(f'it has more than {MOST_MODELS} models')
        for entry in models.values():
            _check(entry)
        return models
    except (KeyError, TypeError, AttributeError):
        reason = 'something is missing in it'
    except json.JSONDecodeError:
        reason = 'it is no JSON'
    except (ValueError, InputError) as error:
        reason = str(error)
    raise InputError(f'{path} is not read: {reason}; "emorec faces expressions NAME --forget" '
                     'deletes it')


def _check(entry: Any) -> None:
    """Check what a file says of one model.

    Raises:
        ValueError: if it is nonsense; so do KeyError, TypeError and AttributeError.
    """
    labels, seconds = entry['labels'], entry['seconds']
    if not all(isinstance(label, str) for label in labels):
        raise ValueError('its labels are none')
    if not 0 <= seconds <= LONGEST:
        raise ValueError(f'{str(seconds)[:20]} seconds of rest')
    if not entry['expressions'].keys() <= set(labels):
        raise ValueError('it has an expression that is none of its labels')
    for row in (entry['rest'], *entry['expressions'].values()):
        if len(row) != len(labels) or not all(
                type(value) in (int, float) and isfinite(value) and abs(value) <= FARTHEST
                for value in row):
            raise ValueError('its offsets are no numbers, or not one for each label')
