# SPDX-License-Identifier: Apache-2.0
"""Ids of faces and persons: letters, digits and underscores, the kind first."""

from hashlib import sha256
import re


def face_id(track_id: str) -> str:
    """Return the id of the face of a track; it ends with the track."""
    return f'f{_plain(track_id)}'


def anonymous_id(track_id: str) -> str:
    """Return the id of an unknown person, who is known by the track only."""
    return f'a{_plain(track_id)}'


def person_id(name: str) -> str:
    """Return the id of a known person, the same in every run and on every robot.

    It does not tell the name, and any name will do: it holds 32 bits of the name's SHA-256.
    """
    return f'p{sha256(name.encode()).hexdigest()[:8]}'


def id_in_view(track_id: str, name: str) -> str:
    """Return the id of the person whom a track shows, anonymous without a name."""
    return person_id(name) if name else anonymous_id(track_id)


def _plain(text: str) -> str:
    return re.sub(r'[^A-Za-z0-9]+', '_', text)
