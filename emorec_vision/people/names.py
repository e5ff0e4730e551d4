# SPDX-License-Identifier: Apache-2.0
"""Any name of a person as the name of a folder, and back."""

from collections.abc import Iterator
import os
from pathlib import Path
import unicodedata
from urllib.parse import quote
from urllib.parse import unquote

from emorec_vision.errors import InputError

MAX_BYTES = 255
"""What file systems of Linux take as one name."""
ENCODED = frozenset('%/\\:*?"<>|')
"""Path separators, the sign of the encoding itself, and what FAT and NTFS do not take."""


def plain_name(name: str) -> str:
    """Return a person's name as it is kept: in Unicode's composed form, no space around it.

    Raises:
        InputError: if the name is empty, or not text that can be shown on one line.
    """
    composed = unicodedata.normalize('NFC', name).strip()
    if not composed:
        raise InputError('the name is empty; give the person a name')
    if any(unicodedata.category(character) in ('Cc', 'Cs', 'Zl', 'Zp') for character in composed):
        raise InputError(f'the name {name!r} holds a line break or another control character; '
                         'leave it out')
    return composed


def folder_name(name: str) -> str:
    """Return the folder of a person, below the people folder and nowhere else.

    What cannot stand in a file name, and a dot in front, is percent-encoded as in RFC 3986.

    Raises:
        InputError: if the name is empty, too long, or not text on one line.
    """
    plain = plain_name(name)
    encoded = ''.join(_percent(character) if character in ENCODED else character
                      for character in plain)
    if encoded.startswith('.'):
        encoded = '%2E' + encoded[1:]
    size = len(encoded.encode())
    if size > MAX_BYTES:
        raise InputError(f'the name {plain[:20]}... is too long: it makes a folder name of {size} '
                         f'bytes, and {MAX_BYTES} are allowed')
    return encoded


def person_name(folder: str) -> str:
    """Return whose folder this is; a folder made by hand is called as it is.

    Raises:
        InputError: if that is no name.
    """
    try:
        return plain_name(unquote(folder, errors='strict'))
    except (InputError, UnicodeDecodeError):
        return plain_name(folder)


def named_folders(found: list[Path], warnings: list[str]) -> Iterator[tuple[str, Path]]:
    """Yield the people among the entries of a people folder: name and folder, sorted.

    Args:
        found: what is in the people folder.
        warnings: what is left out is added here, one line each.
    """
    for home in sorted(found):
        if home.name.startswith('.') or not os.path.isdir(home):
            continue
        if os.fsencode(home.name).decode(errors='replace') != home.name:
            warnings.append(f'the folder {os.fsencode(home.name)!r} is left out: its name is not '
                            'UTF-8')
        elif home.is_symlink():
            warnings.append(f'{home} is left out: it is a link; copy the folder itself')
        else:
            try:
                yield person_name(home.name), home
            except InputError as error:
                warnings.append(f'the folder {home.name!r} is left out: {error}')


def _percent(character: str) -> str:
    """Return the percent-encoding of a character, also of those that `quote` leaves alone."""
    return quote(character, safe='')
