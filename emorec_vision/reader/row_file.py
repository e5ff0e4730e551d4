# SPDX-License-Identifier: Apache-2.0
"""Readings as a file for spreadsheets and pandas: CSV, or Parquet."""

from __future__ import annotations

from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from contextlib import ExitStack
import csv
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.files.access import replace

CSV, PARQUET = SUFFIXES = ('.csv', '.parquet')
COLUMNS = ('file', 'time', 'track_id', 'person', 'x', 'y', 'width', 'height', 'emotion',
           'probability', 'sure', 'confirmed', 'held', 'adapted', 'distance', 'seen')
"""Before one column for each emotion; what an image alone does not tell is left empty."""
DIGITS = 6


class _Abandoned(Exception):
    pass


class RowFile:
    """One row per face and image, put in place as a whole when the with statement ends.

    Ctrl-C ends it too, with the rows so far, as does a reader of the output that has gone; after
    any other error the file is as it was.

    Args:
        path: .csv, or .parquet where pandas and pyarrow are installed.
        emotions: names of the columns behind COLUMNS.

    Raises:
        InputError: for another suffix, a missing library, or a file that cannot be written.

    Attributes:
        rows: how many were written.
    """

    def __init__(self, path: Path, emotions: Sequence[str]) -> None:
        if path.suffix.lower() not in SUFFIXES:
            raise InputError(f'{path} is no table: give a name that ends in '
                             f'{" or ".join(SUFFIXES)}')
        missing = [name for name in ('pandas', 'pyarrow') if find_spec(name) is None]
        if path.suffix.lower() == PARQUET and missing:
            raise InputError(f'{path}: {" and ".join(missing)} is not installed, without which '
                             f'there is only .csv: pip install {" ".join(missing)}')
        self.rows = 0
        self._columns = (*COLUMNS, *emotions)
        self._path = path
        self._closing = ExitStack()
        self._write: Callable[[Mapping[str, Any]], None]

    def __enter__(self) -> RowFile:
        """Open the file under a temporary name."""
        with ExitStack() as opening:
            place = opening.enter_context(replace(self._path))
            if self._path.suffix.lower() == PARQUET:
                kept: list[Mapping[str, Any]] = []
                self._write = kept.append
                opening.push(lambda kind, *_: None if kind else _write_parquet(
                    place, kept, self._columns))
            else:
                file = opening.enter_context(place.open('w', encoding='utf-8', newline=''))
                writer = csv.DictWriter(file, self._columns, extrasaction='ignore')
                writer.writeheader()
                self._write = writer.writerow
            self._closing = opening.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None,
                 traceback: TracebackType | None) -> None:
        """Put the file in place, or remove it."""
        if kind is None or issubclass(kind, (KeyboardInterrupt, BrokenPipeError)):
            self._closing.close()
        else:  # whatever it is, it is no error of this file
            self._closing.__exit__(_Abandoned, _Abandoned(), None)

    def add(self, row: Mapping[str, Any]) -> None:
        """Add what a reading's `to_dict` returns, with 'file' where there are several."""
        self._write({name: _plain(value) for name, value in row.items()})
        self.rows += 1


def _plain(value: Any) -> Any:
    """Return a value as a table has it: few digits, and 1 or 0 for yes or no."""
    if isinstance(value, bool):
        return int(value)
    return round(value, DIGITS) if isinstance(value, float) else value


def _write_parquet(path: Path, rows: list[Mapping[str, Any]], columns: Sequence[str]) -> None:
    frame = import_module('pandas').DataFrame(rows, columns=list(columns))
    frame.to_parquet(path, index=False)
