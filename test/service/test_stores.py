# SPDX-License-Identifier: Apache-2.0
"""The store on SQLite and on PostgreSQL."""

from collections.abc import Iterator
import os
from pathlib import Path
import pwd
import shutil
import socket
import sqlite3
import subprocess
import tempfile

from emorec_vision.errors import InputError
import numpy as np
import pytest

pytest.importorskip('sqlalchemy', reason='the packages of requirements/serve.txt are needed')
pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.database import open_database  # noqa: E402, I100
from emorec_service.picture_header import PictureHeader  # noqa: E402
from emorec_service.pictures import Picture  # noqa: E402
from emorec_service.store import Filter  # noqa: E402
from emorec_service.store import Store  # noqa: E402
from emorec_vision.emotion.stills import StillFace  # noqa: E402
from emorec_vision.emotions import EMOTIONS  # noqa: E402
from emorec_vision.geometry import Box  # noqa: E402

PICTURE = Picture(b'data', PictureHeader('image/png', 9, 8), np.zeros((8, 9, 3), np.uint8))


def face(emotion: str, share: float) -> StillFace:
    """Return a face that shows an emotion and nothing else."""
    shares = {name: share if name == emotion else 0.0 for name in EMOTIONS}
    return StillFace(Box(1, 2, 3, 4), np.zeros((48, 48), np.uint8), shares)


def programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs."""
    folders = sorted(Path('/usr/lib/postgresql').glob('*/bin'))
    found = shutil.which('initdb')
    return Path(found).parent if found else folders[-1] if folders else None


@pytest.fixture(scope='module')
def postgresql() -> Iterator[str]:
    """Start a server of our own and return its URL."""
    pytest.importorskip('psycopg', reason='no driver of PostgreSQL')
    folder = programs()
    if folder is None:
        pytest.skip('the server of PostgreSQL is not installed')
    as_user = {}
    if os.geteuid() == 0:  # the server refuses to run as root
        try:
            as_user = {'user': pwd.getpwnam('postgres').pw_uid}
        except KeyError:
            pytest.skip('PostgreSQL needs a user other than root')
    with tempfile.TemporaryDirectory() as base, socket.create_server(('127.0.0.1', 0)) as probe:
        port = probe.getsockname()[1]
        probe.close()
        if as_user:
            os.chown(base, as_user['user'], -1)

        def call(*command: str) -> None:
            subprocess.run([str(folder / command[0]), *command[1:]], check=True, cwd=base,
                           stdout=subprocess.DEVNULL, **as_user)
        call('initdb', '-D', f'{base}/data', '-U', 'emorec', '-A', 'trust', '-N')
        call('pg_ctl', '-D', f'{base}/data', '-w', '-l', f'{base}/log', '-o',
             f'-p {port} -k {base} -c listen_addresses=127.0.0.1 -c fsync=off', 'start')
        try:
            yield f'postgresql://emorec@127.0.0.1:{port}/postgres'
        finally:
            call('pg_ctl', '-D', f'{base}/data', '-m', 'immediate', 'stop')


@pytest.fixture(params=['sqlite', 'postgresql'])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty store."""
    if request.param == 'sqlite':
        return f'sqlite:///{tmp_path}/results.db'
    url: str = request.getfixturevalue('postgresql')
    return url


def test_a_store_gives_back_what_it_was_given_also_after_a_restart(url):
    store = Store(url)
    store.delete_all()
    first = store.add(PICTURE, [face('Happy', 0.7), face('Sad', 1 / 3)], 'Zoë 雪.png', 0.5)
    second = store.add(PICTURE, [], '', 0.1)
    store.close()
    again = Store(url)
    rows = again.page(Filter(), 10)
    assert [row.id for row in rows] == [second.id, first.id]
    assert (rows[1].file_name, rows[1].threshold, rows[1].received) == (
        'Zoë 雪.png', 0.5, first.received)
    assert [each.probabilities['Sad'] for each in rows[1].faces] == [0.0, 0.333333]
    assert (rows[1].faces[0].x, rows[1].faces[0].height) == (1, 4)
    assert [row.id for row in again.every(Filter())] == [first.id, second.id]
    again.close()


def test_an_emotion_counts_from_its_picture_s_threshold_on(url):
    store = Store(url)
    store.delete_all()
    ids = [store.add(PICTURE, [face('Fear', share)], '', 0.3).id for share in (0.29, 0.3, 0.31)]
    assert [row.id for row in store.page(Filter('Fear'), 10)] == ids[:0:-1]
    assert store.count(Filter('Happy')) == 0
    moment = store.get(ids[1]).received
    assert [row.id for row in store.page(Filter(since=moment), 10)] == ids[:0:-1]
    assert [row.id for row in store.page(Filter(until=moment), 10)] == ids[:1]
    assert store.delete(ids[0]) and not store.delete(ids[0])
    assert store.delete_all() == 2
    store.close()


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
