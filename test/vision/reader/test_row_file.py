# SPDX-License-Identifier: Apache-2.0
"""Tables of readings: whole files or none."""

import csv
import math
from pathlib import Path

from emorec_vision.errors import InputError
from emorec_vision.reader.row_file import RowFile
import pytest

ROW = {'time': 1 / 3, 'track_id': 'a-1', 'person': 'Ada, "the first"\n', 'sure': True,
       'distance': None, 'Happy': 0.25, 'score': 3.0}


def rows_in(path: Path) -> list[dict[str, str]]:
    """Return the rows of a file."""
    with path.open(newline='', encoding='utf-8') as file:
        return list(csv.DictReader(file))


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    """Rounded, unknown ones empty, and with a column for each emotion."""
    path = tmp_path / 'rows.csv'
    with RowFile(path, ['Happy', 'Sad']) as table:
        table.add(ROW)
        assert not path.exists(), 'it is put in place at the end'
    row, = rows_in(path)
    assert (row['time'], row['person'], row['sure']) == ('0.333333', ROW['person'], '1')
    assert (row['distance'], row['Happy'], row['Sad'], row['file']) == ('', '0.25', '', '')
    assert 'score' not in row and table.rows == 1


@pytest.mark.parametrize('error, there', [
    (KeyboardInterrupt, True), (BrokenPipeError, True), (OSError, False), (ValueError, False)])
def test_what_an_error_leaves(tmp_path: Path, error: type[BaseException], there: bool) -> None:
    """Ctrl-C keeps the rows so far; other errors keep the old file, and are told as they are."""
    path = tmp_path / 'rows.csv'
    path.write_text('before\n')
    with pytest.raises(error), RowFile(path, ['Happy']) as table:
        table.add(ROW)
        raise error
    assert (len(rows_in(path)) == 1 and path.read_text() != 'before\n') == there
    assert list(tmp_path.iterdir()) == [path]


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    """With those that can be written."""
    with pytest.raises(InputError, match=r'\.csv or \.parquet'):
        RowFile(tmp_path / 'rows.xlsx', [])


def test_a_folder_that_is_missing_is_told(tmp_path: Path) -> None:
    """In one line."""
    with pytest.raises(InputError, match='cannot write'), \
            RowFile(tmp_path / 'nowhere' / 'rows.csv', []):
        pass


def test_parquet_has_the_same_rows(tmp_path: Path) -> None:
    """Where pandas and pyarrow are installed."""
    pandas = pytest.importorskip('pandas')
    pytest.importorskip('pyarrow')
    path = tmp_path / 'rows.parquet'
    with RowFile(path, ['Happy']) as table:
        table.add(ROW)
    frame = pandas.read_parquet(path)
    assert frame.Happy.tolist() == [0.25] and math.isnan(float(frame.distance[0] or 'nan'))


def test_parquet_without_its_libraries_is_refused(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the command that installs them."""
    monkeypatch.setattr('emorec_vision.reader.row_file.find_spec', lambda name: None)
    with pytest.raises(InputError, match='pip install pandas pyarrow'):
        RowFile(tmp_path / 'rows.parquet', [])
