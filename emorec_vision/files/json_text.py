# SPDX-License-Identifier: Apache-2.0
"""The one reader of JSON: whatever the text is, it gives values that can be worked with."""

import json
from pathlib import Path
from typing import Any

from emorec_vision.errors import InputError
from emorec_vision.files.access import read_file

MOST_BYTES = 32 * 2**20
DEEPEST = 64
MOST_DIGITS = 30
"""Of a whole number; float() refuses one of more than 308, Python itself of more than 4300."""


def parse_json(text: str | bytes) -> Any:
    """Return what a JSON text says.

    Raises:
        ValueError: if it is none, has more than MOST_BYTES, is nested deeper than DEEPEST, or has
            a whole number of more than MOST_DIGITS digits; on one line.
    """
    if len(text) > MOST_BYTES:
        raise ValueError(f'it has more than {MOST_BYTES} bytes')
    try:
        value = json.loads(text, parse_int=_whole_number)
    except RecursionError:
        raise ValueError(f'it is nested deeper than {DEEPEST}') from None
    level = [value]
    for _ in range(DEEPEST):
        level = [inner for each in level if isinstance(each, (dict, list))
                 for inner in (each.values() if isinstance(each, dict) else each)]
        if not level:
            return value
    raise ValueError(f'it is nested deeper than {DEEPEST}')


def read_json(path: Path) -> Any:
    """Return what a JSON file says, as `parse_json` does.

    Raises:
        InputError: if it cannot be read, or `parse_json` refuses it.
    """
    content = read_file(path, most_bytes=MOST_BYTES)
    try:
        return parse_json(content)
    except ValueError as error:
        raise InputError(f'{path} is no JSON file that can be read: {error}') from None


def _whole_number(digits: str) -> int:
    """Return a number that is not too long."""
    if len(digits) > MOST_DIGITS:
        raise ValueError(f'a number in it has {len(digits)} digits')
    return int(digits)
