# SPDX-License-Identifier: Apache-2.0
"""Open the database that an SQLAlchemy URL names, ready for several threads."""

import os
from typing import Any

from emorec_service.store.tables import Base
from emorec_vision.errors import InputError
from emorec_vision.files.user_path import expand
from sqlalchemy import create_engine
from sqlalchemy import Engine
from sqlalchemy import event
from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError
from sqlalchemy.exc import IntegrityError
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.exc import SQLAlchemyError

SQLITE_PRAGMAS = ('journal_mode=WAL', 'synchronous=FULL', 'foreign_keys=ON', 'secure_delete=ON')
"""A commit has reached the disk, readers do not wait for writers, and what is deleted is
overwritten (https://sqlite.org/pragma.html)."""
BUSY_SECONDS = 30.0


def open_database(text: str) -> Engine:
    """Return an engine on a database whose tables are there and fit.

    Raises:
        InputError: if the URL is none, its driver is missing, the database does not answer, or
            holds tables of ours with other columns.
    """
    url = _parse(text)
    shown = url.render_as_string(hide_password=True)
    try:
        engine = _connect(url)
        _make_tables(engine)
        _check_columns(engine, shown)
    except ModuleNotFoundError as error:
        package = {'psycopg': 'psycopg[binary]'}.get(str(error.name), error.name)
        raise InputError(f'the store {shown} needs the Python package {package}: install it '
                         f'with pip install "{package}"') from None
    except (SQLAlchemyError, OSError) as error:
        raise InputError(f'cannot open the store {shown}: {first_line(error)}') from None
    return engine


def first_line(error: Exception) -> str:
    """Return what a database said, on one line."""
    said = str(getattr(error, 'orig', None) or error)
    return (said.strip().splitlines() or [type(error).__name__])[0]


def _parse(text: str) -> URL:
    """Return the URL; PostgreSQL is spoken to through psycopg unless it names another driver."""
    try:
        url = make_url(text)
        name = url.database or ''
        if url.get_backend_name() == 'sqlite' and (name.startswith('~') or '$' in name):
            url = url.set(database=str(expand(name)))
        url.get_dialect()
    except ModuleNotFoundError:
        pass  # said when it connects
    except (ArgumentError, SQLAlchemyError, ValueError):
        raise InputError('--db is no URL that SQLAlchemy knows: give for instance '
                         'sqlite:///results.db or postgresql://user@host/name') from None
    if url.drivername == 'postgresql':
        url = url.set(drivername='postgresql+psycopg')
    if url.get_backend_name() == 'sqlite' and url.database in (None, '', ':memory:'):
        raise InputError('a store in memory is gone with the service: give a file, '
                         'sqlite:///results.db')
    return url


def _connect(url: URL) -> Engine:
    """Return an engine, with SQLite told to be safe; its new file is for this user only."""
    if url.get_backend_name() != 'sqlite':
        return create_engine(url, pool_pre_ping=True, pool_size=10)
    if not str(url.database).startswith('file:'):
        os.close(os.open(str(url.database), os.O_CREAT | os.O_RDWR, 0o600))
    engine = create_engine(url, connect_args={'timeout': BUSY_SECONDS}, pool_size=10)

    @event.listens_for(engine, 'connect')
    def prepare(connection: Any, record: Any) -> None:
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f'PRAGMA {pragma}').close()
    return engine


def _make_tables(engine: Engine) -> None:
    """Make the tables that are missing, while other services may be doing the same.

    A database tells the one that comes second that a table is there, in words of its own. What is
    there by then is not made again, so each try after the first has less to make.
    """
    second: tuple[type[Exception], ...] = (IntegrityError, ProgrammingError)
    if engine.dialect.name == 'sqlite':
        second = (*second, OperationalError)
    for _ in Base.metadata.tables:
        try:
            return Base.metadata.create_all(engine)
        except second:
            pass
    Base.metadata.create_all(engine)


def _check_columns(engine: Engine, shown: str) -> None:
    """Raise InputError when a table is there in another form."""
    inspector = inspect(engine)
    for name, table in Base.metadata.tables.items():
        there = {column['name'] for column in inspector.get_columns(name)}
        if there != {column.name for column in table.columns}:
            raise InputError(f'the store {shown} has a table {name} of another version of '
                             'emorec: give another --db')
