# SPDX-License-Identifier: Apache-2.0
"""A store on SQLite, and one on a PostgreSQL server of our own."""

from pathlib import Path

import pytest


@pytest.fixture(params=['sqlite', 'postgresql'])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of an empty store."""
    if request.param == 'sqlite':
        return f'sqlite:///{tmp_path}/results.db'
    url: str = request.getfixturevalue('postgresql')
    return url
