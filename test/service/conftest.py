# SPDX-License-Identifier: Apache-2.0
"""A service that answers in this process, and a picture to send to it."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from service.picture_files import encode
from service.postgresql import postgresql  # noqa: F401

Serve = Callable[..., Any]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that starts a service with the settings given and returns its client."""
    pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
    from emorec_service.web.app import make_app
    from emorec_service.settings import Settings
    from starlette.testclient import TestClient
    clients: list[TestClient] = []

    def start(db: str = f'sqlite:///{tmp_path}/results.db', **settings: Any) -> TestClient:
        app = make_app(Settings(db, **{'workers': 1, **settings}))
        client = TestClient(app, base_url='http://127.0.0.1:5000', raise_server_exceptions=False)
        client.__enter__()
        clients.append(client)
        return client
    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve: Serve) -> Any:
    """Return the client of a service with the settings of `emorec serve`."""
    return serve()


@pytest.fixture(scope='session')
def portrait(astronaut: np.ndarray) -> bytes:
    """Return the astronaut's head as a JPEG file, 240x240."""
    return encode('.jpg', astronaut[:240, 100:340])
