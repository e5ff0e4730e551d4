# SPDX-License-Identifier: Apache-2.0
"""Writes files whole or not at all."""

import json
import os
from pathlib import Path
from typing import Any


def write_text(path: Path, text: str) -> None:
    """Write `text`, replacing what is there in one step."""
    temporary = path.with_name(f'.{path.name}.tmp')
    temporary.write_text(text, encoding='utf-8')
    os.replace(temporary, path)


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, replacing what is there in one step."""
    write_text(path, json.dumps(value, indent=2) + '\n')
