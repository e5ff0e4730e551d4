# SPDX-License-Identifier: Apache-2.0
"""Results of parts that outlive a run which does not end."""

from __future__ import annotations

from pathlib import Path
import shutil

from emorec_vision.errors import InputError
from emorec_vision.files.access import make_folder
from emorec_vision.files.access import write_json
from emorec_vision.files.json_text import read_json
from emorec_vision.video_parts.part import key_of
from emorec_vision.video_parts.part import Part
from emorec_vision.video_parts.part import Recipe
from emorec_vision.video_parts.reading import PartRows


class KeptParts:
    """The results of parts in a folder, by all that they depend on.

    Args:
        folder: made when the first result is kept.
        recipe: how the parts are read.
    """

    def __init__(self, folder: Path, recipe: Recipe) -> None:
        self._folder = folder
        self._recipe = recipe

    def get(self, part: Part) -> PartRows | None:
        """Return the result of a part; None where there is none that can be used."""
        try:
            return PartRows(**read_json(self._path(part)))
        except (InputError, TypeError):
            return None

    def keep(self, part: Part, rows: PartRows) -> None:
        """Keep a result.

        Raises:
            InputError: if it cannot be written.
        """
        make_folder(self._folder, 0o700)
        write_json(self._path(part), rows.to_dict())

    def remove(self) -> None:
        """Remove all of them."""
        shutil.rmtree(self._folder, ignore_errors=True)

    def _path(self, part: Part) -> Path:
        return self._folder / f'{key_of(part, self._recipe)}.json'
