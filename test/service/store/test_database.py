# SPDX-License-Identifier: Apache-2.0
"""Which databases are opened."""

import sqlite3

from emorec_vision.errors import InputError
import pytest

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.store.database import open_database  # noqa: E402, I100


def test_tables_of_another_version_are_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / 'old.db') as connection:
        connection.execute('CREATE TABLE emorec_pictures (id INTEGER, other TEXT)')
    with pytest.raises(InputError, match='another version'):
        open_database(f'sqlite:///{tmp_path}/old.db')
    (tmp_path / 'text.db').write_text('this is no database at all, only text' * 50)
    with pytest.raises(InputError, match='cannot open the store'):
        open_database(f'sqlite:///{tmp_path}/text.db')


def test_a_missing_driver_is_named():
    with pytest.raises(InputError, match='pip install|no URL'):
        open_database('mysql+pymysql://me@127.0.0.1/x')
