# SPDX-License-Identifier: Apache-2.0
"""A PostgreSQL server of the tests' own."""

from collections.abc import Iterator
import os
from pathlib import Path
import pwd
import shutil
import socket
import subprocess
import tempfile

import pytest


def programs() -> Path | None:
    """Return the folder of PostgreSQL's server programs."""
    folders = sorted(Path('/usr/lib/postgresql').glob('*/bin'))
    found = shutil.which('initdb')
    return Path(found).parent if found else folders[-1] if folders else None


@pytest.fixture(scope='session')
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
