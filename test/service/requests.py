# SPDX-License-Identifier: Apache-2.0
"""Requests that the tests send."""

import base64
from typing import Any

TOKEN = '0123456789abcdef0123'


def send(client: Any, data: bytes, name: str = 'portrait.jpg', **fields: Any) -> Any:
    """Post a picture as a form and return the reply."""
    return client.post('/pictures', files={'image': (name, data)}, data=fields)


def send_json(client: Any, data: bytes, **fields: Any) -> Any:
    """Post a picture as the original's client does and return the reply."""
    return client.post('/index', json={'image': base64.b64encode(data).decode(), **fields})
