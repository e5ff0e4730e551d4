# SPDX-License-Identifier: Apache-2.0
"""A service that answers in this process, and pictures to send to it."""

from collections.abc import Callable
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip('fastapi', reason='the packages of requirements/serve.txt are needed')
from emorec_service.app import make_app  # noqa: E402
from emorec_service.settings import Settings  # noqa: E402
from starlette.testclient import TestClient  # noqa: E402

Serve = Callable[..., TestClient]


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Return a function that starts a service with the settings given and returns its client."""
    clients: list[TestClient] = []

    def start(db: str = f'sqlite:///{tmp_path}/results.db', **settings: Any) -> TestClient:
        app = make_app(Settings(db, **{'workers': 1, **settings}))
        client = TestClient(app, base_url='http://127.0.0.1:5000')
        client.__enter__()
        clients.append(client)
        return client
    yield start
    for client in clients:
        client.__exit__(None, None, None)


@pytest.fixture
def client(serve: Serve) -> TestClient:
    """Return the client of a service with the settings of `emorec serve`."""
    return serve()


@pytest.fixture(scope='session')
def portrait(astronaut: np.ndarray) -> bytes:
    """Return the astronaut as a JPEG file."""
    return encode('.jpg', astronaut)


def encode(suffix: str, rgb: np.ndarray) -> bytes:
    """Return a picture file's bytes; gray (H, W), RGB or RGBA, uint8 or uint16."""
    if rgb.ndim == 3:
        code = cv2.COLOR_RGB2BGR if rgb.shape[2] == 3 else cv2.COLOR_RGBA2BGRA
        rgb = cv2.cvtColor(rgb, code)
    done, data = cv2.imencode(suffix, rgb)
    assert done
    return data.tobytes()
