# SPDX-License-Identifier: Apache-2.0
"""Writes files whole or not at all."""

from collections.abc import Iterator
import contextlib
import json
import os
from pathlib import Path
from typing import Any


@contextlib.contextmanager
def replace(path: Path) -> Iterator[Path]:
    """Give a temporary name of the same suffix, and move what was written there to `path`.

    When the context ends with an exception, what is at `path` stays as it was.
    """
    temporary = path.with_name(f'.tmp-{path.name}')
    try:
        yield temporary
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write `text`, replacing what is there in one step."""
    with replace(path) as temporary:
        temporary.write_text(text, encoding='utf-8')


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, replacing what is there in one step."""
    write_text(path, json.dumps(value, indent=2) + '\n')
