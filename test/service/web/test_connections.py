# SPDX-License-Identifier: Apache-2.0
"""Clients that are slow or many: a service with short limits, and sockets to it."""

from collections.abc import Callable
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
import socket
from threading import Thread
from typing import Any

import numpy as np
from patience import PATIENCE
from patience import wait_until
import pytest
from service.picture_files import encode
from service.processes import Served

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
httpx2 = pytest.importorskip('httpx2', reason='requirements/test.txt is needed')
from emorec_service.settings import Settings  # noqa: E402, I100
from emorec_service.web.listening import listen  # noqa: E402
from emorec_service.web.server import make_server  # noqa: E402
import uvicorn  # noqa: E402

LONG = 1000.0
HALF = b'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: '
HEALTH = b'GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n'
Start = Callable[..., uvicorn.Server]


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Return a function that runs a service in a thread and returns it."""
    with ExitStack() as stack:
        def run(**limits: Any) -> uvicorn.Server:
            seconds = {'header_seconds': LONG, 'upload_seconds': LONG, 'send_seconds': LONG}
            settings = Settings(f'sqlite:///{tmp_path}/results.db', workers=1,
                                **{**seconds, **limits})
            listener = stack.enter_context(listen('127.0.0.1', 0))
            server = make_server(settings)
            thread = Thread(target=server.run, kwargs={'sockets': [listener]})
            thread.start()
            stack.callback(thread.join)
            stack.callback(setattr, server, 'should_exit', True)
            wait_until(lambda: server.started)
            return server
        yield run


def port_of(service: uvicorn.Server) -> int:
    """Return what a service listens on."""
    return int(service.servers[0].sockets[0].getsockname()[1])


def connect(port: int) -> socket.socket:
    """Return a connection to the service."""
    return socket.create_connection(('127.0.0.1', port), PATIENCE)


def rest(connection: socket.socket, bytes_meanwhile: bytes = b'') -> bytes:
    """Return what comes until the service closes; one byte a moment is sent meanwhile."""
    got = b''
    connection.settimeout(0.05 if bytes_meanwhile else PATIENCE)
    while True:
        try:
            part = connection.recv(2**16)
        except TimeoutError:
            part = None
        except ConnectionError:
            return got
        if part == b'':
            return got
        got += part or b''
        try:
            connection.sendall(bytes_meanwhile)
        except ConnectionError:
            bytes_meanwhile = b''
            connection.settimeout(PATIENCE)


@pytest.mark.parametrize('trickle', [b'', b'x'], ids=['silence', 'trickle'])
@pytest.mark.parametrize('before', [b'', HEALTH + b'\r\n'], ids=['first', 'second'])
def test_headers_have_to_come_in_time(start, before, trickle):
    with connect(port_of(start(header_seconds=0.3))) as connection:
        connection.sendall(before)
        got = b''
        while before and not got.endswith(b'}'):
            got += connection.recv(2**16)
        assert got.startswith(b'HTTP/1.1 200') == bool(before)
        connection.sendall(HALF)
        assert rest(connection, trickle).startswith(b'HTTP/1.1 408 ')


def test_a_connection_that_says_nothing_is_closed(start):
    with connect(port_of(start(header_seconds=0.3))) as connection:
        assert rest(connection) == b''


@pytest.mark.parametrize('path', [b'/health', b'/pictures'])
def test_a_body_has_to_come_in_time_where_it_is_not_wanted_too(start, path):
    with connect(port_of(start(upload_seconds=0.3))) as connection:
        connection.sendall(b'POST ' + path + b' HTTP/1.1\r\nHost: 127.0.0.1\r\n'
                           b'Content-Type: multipart/form-data; boundary=x\r\n'
                           b'Content-Length: 100000\r\n\r\n')
        rest(connection, b'x')


def test_an_answer_has_to_be_taken_in_time(start, tmp_path):
    service = start(send_seconds=0.5, pictures=tmp_path / 'kept')
    port = port_of(service)
    picture = encode('.bmp', np.zeros((3000, 3000, 3), np.uint8))
    reply = httpx2.post(f'http://127.0.0.1:{port}/pictures', files={'image': ('a', picture)},
                        timeout=PATIENCE)
    assert reply.status_code == 201
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(('127.0.0.1', port))
        connection.sendall(b'GET /pictures/1/image HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
        connection.recv(1)
        wait_until(lambda: not service.server_state.connections, lambda: 'it waits for ever')


def test_who_asks_goes_before_who_waits(start):
    port = port_of(start(connections=10))
    with ExitStack() as stack:
        idle = [stack.enter_context(connect(port)) for _ in range(30)]
        for each in idle[:5]:
            each.sendall(HALF)
        for _ in range(3):
            assert httpx2.get(f'http://127.0.0.1:{port}/health', timeout=PATIENCE
                              ).status_code == 200
        assert rest(idle[0]) == b''


def test_where_all_are_at_work_a_new_one_is_told(start):
    port = port_of(start(connections=3))
    with ExitStack() as stack:
        for _ in range(3):
            busy = stack.enter_context(connect(port))
            busy.sendall(b'POST /index HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 9\r\n'
                         b'Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n')
            assert busy.recv(2**16).startswith(b'HTTP/1.1 100')
        assert rest(stack.enter_context(connect(port))).startswith(b'HTTP/1.1 503 ')


def test_many_idle_and_many_broken_clients_neither_silence_it_nor_fill_its_log(tmp_path):
    with Served(tmp_path, most_files=250) as served, ExitStack() as stack:
        port = int(served.url.rpartition(':')[2])
        for _ in range(300):
            stack.enter_context(connect(port))
        for _ in range(50):
            with connect(port) as broken:
                broken.sendall(b'\0\1\2\r\n\r\n')
                assert rest(broken).startswith(b'HTTP/1.1 400')
        reply = httpx2.get(f'{served.url}/health', headers=served.headers, timeout=PATIENCE)
        assert reply.status_code == 200
        assert served.end() == 0
    lines = served.log.splitlines()
    assert len(lines) == 3, served.log[:2000]
    assert lines[1].endswith('Invalid HTTP request received.')
    assert lines[2].endswith('Invalid HTTP request received. (49 more)')
